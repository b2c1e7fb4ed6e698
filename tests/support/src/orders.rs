//! An API for access tokens, and a caller of it.

use axum::routing::get;
use axum::{Json, Router};
use monocloud_runtime::{Claims, MonoCloud, User, protect_api};
use reqwest::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::served::Served;

/// `GET /orders` needs the scope `orders:read`, `POST /orders` needs `orders:write`; both answer with the token's claims.
/// `GET /me` answers with the person's.
pub fn orders(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/orders", get(list).post(add))
        .route("/me", get(me))
        .layer(auth.layer())
}

#[protect_api(accept = "bearer", scopes = ["orders:read"])]
async fn list(claims: Claims) -> Json<Claims> {
    Json(claims)
}

#[protect_api(accept = "bearer", scopes = ["orders:write"])]
async fn add(claims: Claims) -> Json<Claims> {
    Json(claims)
}

#[protect_api(accept = "bearer")]
async fn me(user: User) -> Json<User> {
    Json(user)
}

/// What a caller of an API is answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The value of `WWW-Authenticate`; empty without one.
    pub challenge: String,
    /// The body, `null` where it is no JSON.
    pub body: Value,
}

impl Answer {
    /// Says that it was let in, and with these claims.
    ///
    /// # Panics
    ///
    /// When it was not.
    pub fn assert_has(&self, claims: &[(&str, &str)]) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        for (name, value) in claims {
            assert_eq!(self.body[name], *value, "{self:?}");
        }
    }

    /// Says that the token was refused as none that is good here (RFC 6750 3.1).
    ///
    /// # Panics
    ///
    /// When it was not.
    pub fn assert_is_invalid_token(&self) {
        assert_eq!(self.status, StatusCode::UNAUTHORIZED, "{self:?}");
        assert!(self.challenge.starts_with("Bearer "), "{self:?}");
        assert!(self.challenge.contains(r#"error="invalid_token""#), "{self:?}");
    }

    /// Says that the token was good, and had not this scope (RFC 6750 3.1).
    ///
    /// # Panics
    ///
    /// When it was not.
    pub fn assert_lacks(&self, scope: &str) {
        assert_eq!(self.status, StatusCode::FORBIDDEN, "{self:?}");
        for said in [
            r#"error="insufficient_scope""#.to_owned(),
            format!(r#"scope="{scope}""#),
        ] {
            assert!(self.challenge.contains(&said), "{said} of {self:?}");
        }
    }
}

/// Calls an API, with a token or with none.
///
/// # Panics
///
/// When nobody answers there.
pub async fn call(api: &Served, method: Method, path: &str, token: Option<&str>) -> Answer {
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("an HTTP client");
    let mut request = client.request(method, api.at(path));
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let response = request.send().await.expect("the API answers");
    let challenge = response.headers().get(WWW_AUTHENTICATE);
    let challenge = challenge
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    Answer {
        status: response.status(),
        challenge,
        body: serde_json::from_str(&response.text().await.expect("a body")).unwrap_or_default(),
    }
}
