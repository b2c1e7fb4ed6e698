//! Signatures over JSON (JWS, RFC 7515): one strict verifier for every kind of token.
//!
//! What is read here is nobody's word before [`Jws::verify`] says whose it is. What its claims must
//! be is for whoever asked for the token to say.

mod algorithm;
mod jwk;
mod jws;
#[cfg(test)]
mod tests;

pub(crate) use algorithm::Algorithm;
pub(crate) use jwk::KeySet;
pub(crate) use jws::{Jws, JwsError};
