//! The provider of the `testing` feature, over real HTTP.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used)]

mod access_token_faults;
mod access_tokens;
mod asking;
mod assertions;
mod authorize;
mod back_channel;
mod claims;
mod client_credentials;
mod faults;
mod flow;
mod introspection;
mod pages;
mod par;
mod refusals;
mod relying_party;
mod settings;
mod sign_out;
mod signed_introspection;
mod transport;
