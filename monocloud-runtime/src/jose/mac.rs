//! Authentication with a secret that both sides share (RFC 7518 §3.2).

use std::convert::Infallible;

use aws_lc_rs::hmac;
use serde_json::{Map, Value};

use super::compact;

/// HMAC with a member of the SHA-2 family. It proves nothing to those who do not have the secret, so that no token of
/// the issuer is read with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MacAlgorithm {
    Hs256,
    Hs384,
    Hs512,
}

impl MacAlgorithm {
    pub(crate) const ALL: [Self; 3] = [Self::Hs256, Self::Hs384, Self::Hs512];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// Those that a secret is long enough for (RFC 7518 §3.2), HS256 first.
    pub(crate) fn for_secret(secret: &str) -> Vec<Self> {
        let fits = |algorithm: &Self| secret.len() >= algorithm.least_secret();
        Self::ALL.into_iter().filter(fits).collect()
    }

    /// Bytes that a secret must have at least.
    pub(crate) fn least_secret(self) -> usize {
        self.algorithm().digest_algorithm().output_len()
    }

    /// The claims as a JWS in compact form.
    pub(crate) fn sign(self, secret: &[u8], claims: &Map<String, Value>) -> String {
        let key = hmac::Key::new(self.algorithm(), secret);
        let Ok(token) = compact::write(self.name(), None, claims, |message| {
            Ok::<_, Infallible>(hmac::sign(&key, message).as_ref().to_vec())
        });
        token
    }

    fn algorithm(self) -> hmac::Algorithm {
        match self {
            Self::Hs256 => hmac::HMAC_SHA256,
            Self::Hs384 => hmac::HMAC_SHA384,
            Self::Hs512 => hmac::HMAC_SHA512,
        }
    }
}
