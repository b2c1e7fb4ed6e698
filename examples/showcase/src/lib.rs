//! What the library can do, a route each. The [quickstart](../../quickstart) is the application to copy; this is the
//! one to look things up in.

mod api;
mod asked;
mod calls;
mod failed;
mod go;
mod object;
mod pages;
mod tokens;

use axum::Router;
use axum::routing::get;
use monocloud_runtime::{MonoCloud, monocloud_groups, monocloud_routes};

monocloud_groups! { Admin = "admin", Editor = "editor" }

/// The whole site.
pub fn app(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/dashboard", get(pages::dashboard))
        .route("/admin", get(pages::admin))
        .route("/staff", get(pages::staff))
        .route("/step-up", get(pages::step_up))
        .route("/imperative", get(pages::imperative))
        .route("/api/me", get(api::me))
        .route("/api/admin", get(api::admin))
        .route(
            "/api/session",
            get(api::session)
                .patch(api::change_session)
                .delete(api::end_session),
        )
        .route("/api/tokens", tokens::routes(auth))
        .route("/go/sign-in", get(go::sign_in))
        .route("/go/sign-out", get(go::sign_out))
        .merge(monocloud_routes!(auth))
        .fallback(pages::not_found)
        .layer(auth.layer())
}
