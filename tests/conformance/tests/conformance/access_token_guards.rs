//! Access tokens at guarded handlers: the status and the challenge of the RFC for each, and never the session that
//! came along with it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::{get, post};
use http::{Request, header};
use monocloud_runtime::testing::{ProviderUser, session_cookie};
use monocloud_runtime::{Claims, User, protect_api};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::api::{ALGORITHMS, Api, INTROSPECTION, ISSUER, NOW, claims, with};

#[protect_api]
async fn me(user: User) -> String {
    user.sub().to_owned()
}

#[protect_api(scopes = ["orders:write"])]
async fn order(claims: Option<Claims>) -> String {
    claims.map_or_else(|| "a session".to_owned(), |claims| claims.sub().to_owned())
}

#[protect_api(accept = "bearer")]
async fn program(claims: Claims) -> String {
    claims.client_id().unwrap_or_default().to_owned()
}

struct Answer {
    status: u16,
    challenge: String,
    body: String,
}

/// A request of somebody who is signed in as `lin` too.
async fn send(api: &Api, path: &str, authorization: &str) -> Answer {
    let app = Router::new()
        .route("/me", get(me))
        .route("/orders", post(order))
        .route("/program", get(program))
        .layer(api.auth.layer());
    let method = if path == "/orders" { "POST" } else { "GET" };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(
            header::COOKIE,
            session_cookie(&api.auth, ProviderUser::new("lin")),
        )
        .header(header::AUTHORIZATION, authorization)
        .body(Body::empty())
        .unwrap();
    let answer = app.oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let text = |name| {
        let values = parts.headers.get_all(name).iter();
        let values: Vec<&str> = values.map(|value| value.to_str().unwrap()).collect();
        values.join(", ")
    };
    assert!(text(header::CACHE_CONTROL).contains("no-store"), "{path}");
    assert!(
        text(header::VARY).to_lowercase().contains("authorization"),
        "{path}"
    );
    Answer {
        status: parts.status.as_u16(),
        challenge: text(header::WWW_AUTHENTICATE),
        body: String::from_utf8(to_bytes(body, 100_000).await.unwrap().to_vec()).unwrap(),
    }
}

async fn with_token(api: &Api, path: &str, token: &str) -> Answer {
    send(api, path, &format!("Bearer {token}")).await
}

#[tokio::test]
async fn a_good_token_says_who_calls_whoever_is_signed_in() {
    for alg in ALGORITHMS {
        let api = Api::new(alg);
        let token = api.signer.access_token(&claims());
        for (path, body) in [("/me", "mira"), ("/orders", "mira"), ("/program", "shop")] {
            for _ in 0..2 {
                let answer = with_token(&api, path, &token).await;
                assert_eq!((answer.status, &*answer.body), (200, body), "{alg} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_bad_token_is_401_with_its_challenge_and_never_the_session() {
    for alg in ALGORITHMS {
        let api = Api::new(alg);
        let id_token = with("nonce", json!("n"));
        let tokens = [
            ("no token", String::new()),
            ("garbage", "garbage".to_owned()),
            (
                "`iss`",
                api.signer
                    .access_token(&with("iss", json!("https://other.example.com"))),
            ),
            ("`aud`", api.signer.access_token(&with("aud", json!("other")))),
            ("`exp`", api.signer.access_token(&with("exp", json!(NOW - 60)))),
            ("no `exp`", api.signer.access_token(&with("exp", Value::Null))),
            ("`nbf`", api.signer.access_token(&with("nbf", json!(NOW + 61)))),
            (
                "`cnf`",
                api.signer.access_token(&with("cnf", json!({ "jkt": "x" }))),
            ),
            ("ID token", api.signer.token("JWT", &id_token)),
            (
                "logout token",
                api.signer.token("logout+jwt", &with("events", json!({}))),
            ),
            (
                "refresh token",
                api.signer.token("JWT", &with("typ", json!("Refresh"))),
            ),
            ("another's key", api.signer.impostor().access_token(&claims())),
            ("`kid`", {
                let header = json!({ "alg": alg, "kid": "unknown", "typ": "at+jwt" });
                api.signer.sign(&header.to_string(), &claims().to_string())
            }),
            ("`alg`", {
                let header = json!({ "alg": "none", "typ": "at+jwt" });
                api.signer.sign(&header.to_string(), &claims().to_string())
            }),
        ];
        for (what, token) in tokens {
            for path in ["/me", "/orders", "/program"] {
                let answer = with_token(&api, path, &token).await;
                assert_eq!(answer.status, 401, "{alg} {what} {path}: {}", answer.body);
                assert!(
                    answer.challenge.starts_with("Bearer error=\"invalid_token\""),
                    "{alg} {what} {path}: {}",
                    answer.challenge
                );
                assert!(!answer.body.contains("lin"), "{alg} {what} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_scope_that_is_missing_is_403_and_named() {
    for alg in ALGORITHMS {
        let api = Api::new(alg);
        for scope in [json!("orders:read"), json!(""), json!(["orders"]), Value::Null] {
            let answer = with_token(&api, "/orders", &api.signer.access_token(&with("scope", scope))).await;
            assert_eq!(answer.status, 403, "{alg}");
            let challenge = answer.challenge;
            assert!(
                challenge.starts_with("Bearer error=\"insufficient_scope\""),
                "{challenge}"
            );
            assert!(challenge.contains("scope=\"orders:write\""), "{challenge}");
        }
    }
}

#[tokio::test]
async fn a_client_that_calls_on_its_own_is_no_user() {
    let api = Api::new("ES256");
    let token = api.signer.access_token(&with("sub", json!("shop")));
    assert_eq!(with_token(&api, "/program", &token).await.status, 200);
    let answer = with_token(&api, "/me", &token).await;
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    assert!(!answer.body.contains("lin"));
}

#[tokio::test]
async fn an_issuer_that_cannot_be_asked_is_not_the_callers_fault() {
    for (down, status) in [(true, 503), (false, 500)] {
        let api = Api::new("ES256");
        api.issuers.down(ISSUER, down);
        api.issuers.introspect(ISSUER, |_| {
            crate::api::Answer::Status(401, json!({ "error": "invalid_client" }))
        });
        let answer = with_token(&api, "/me", "opaque").await;
        assert_eq!(
            (answer.status, &*answer.challenge),
            (status, ""),
            "{}",
            answer.body
        );
        assert!(!answer.body.contains("invalid_client") && !answer.body.contains("lin"));
        assert_eq!(api.calls(INTROSPECTION), usize::from(!down));
    }
}
