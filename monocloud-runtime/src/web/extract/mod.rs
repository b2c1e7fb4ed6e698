//! What handlers take to know who asks.

mod auth;
mod extractors;
mod links;
mod rejection;

pub use auth::Auth;
pub use rejection::Rejection;
