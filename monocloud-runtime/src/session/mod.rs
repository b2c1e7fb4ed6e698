//! Who is signed in, for how long, and the sign-ins under way.
//!
//! A [`Session`] is a record in sealed cookies. It knows nothing of requests: the `web` floor reads
//! and writes it.

mod ended;
mod groups;
mod lifetime;
mod model;
mod transaction;
mod user;

pub(crate) use ended::Ended;
pub use model::Session;
pub(crate) use model::{AccessToken, NewSession};
pub(crate) use transaction::Transaction;
pub use user::{Address, User};
