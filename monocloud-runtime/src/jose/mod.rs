//! Signatures over JSON (JWS, RFC 7515): one strict verifier for every kind of token, and the signer of what this
//! client says about itself.
//!
//! What is read here is nobody's word before [`Jws::verify`] says whose it is. What its claims must
//! be is for whoever asked for the token to say.

mod algorithm;
mod compact;
mod jwk;
mod jws;
mod mac;
mod pair;
mod pem;
mod private_jwk;
mod private_key;
#[cfg(test)]
mod tests;

pub(crate) use algorithm::Algorithm;
pub(crate) use jwk::KeySet;
pub(crate) use jws::{Jws, JwsError, claims_of_verified};
pub(crate) use mac::MacAlgorithm;
pub(crate) use private_key::PrivateKey;
