//! A site that several processes serve: each a [`Process`] of its own, behind one [`Front`]. What is between them and the
//! others can be listened to and cut: the issuer behind a [`Gate`], a Redis behind a [`Relay`].
//!
//! Everything listens on loopback, at a port that the system chooses, and ends with its value. It panics when something is
//! not as a test needs it: a panic is how a test fails.

mod forward;
mod front;
mod gate;
mod process;
mod relay;

pub use front::Front;
pub use gate::{Gate, Held};
pub use process::{Process, keep_reading};
pub use relay::Relay;
