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

use axum::{Extension, Router};
use monocloud_runtime::{MonoCloud, monocloud_groups, monocloud_routes};

pub use events::Events;
pub use set_up::{for_embedded, with_hooks, with_resources};

monocloud_groups! { Admin = "admin", Editor = "editor" }

/// The whole site. `events` are those that the hooks of `auth` note.
pub fn app(auth: &MonoCloud, events: Events) -> Router {
    table(auth)
        // Each method decides for itself: tokens are shown only on this machine.
        .route("/api/tokens", tokens::routes(auth))
        .fallback(pages::not_found)
        .layer(Extension(events))
        .layer(auth.layer())
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
        GET "/api/me" => api::me,
        GET "/api/admin" => api::admin,
        GET "/api/step-up" => api::step_up,
        GET "/api/session" => api::session,
        PATCH "/api/session" => api::change_session,
        DELETE "/api/session" => api::end_session,
        POST "/api/orders" => api::create_order,
        GET "/api/bearer" => api::bearer,
        public GET "/go/sign-in" => go::sign_in,
        public GET "/go/sign-out" => go::sign_out,
    }
}
