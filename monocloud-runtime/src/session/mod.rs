//! What is kept of who is signed in, and for how long.
//!
//! A [`Session`] is a record and its contents in sealed cookies. It knows nothing of requests:
//! `request` reads and writes it.

mod cell;
mod contents;
mod denials;
mod lifetime;
mod model;
mod record;
mod refreshes;
mod stored;
mod summary;
mod tokens;

pub(crate) use cell::{Cell, cell_key};
pub(crate) use denials::{Denials, Ending, Full, Site, Whose, Written};
pub(crate) use model::NewSession;
pub use model::Session;
pub(crate) use record::{Record, SignIn, Unusable};
pub(crate) use refreshes::{Arrival, Failed, Failure, Flight, Left, Refreshes};
pub(crate) use stored::{Filing, Held, NotHeld, key_of};
pub(crate) use summary::Summary;
pub(crate) use tokens::{AccessToken, Aim, Generation, Renewed, Target, TokenSet};
