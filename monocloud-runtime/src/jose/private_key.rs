//! Private keys, as JWK (RFC 7517) or as PEM (RFC 7468), checked when they are read.
//!
//! No error and no `Debug` output shows a byte of a key.

use std::fmt;

use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::pair::Pair;
use super::{compact, pem, private_jwk};

/// A key that signs.
pub(crate) struct PrivateKey {
    pair: Pair,
    /// The one algorithm that its JWK says it is for (RFC 7517 §4.4).
    alg: Option<Algorithm>,
    kid: Option<String>,
}

impl PrivateKey {
    /// Whether a text is meant to be a key, readable or not.
    pub(crate) fn is_meant_by(text: &str) -> bool {
        pem::is_meant_by(text) || private_jwk::is_meant_by(text) || is_encoded(text)
    }

    /// Reads a JWK or PEM. The error says what to write.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if private_jwk::is_meant_by(text) {
            let (pair, alg, kid) = private_jwk::read(text)?;
            return Ok(Self { pair, alg, kid });
        }
        if !pem::is_meant_by(text) {
            return Err(
                "it is a key that was encoded in base64 once more, or without its BEGIN and END lines; write the key \
                 itself, as JWK or PEM"
                    .to_owned(),
            );
        }
        Ok(Self {
            pair: Pair::of_der(&pem::read(text)?)?,
            alg: None,
            kid: None,
        })
    }

    /// The algorithms that it may sign with, RS256 first.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL
            .into_iter()
            .filter(|algorithm| self.pair.fits(*algorithm) && self.alg.is_none_or(|alg| alg == *algorithm))
    }

    /// The claims as a JWS in compact form, under one of its algorithms.
    pub(crate) fn sign(
        &self,
        algorithm: Algorithm,
        claims: &Map<String, Value>,
    ) -> Result<String, Unspecified> {
        compact::write(algorithm.name(), self.kid.as_deref(), claims, |message| {
            self.pair.sign(algorithm, message)
        })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// PEM or JWK in base64, or DER: it must not pass for a secret, which is sent.
fn is_encoded(text: &str) -> bool {
    // A key is longer than secrets are; an Ed25519 key in DER has 48 bytes.
    const LEAST: usize = 48;
    let text: String = text.split_whitespace().collect();
    let text = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) else {
        return false;
    };
    if is_der(&bytes) && bytes.len() >= LEAST {
        return true;
    }
    String::from_utf8(bytes).is_ok_and(|text| pem::is_meant_by(&text) || private_jwk::is_meant_by(&text))
}

/// A `SEQUENCE` that is as long as it says and begins with a version (RFC 5958 §2, RFC 8017 A.1.2).
fn is_der(bytes: &[u8]) -> bool {
    let (length, content) = match bytes {
        [0x30, length @ ..=0x7f, content @ ..] | [0x30, 0x81, length, content @ ..] => {
            (usize::from(*length), content)
        }
        [0x30, 0x82, high, low, content @ ..] => (usize::from(*high) << 8 | usize::from(*low), content),
        _ => return false,
    };
    length == content.len() && matches!(content, [2, 1, 0 | 1, ..])
}

#[cfg(test)]
mod tests;
