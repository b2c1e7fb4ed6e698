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
mod internal;
mod object;
mod pages;
mod places;
mod sessions;
mod set_up;
mod tokens;

use axum::{Extension, Router};
use monocloud_runtime::settings::ConfigError;
use monocloud_runtime::{MonoCloud, monocloud_groups, monocloud_routes};

pub use events::Events;
pub use set_up::{for_embedded, with_hooks, with_resources};

monocloud_groups! {
    Admin = "admin",
    Editor = "editor",
    // An id, where names may change.
    Auditor = "537e7c3d-a442-4b5b-b308-30837aa045a4",
}

/// The whole site. `events` are those that the hooks of `auth` note.
///
/// # Errors
///
/// None of this site's own: what the layer protects is always written as it should be.
pub fn app(auth: &MonoCloud, events: Events) -> Result<Router, ConfigError> {
    let site = table(auth)
        // Each method decides for itself: tokens are shown only on this machine.
        .route("/api/tokens", tokens::routes(auth))
        .merge(internal::routes())
        .fallback(pages::not_found)
        .layer(Extension(events));
    // Around all that is there: what is added later would be open.
    Ok(site.layer(auth.layer().protected_routes(internal::protected())?))
}

/// Everything that is there, and whom it is for: a handler without a guard needs the word `public`.
fn table(auth: &MonoCloud) -> Router {
    monocloud_routes! { auth, on_error = answers::sign_in_failed,
        public GET "/" => pages::home,
        GET "/dashboard" => pages::dashboard,
        GET "/admin" => pages::admin,
        GET "/staff" => pages::staff,
        // It has its guard in the middle.
        public GET "/imperative" => pages::imperative,
        GET "/step-up" => pages::step_up,
        GET "/second-factor" => pages::second_factor,
        GET "/account" => pages::account,
        GET "/events" => pages::events,
        GET "/sessions" => sessions::list,
        POST "/sessions/end" => sessions::end,
        POST "/sessions/end-all" => sessions::end_all,
        GET "/api/me" => api::me,
        GET "/api/admin" => api::admin,
        GET "/api/step-up" => api::step_up,
        GET "/api/session" => api::session,
        PATCH "/api/session" => api::change_session,
        DELETE "/api/session" => api::end_session,
        GET "/api/sessions" => sessions::list_for_scripts,
        DELETE "/api/sessions/{id}" => sessions::end_for_scripts,
        POST "/api/orders" => api::create_order,
        GET "/api/bearer" => api::bearer,
        GET "/api/access" => api::access,
        public GET "/go/sign-in" => go::sign_in,
        public GET "/go/sign-out" => go::sign_out,
    }
}
