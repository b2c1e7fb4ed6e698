//! What is kept of who is signed in, and for how long.
//!
//! A [`Session`] is a record in sealed cookies. It knows nothing of requests: `request` reads and
//! writes it.

mod ended;
mod lifetime;
mod record;

pub(crate) use ended::Ended;
pub use record::Session;
pub(crate) use record::{AccessToken, NewSession};
