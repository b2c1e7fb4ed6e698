//! Public keys of clients, as JWK (RFC 7517).

use aws_lc_rs::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::Value;

use super::encoding::b64;
use super::jwt::Jwt;
use super::signing_alg::SigningAlg;

/// Whether this key, with this algorithm, has signed the token.
pub(super) fn has_signed(jwk: &Value, alg: SigningAlg, jwt: &Jwt<'_>) -> bool {
    let absent_or = |name: &str, wanted: &str| jwk.get(name).is_none_or(|value| value == wanted);
    let kid = jwt.header.get("kid");
    absent_or("use", "sig")
        && absent_or("alg", alg.as_str())
        && kid.is_none_or(|kid| jwk.get("kid") == Some(kid))
        && verify(jwk, alg, jwt).is_some()
}

fn verify(jwk: &Value, alg: SigningAlg, jwt: &Jwt<'_>) -> Option<()> {
    let bytes = |name: &str| b64::decode(jwk.get(name)?.as_str()?);
    let is = |name: &str, wanted: &str| jwk.get(name).is_some_and(|value| value == wanted);
    let (message, signature) = (jwt.signed.as_bytes(), jwt.signature.as_slice());
    if let Some(parameters) = alg.rsa() {
        let key = RsaPublicKeyComponents {
            n: bytes("n")?,
            e: bytes("e")?,
        };
        return key
            .verify(parameters, message, signature)
            .ok()
            .filter(|()| is("kty", "RSA"));
    }
    let (kty, crv) = alg.curve()?;
    let public = match kty {
        // SEC 1 2.3.3: an uncompressed point is 4, x, y.
        "EC" => [vec![4], bytes("x")?, bytes("y")?].concat(),
        _ => bytes("x")?,
    };
    UnparsedPublicKey::new(alg.verification(), public)
        .verify(message, signature)
        .ok()
        .filter(|()| is("kty", kty) && is("crv", crv))
}
