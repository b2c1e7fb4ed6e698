//! The layer that puts [`RequestAuth`](crate::request::RequestAuth) into each request.

mod of_request;
mod protected;
mod service;

pub(in crate::web) use of_request::request_auth;
pub use protected::{ProtectedFuture, ProtectedLayer, ProtectedService};
pub use service::{AuthLayer, AuthService, ResponseFuture};
