//! An issuer that says when sessions are over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tokio::net::TcpListener;

pub(crate) struct Issuer {
    pub(crate) url: String,
    key: Arc<EcdsaKeyPair>,
    said: AtomicU64,
}

impl Issuer {
    /// On loopback, for as long as this process lives.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port of loopback");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let metadata = json!({
            "issuer": url,
            "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"),
            "jwks_uri": format!("{url}/jwks"),
        });
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let public = json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": b64(x), "y": b64(y) });
        let says = |json: String| get(async move || ([(CONTENT_TYPE, "application/json")], json.clone()));
        let app = Router::new()
            .route("/.well-known/openid-configuration", says(metadata.to_string()))
            .route("/jwks", says(json!({ "keys": [public] }).to_string()));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            url,
            key: Arc::new(key),
            said: AtomicU64::new(0),
        }
    }

    /// The session of this user is over (OIDC Back-Channel Logout 1.0 §2.4).
    pub(crate) fn logout_token(&self, sub: &str, sid: &str) -> String {
        let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        let claims = json!({
            "iss": self.url, "aud": "app", "sub": sub, "sid": sid, "iat": now, "exp": now + 120,
            "jti": format!("{now}-{}", self.said.fetch_add(1, Ordering::Relaxed)),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        let header = json!({ "alg": "ES256", "kid": "1", "typ": "logout+jwt" });
        let signed = [header, claims].map(|part| b64(part.to_string())).join(".");
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes());
        format!("{signed}.{}", b64(signature.expect("it is signed")))
    }
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
