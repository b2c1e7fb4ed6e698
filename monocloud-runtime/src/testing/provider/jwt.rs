//! JSON Web Tokens in compact form (RFC 7519, RFC 7515 7.1).

use serde_json::{Map, Value};

use super::encoding::b64;

/// Header and claims, with what `sign` makes of them.
pub(super) fn compact(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signed = [header, claims]
        .map(|part| b64::encode(part.to_string()))
        .join(".");
    let signature = sign(signed.as_bytes());
    format!("{signed}.{}", b64::encode(signature))
}

/// A token taken apart. Nobody has said yet who signed it.
pub(super) struct Jwt<'a> {
    pub(super) header: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
    pub(super) signed: &'a str,
    pub(super) signature: Vec<u8>,
}

pub(super) fn read(token: &str) -> Option<Jwt<'_>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let members = |part: &str| serde_json::from_slice(&b64::decode(part)?).ok();
    Some(Jwt {
        header: members(header)?,
        claims: members(claims)?,
        signed,
        signature: b64::decode(signature)?,
    })
}
