//! What [`protected_routes`](crate::layer::AuthLayer::protected_routes) protects: guards over whole trees of paths, in
//! front of the handlers.
//!
//! ```
//! use monocloud_runtime::Protect;
//! use monocloud_runtime::protected::{RouteRequest, regex, when};
//!
//! let routes = [
//!     Protect::new().groups(["admin"]).at(["/internal", "/api/internal"]),
//!     Protect::new().at(regex(r"/reports/\d+")),
//!     Protect::new().at(when(|request: &RouteRequest| request.uri().query() == Some("draft"))),
//! ];
//! ```

mod check;
mod decide;
mod entry;
mod pattern;
mod predicate;
mod request;
mod route;
mod routes;

pub use pattern::{All, IntoPatterns, Pattern, regex, when, when_async};
pub use predicate::Verdict;
pub use request::RouteRequest;
pub use route::{IntoProtectedRoutes, ProtectedRoute};
pub(crate) use routes::Found;
pub use routes::ProtectedRoutes;
