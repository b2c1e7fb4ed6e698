//! The provider of the `testing` feature, over real HTTP.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used)]

mod asking;
mod authorize;
mod claims;
mod faults;
mod flow;
mod pages;
mod refusals;
mod relying_party;
mod settings;
mod sign_out;
mod transport;
