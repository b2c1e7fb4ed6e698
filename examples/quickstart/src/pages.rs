//! The pages: a template each, in `templates/`.

use askama::Template;
use axum::response::Html;
use monocloud_runtime::User;

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
    pub(crate) user: Option<User>,
}

#[derive(Template)]
#[template(path = "dashboard.html")]
pub(crate) struct Dashboard {
    pub(crate) user: User,
}

#[derive(Template)]
#[template(path = "admin.html")]
pub(crate) struct Admin {
    pub(crate) user: User,
}

#[derive(Template)]
#[template(path = "api.html")]
pub(crate) struct Api {
    pub(crate) user: Option<User>,
}

#[derive(Template)]
#[template(path = "not_found.html")]
pub(crate) struct NotFound {
    pub(crate) user: Option<User>,
}
