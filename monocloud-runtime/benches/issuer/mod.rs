//! An issuer without a network, which answers at once with what was signed before.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::http::{Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::http_client::{BoxFuture, HttpClient, HttpError};
use serde_json::{Value, json};
use url::form_urlencoded;

pub(crate) const ISSUER: &str = "http://127.0.0.1:9";

#[derive(Clone)]
pub(crate) struct Issuer(Arc<Inner>);

struct Inner {
    key: EcdsaKeyPair,
    /// Answers of the token endpoint, by the code that they are for.
    answers: Mutex<HashMap<String, Vec<u8>>>,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            answers: Mutex::default(),
        }))
    }

    /// Makes a code for a sign-in with this nonce.
    pub(crate) fn code(&self, nonce: &str) -> String {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let claims = json!({
            "iss": ISSUER, "aud": "app", "sub": "auth|6f1b2c3d4e5f60718293a4b5", "nonce": nonce,
            "iat": now, "exp": now + 3_600, "auth_time": now, "sid": "9c1d2e3f4a5b6c7d8e9f",
        });
        let signed = [json!({ "alg": "ES256", "kid": "1" }), claims]
            .map(|part| b64(part.to_string()))
            .join(".");
        let signature = self.0.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        let answer = json!({
            "access_token": "t".repeat(40), "token_type": "Bearer", "expires_in": 3_600,
            "scope": "openid profile email", "id_token": format!("{signed}.{}", b64(signature)),
        });
        let code = format!("code-{nonce}");
        let mut answers = self.0.answers.lock().unwrap();
        answers.insert(code.clone(), answer.to_string().into_bytes());
        code
    }

    fn answer(&self, request: &Request<Vec<u8>>) -> Vec<u8> {
        match request.uri().path() {
            "/.well-known/openid-configuration" => bytes(&json!({
                "issuer": ISSUER,
                "authorization_endpoint": format!("{ISSUER}/authorize"),
                "token_endpoint": format!("{ISSUER}/token"),
                "userinfo_endpoint": format!("{ISSUER}/userinfo"),
                "jwks_uri": format!("{ISSUER}/jwks"),
            })),
            "/jwks" => {
                let (x, y) = self.0.key.public_key().as_ref()[1..].split_at(32);
                let key = json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": b64(x), "y": b64(y) });
                bytes(&json!({ "keys": [key] }))
            }
            "/token" if request.body().starts_with(b"grant_type=refresh_token") => bytes(&json!({
                "access_token": "t".repeat(1_000), "token_type": "Bearer", "expires_in": 3_600,
                "refresh_token": "r".repeat(40),
            })),
            "/token" => {
                let code = form_urlencoded::parse(request.body())
                    .find(|(name, _)| name == "code")
                    .map(|(_, code)| code.into_owned())
                    .unwrap();
                self.0.answers.lock().unwrap().remove(&code).unwrap()
            }
            "/userinfo" => bytes(&json!({
                "sub": "auth|6f1b2c3d4e5f60718293a4b5", "name": "Mira Adler", "email": "mira@example.com",
                "email_verified": true, "groups": ["admin", "editor"],
            })),
            other => panic!("nobody asks for {other}"),
        }
    }
}

impl HttpClient for Issuer {
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Result<Response<Vec<u8>>, HttpError>> {
        Box::pin(ready(Ok(Response::new(self.answer(&request)))))
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
