//! What the library can do, a route each. The [quickstart](../../quickstart) is the application to copy; this is the
//! one to look things up in.

mod answers;
mod api;
mod arrival;
mod asked;
mod calls;
mod events;
mod failed;
mod go;
mod object;
mod pages;
mod places;
mod set_up;
mod tokens;

use axum::routing::get;
use axum::{Extension, Router};
use monocloud_runtime::{MonoCloud, monocloud_groups, monocloud_routes};

pub use events::Events;
pub use set_up::{for_embedded, with_hooks, with_resources};

monocloud_groups! { Admin = "admin", Editor = "editor" }

/// The whole site. `events` are those that the hooks of `auth` note.
pub fn app(auth: &MonoCloud, events: Events) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/dashboard", get(pages::dashboard))
        .route("/admin", get(pages::admin))
        .route("/staff", get(pages::staff))
        .route("/imperative", get(pages::imperative))
        .route("/step-up", get(pages::step_up))
        .route("/second-factor", get(pages::second_factor))
        .route("/account", get(pages::account))
        .route("/events", get(pages::events))
        .route("/api/me", get(api::me))
        .route("/api/admin", get(api::admin))
        .route("/api/step-up", get(api::step_up))
        .route(
            "/api/session",
            get(api::session)
                .patch(api::change_session)
                .delete(api::end_session),
        )
        .route("/api/tokens", tokens::routes(auth))
        .route("/go/sign-in", get(go::sign_in))
        .route("/go/sign-out", get(go::sign_out))
        .merge(monocloud_routes!(auth, on_error = answers::sign_in_failed))
        .fallback(pages::not_found)
        .layer(Extension(events))
        .layer(auth.layer())
}
