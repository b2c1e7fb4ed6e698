//! The pages: a template each, in `templates/`. `auth` gives them the links to sign in and out.

use askama::Template;
use axum::response::Html;
use monocloud_runtime::{Auth, User};

pub(crate) fn page(template: &impl Template) -> Html<String> {
    Html(
        template
            .render()
            .unwrap_or_else(|error| format!("the page could not be made: {error}")),
    )
}

#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct Home {
    pub(crate) auth: Auth,
    pub(crate) user: Option<User>,
}

#[derive(Template)]
#[template(path = "dashboard.html")]
pub(crate) struct Dashboard {
    pub(crate) auth: Auth,
    pub(crate) user: User,
}

#[derive(Template)]
#[template(path = "admin.html")]
pub(crate) struct Admin {
    pub(crate) auth: Auth,
    pub(crate) user: User,
}

#[derive(Template)]
#[template(path = "api.html")]
pub(crate) struct Api {
    pub(crate) auth: Auth,
    pub(crate) user: Option<User>,
}

#[derive(Template)]
#[template(path = "not_found.html")]
pub(crate) struct NotFound {
    pub(crate) auth: Auth,
    pub(crate) user: Option<User>,
}
