//! ID tokens as the provider would never write them, signed with a key that it publishes all the same.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::testing::Provider;
use serde_json::{Map, Value, json};

pub(crate) const KID: &str = "forged";

/// An ES256 key of the issuer.
pub(crate) struct Forge(EcdsaKeyPair);

impl Forge {
    pub(crate) fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn jwk(&self) -> Value {
        // SEC 1 2.3.3: an uncompressed point is 4, x, y.
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "kid": KID, "x": b64(x), "y": b64(y) })
    }

    pub(crate) fn header() -> Map<String, Value> {
        object(json!({ "alg": "ES256", "kid": KID, "typ": "JWT" }))
    }

    /// The parts are JSON, as it should stand in the token.
    pub(crate) fn sign(&self, header: &str, payload: &str) -> String {
        let input = format!("{}.{}", b64(header), b64(payload));
        let signature = self.0.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        format!("{input}.{}", b64(signature))
    }

    /// Publishes the key, and answers with what `write` makes of the claims of each ID token: header and payload.
    pub(crate) fn install(
        self,
        provider: &Provider,
        write: impl Fn(Map<String, Value>) -> (String, String) + Send + Sync + 'static,
    ) {
        let jwk = self.jwk();
        provider.tamper_jwks(move |jwks| jwks["keys"].as_array_mut().unwrap().push(jwk.clone()));
        replace_id_token(provider, move |id_token| {
            let (header, payload) = write(payload(id_token));
            self.sign(&header, &payload)
        });
    }
}

/// Puts another ID token into every token response.
pub(crate) fn replace_id_token(provider: &Provider, change: impl Fn(&str) -> String + Send + Sync + 'static) {
    provider.tamper_token_response(move |answer| {
        answer["id_token"] = change(answer["id_token"].as_str().unwrap()).into();
    });
}

/// The same claims under HMAC (RFC 7518 3.2) with this secret.
pub(crate) fn with_hmac(id_token: &str, kid: Option<&str>, secret: &[u8]) -> String {
    let mut header = json!({ "alg": "HS256", "typ": "JWT" });
    if let Some(kid) = kid {
        header["kid"] = kid.into();
    }
    let payload = id_token.split('.').nth(1).unwrap();
    let input = format!("{}.{payload}", b64(header.to_string()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    format!("{input}.{}", b64(tag))
}

pub(crate) fn payload(id_token: &str) -> Map<String, Value> {
    serde_json::from_slice(&unb64(id_token.split('.').nth(1).unwrap())).unwrap()
}

/// The left half of the hash (OIDC Core 3.1.3.6).
pub(crate) fn at_hash_sha256(access_token: &str) -> String {
    let hash = digest::digest(&digest::SHA256, access_token.as_bytes());
    b64(&hash.as_ref()[..16])
}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn unb64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => unreachable!("an object was written"),
    }
}
