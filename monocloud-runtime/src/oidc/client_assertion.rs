//! What a client says to prove who it is (RFC 7523 §3, OIDC Core 9).

use serde_json::{Map, Value, json};

use crate::crypto;

/// The type of client assertions (RFC 7523 §2.2).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// In seconds. An assertion is sent at once, and is good for one request.
const LIFETIME: i64 = 60;

/// The claims of one assertion. Its audience is the issuer and nothing else, so that whoever else gets hold of it can
/// use it nowhere.
pub(super) fn claims(client_id: &str, issuer: &str, now: i64) -> Map<String, Value> {
    [
        ("iss", json!(client_id)),
        ("sub", json!(client_id)),
        ("aud", json!(issuer)),
        ("jti", json!(crypto::random_token())),
        ("iat", json!(now)),
        ("exp", json!(now.saturating_add(LIFETIME))),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
