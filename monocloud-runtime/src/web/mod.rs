//! Axum and tower: the layer, the guards, the extractors and the routes.
//!
//! The only floor that names them. It reads and writes cookies through the floors below, and takes
//! no decision of its own about who may do what.

mod extract;
mod guard;
mod layer;
mod original_uri;
mod respond;
mod routes;
mod table;

pub use extract::Rejection;
pub use guard::{DeniedFuture, DeniedHandler, Guard, Guarded, Policy, denied};
pub use layer::{AuthLayer, AuthService, ProtectedFuture, ProtectedLayer, ProtectedService, ResponseFuture};
pub use routes::{routes, routes_with_on_error};
pub use table::{Arguments, Guards, Hidden, Line, Method, NoGuard, OneHandler, PublicLine, Table};
