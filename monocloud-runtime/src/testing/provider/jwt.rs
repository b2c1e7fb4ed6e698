//! JSON Web Tokens in compact form (RFC 7519, RFC 7515 7.1).

use serde_json::Value;

use super::encoding::b64;

/// Header and claims, with what `sign` makes of them.
pub(super) fn compact(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signed = [header, claims]
        .map(|part| b64::encode(part.to_string()))
        .join(".");
    let signature = sign(signed.as_bytes());
    format!("{signed}.{}", b64::encode(signature))
}
