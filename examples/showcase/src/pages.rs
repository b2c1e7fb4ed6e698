//! The pages, most of them guarded, each with a template in `templates/`.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Html;
use monocloud_runtime::{Auth, Denied, Protect, User, protect};

use crate::Group;
use crate::calls::{CALLS, Call};

/// The guarded pages, for links to them: path, name, and what guards them.
pub(crate) const GUARDED: [(&str, &str, &str); 5] = [
    ("/dashboard", "Dashboard", "#[protect]"),
    ("/admin", "Admin", r#"#[protect(groups = ["admin"])]"#),
    (
        "/staff",
        "Staff",
        "#[protect(groups = [Group::Admin, Group::Editor], match_all = true)]",
    ),
    ("/step-up", "Step-up", "#[protect(max_age = 60)]"),
    (
        "/imperative",
        "Imperative",
        r#"auth.protect(Protect::new().groups(["editor"])).await?"#,
    ),
];

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    auth: Auth,
    user: Option<User>,
    at: &'static str,
    calls: &'static [Call],
}

/// What all guarded pages show.
#[derive(Template)]
#[template(path = "guarded.html")]
struct Guarded {
    auth: Auth,
    user: User,
    at: &'static str,
    lead: &'static str,
}

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFound {
    auth: Auth,
    user: Option<User>,
    at: &'static str,
}

pub(crate) async fn home(auth: Auth, user: Option<User>) -> Html<String> {
    page(&Home {
        auth,
        user,
        at: "/",
        calls: CALLS,
    })
}

#[protect]
pub(crate) async fn dashboard(auth: Auth, user: User) -> Html<String> {
    guarded(
        auth,
        user,
        "/dashboard",
        "Only people who are signed in see this page.",
    )
}

#[protect(groups = ["admin"])]
pub(crate) async fn admin(auth: Auth, user: User) -> Html<String> {
    guarded(
        auth,
        user,
        "/admin",
        "You are an admin; everybody else gets 403 here.",
    )
}

#[protect(groups = [Group::Admin, Group::Editor], match_all = true)]
pub(crate) async fn staff(auth: Auth, user: User) -> Html<String> {
    guarded(
        auth,
        user,
        "/staff",
        "You are an admin and an editor; it takes both to be here.",
    )
}

#[protect(max_age = 60)]
pub(crate) async fn step_up(auth: Auth, user: User) -> Html<String> {
    guarded(
        auth,
        user,
        "/step-up",
        "You proved who you are within the last minute.",
    )
}

/// The guard stands in the handler: what it asks for could come from a database.
pub(crate) async fn imperative(auth: Auth) -> Result<Html<String>, Denied> {
    let user = auth.protect(Protect::new().groups(["editor"])).await?;
    Ok(guarded(
        auth,
        user,
        "/imperative",
        "You are an editor, as the handler found out by itself.",
    ))
}

pub(crate) async fn not_found(auth: Auth, user: Option<User>) -> (StatusCode, Html<String>) {
    (StatusCode::NOT_FOUND, page(&NotFound { auth, user, at: "" }))
}

fn guarded(auth: Auth, user: User, at: &'static str, lead: &'static str) -> Html<String> {
    page(&Guarded { auth, user, at, lead })
}

fn page(template: &impl Template) -> Html<String> {
    Html(
        template
            .render()
            .unwrap_or_else(|error| format!("the page could not be made: {error}")),
    )
}
