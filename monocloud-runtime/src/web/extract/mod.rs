//! What handlers take to know who asks.

mod asked;
mod auth;
mod extractors;
mod links;
mod protect;
mod rejection;

pub use auth::Auth;
pub use rejection::Rejection;
