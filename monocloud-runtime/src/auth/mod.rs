//! What handlers work with to know who asks, and to answer by it.

mod asked;
mod handle;
mod links;
mod protect;
mod protect_routes;
mod sessions;

pub use handle::Auth;
