//! Axum and tower: the layer, the guards, the extractors and the routes.
//!
//! The only floor that names them. It reads and writes cookies through the floors below, and takes
//! no decision of its own about who may do what.

mod answer;
mod auth;
mod error;
mod extract;
mod guard;
mod layer;
mod pages;
mod request;
mod request_auth;
mod return_url;
mod routes;
mod session_cookie;
mod transactions;

pub use answer::{Denied, DeniedReason};
pub use auth::Auth;
pub use guard::{DeniedFuture, DeniedHandler, Guard, GuardKind, Guarded, GuardedHandler, Policy, denied};
pub use layer::{AuthLayer, AuthService, ResponseFuture};
pub use routes::{ErrorHandler, routes, routes_with_on_error};
#[cfg(feature = "testing")]
pub(crate) use session_cookie::{request_header, session_of};

use crate::client::MonoCloud;

impl MonoCloud {
    /// The layer that resolves who is asking and keeps their cookies.
    ///
    /// Add it after every route, merge and fallback: what is added later does not pass it, and its
    /// guards answer 500. It does nothing until somebody asks who is signed in.
    pub fn layer(&self) -> AuthLayer {
        AuthLayer::new(self.clone())
    }
}
