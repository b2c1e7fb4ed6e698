//! What handlers take to know who asks.

mod auth;
mod extractors;

pub use auth::Auth;
