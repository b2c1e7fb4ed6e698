//! A signed token in compact form (RFC 7515 §3.1, RFC 7519 §7.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::jwk::KeySet;
use crate::json;

/// Claims that decide about a token, each of which may be there once (RFC 7519 §4.1, OIDC Core 2 and 3.1.3.6, RFC 9068
/// §2.2, RFC 7800 §3.1, Back-Channel Logout 2.1 and 2.4).
const DECIDING: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "nonce",
    "azp",
    "at_hash",
    "auth_time",
    "acr",
    "c_hash",
    "s_hash",
    "client_id",
    "scope",
    "cnf",
    "events",
    "sid",
    "jti",
    "token_use",
    "typ",
];

/// Why a token is refused. It never repeats what the token says.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwsError {
    #[error("it is encrypted, which is not supported")]
    Encrypted,
    #[error("it is not a signed JWT")]
    NotSigned,
    #[error("its {part} cannot be read: {reason}")]
    Malformed { part: &'static str, reason: String },
    /// `found` is `None` where the algorithm proves nothing or is not known.
    #[error("it is signed with {}", found.map_or("an algorithm that proves nothing or is not supported", Algorithm::name))]
    Algorithm { found: Option<Algorithm> },
    #[error("its header has `crit`, and none of the extensions is known")]
    Critical,
    #[error("it is a token of another kind (`typ`)")]
    Type,
    #[error("the issuer has published no key that fits it")]
    NoKey,
    #[error("no key of the issuer that may be used has signed it (RSA keys have 2,048 to 8,192 bits)")]
    Signature,
}

impl JwsError {
    /// Whether newer keys of the issuer might change the verdict.
    pub(crate) fn is_about_keys(&self) -> bool {
        matches!(self, Self::NoKey | Self::Signature)
    }
}

/// A token whose form is right, of the kind and under an algorithm that were asked for. Whose it is
/// has still to be asked.
#[derive(Debug)]
pub(crate) struct Jws<'a> {
    algorithm: Algorithm,
    kid: Option<String>,
    /// In lower case and without `application/`.
    typ: Option<String>,
    signed: &'a str,
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

impl<'a> Jws<'a> {
    /// Takes a token apart.
    ///
    /// `types` are the values of `typ` that the kind may have, in lower case and without
    /// `application/` (RFC 7515 §4.1.9); where `untyped` says so, `typ` may be absent.
    pub(crate) fn read(
        token: &'a str,
        algorithms: &[Algorithm],
        types: &[&str],
        untyped: bool,
    ) -> Result<Self, JwsError> {
        let parts: Vec<&str> = token.splitn(6, '.').collect();
        let [header, payload, signature] = parts[..] else {
            // RFC 7516 §3.1: an encrypted one has five.
            return Err(if parts.len() == 5 {
                JwsError::Encrypted
            } else {
                JwsError::NotSigned
            });
        };
        let header = members("header", header, |_| true)?;
        let text = |name| {
            json::text(&header, name).map_err(|reason| JwsError::Malformed {
                part: "header",
                reason,
            })
        };
        let found = text("alg")?.and_then(|name| name.parse().ok());
        let algorithm = found
            .filter(|found| algorithms.contains(found))
            .ok_or(JwsError::Algorithm { found })?;
        if json::member(&header, "crit").is_some() {
            return Err(JwsError::Critical);
        }
        let typ = text("typ")?.map(|typ| {
            let typ = typ.to_ascii_lowercase();
            typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ)
        });
        if !typ.as_deref().map_or(untyped, |typ| types.contains(&typ)) {
            return Err(JwsError::Type);
        }
        Ok(Self {
            algorithm,
            kid: text("kid")?.map(str::to_owned),
            typ,
            signed: &token[..token.len() - signature.len() - 1],
            signature: decode("signature", signature)?,
            claims: members("payload", payload, |name| DECIDING.contains(&name))?,
        })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its type, where it names one.
    pub(crate) fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// What it says, which is nobody's word yet: to choose whose keys to ask, and to refuse what would be refused with
    /// any signature.
    pub(crate) fn unverified(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claims for good, if one of these keys has signed them; else the token is given back.
    pub(crate) fn verified(self, keys: &KeySet) -> Result<Map<String, Value>, Box<(Self, JwsError)>> {
        match self.verify(keys).map(drop) {
            Ok(()) => Ok(self.claims),
            Err(error) => Err(Box::new((self, error))),
        }
    }

    /// The claims, if one of these keys has signed them.
    pub(crate) fn verify(&self, keys: &KeySet) -> Result<&Map<String, Value>, JwsError> {
        let mut error = JwsError::NoKey;
        for key in keys.candidates(self.algorithm, self.kid.as_deref()) {
            if key.has_signed(self.algorithm, self.signed.as_bytes(), &self.signature) {
                return Ok(&self.claims);
            }
            error = JwsError::Signature;
        }
        Err(error)
    }
}

/// What a token says that was verified before it was kept.
pub(crate) fn claims_of_verified(token: &str) -> Option<Map<String, Value>> {
    members("payload", token.split('.').nth(1)?, |_| false).ok()
}

/// Base64url without padding, and nothing that decodes to the same (RFC 7515 §2).
fn decode(part: &'static str, encoded: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(encoded).map_err(|_| JwsError::Malformed {
        part,
        reason: "it is not base64url without padding".to_owned(),
    })
}

fn members(
    part: &'static str,
    encoded: &str,
    unique: impl Fn(&str) -> bool,
) -> Result<Map<String, Value>, JwsError> {
    json::object_with_unique(&decode(part, encoded)?, unique)
        .map_err(|reason| JwsError::Malformed { part, reason })
}
