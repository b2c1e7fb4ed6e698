//! The pages, most of them guarded, each with a template in `templates/`.

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Html;
use monocloud_runtime::{Auth, Denied, Protect, Session, User, protect};

use crate::Group;
use crate::answers::not_allowed;
use crate::arrival::arrival;
use crate::calls::{CALLS, Call};
use crate::events::{Events, Happened};
use crate::places::{Place, place_at};

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    auth: Auth,
    user: Option<User>,
    at: &'static str,
    calls: &'static [Call],
}

/// What all guarded pages show, and what only one of them knows.
#[derive(Template)]
#[template(path = "guarded.html")]
struct Guarded {
    auth: Auth,
    user: User,
    at: &'static str,
    place: Option<&'static Place>,
    lead: &'static str,
    more: Option<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "events.html")]
struct Latest {
    auth: Auth,
    user: User,
    at: &'static str,
    events: Vec<Happened>,
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
pub(crate) async fn dashboard(auth: Auth, user: User, session: Session) -> Html<String> {
    let lead = "Only people who are signed in see this page.";
    let browser = arrival(&session).map(|arrival| ("Came with", arrival.browser));
    guarded(auth, user, "/dashboard", lead, browser)
}

#[protect(groups = ["admin"])]
pub(crate) async fn admin(auth: Auth, user: User) -> Html<String> {
    let lead = "You are an admin; everybody else gets 403 here.";
    guarded(auth, user, "/admin", lead, None)
}

#[protect(groups = [Group::Admin, Group::Editor], match_all = true)]
pub(crate) async fn staff(auth: Auth, user: User) -> Html<String> {
    let lead = "You are an admin and an editor; it takes both to be here.";
    guarded(auth, user, "/staff", lead, None)
}

/// The guard stands in the handler: what it asks for could come from a database.
pub(crate) async fn imperative(auth: Auth) -> Result<Html<String>, Denied> {
    let user = auth.protect(Protect::new().groups(["editor"])).await?;
    let lead = "You are an editor, as the handler found out by itself.";
    Ok(guarded(auth, user, "/imperative", lead, None))
}

#[protect(max_age = 60)]
pub(crate) async fn step_up(auth: Auth, user: User) -> Html<String> {
    let lead = "You proved who you are within the last minute.";
    guarded(auth, user, "/step-up", lead, None)
}

#[protect(acr_values = ["urn:showcase:second-factor"])]
pub(crate) async fn second_factor(auth: Auth, user: User, session: Session) -> Html<String> {
    let lead = "You proved who you are by a second factor; the embedded provider takes your word for it.";
    let acr = session.acr().map(|acr| ("Proof", acr.to_owned()));
    guarded(auth, user, "/second-factor", lead, acr)
}

#[protect(auth_params(prompt = "select_account"))]
pub(crate) async fn account(auth: Auth, user: User) -> Html<String> {
    let lead = "Who signs in for this page chooses the account, whoever the issuer knows.";
    guarded(auth, user, "/account", lead, None)
}

#[protect(groups = ["admin"], on_group_access_denied = not_allowed)]
pub(crate) async fn events(auth: Auth, user: User, Extension(events): Extension<Events>) -> Html<String> {
    page(&Latest {
        auth,
        user,
        at: "/events",
        events: events.latest(),
    })
}

pub(crate) async fn not_found(auth: Auth, user: Option<User>) -> (StatusCode, Html<String>) {
    (StatusCode::NOT_FOUND, page(&NotFound { auth, user, at: "" }))
}

pub(crate) fn guarded(
    auth: Auth,
    user: User,
    at: &'static str,
    lead: &'static str,
    more: Option<(&'static str, String)>,
) -> Html<String> {
    page(&Guarded {
        auth,
        user,
        at,
        place: place_at(at),
        lead,
        more,
    })
}

pub(crate) fn page(template: &impl Template) -> Html<String> {
    Html(
        template
            .render()
            .unwrap_or_else(|error| format!("the page could not be made: {error}")),
    )
}
