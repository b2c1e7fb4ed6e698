//! Userinfo as a signed JWT (OIDC Core 5.3.2): held against the same keys as the ID token.

use std::sync::Arc;

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use monocloud_runtime::testing::Endpoint;
use serde_json::{Map, Value, json};

use crate::forge::{Forge, with_hmac};
use crate::http_client::Changed;
use crate::logging::collect;
use crate::rp::{CLIENT_ID, CLIENT_SECRET, Rp, Setup};

type Claims = Map<String, Value>;

/// A relying party whose issuer signs userinfo: `write` makes the token of the claims.
async fn start(typed: bool, write: impl Fn(&Forge, Claims) -> String + Send + Sync + 'static) -> Rp {
    let forge = Arc::new(Forge::new());
    let jwk = forge.jwk();
    let rp = Setup::new()
        .settings({
            let (forge, write) = (forge.clone(), Arc::new(write));
            move |settings| {
                let (forge, write) = (forge.clone(), write.clone());
                settings.http_client(Changed::new(move |path, response| {
                    if path == "/userinfo" && response.status() == 200 {
                        let claims = serde_json::from_slice(response.body()).unwrap();
                        *response.body_mut() = write(&forge, claims).into_bytes();
                        let kind = if typed {
                            "application/jwt; charset=utf-8"
                        } else {
                            "text/plain"
                        };
                        response
                            .headers_mut()
                            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
                    }
                }))
            }
        })
        .start()
        .await;
    rp.provider
        .tamper_jwks(move |jwks| jwks["keys"].as_array_mut().unwrap().push(jwk.clone()));
    let issuer = rp.provider.issuer().to_owned();
    rp.provider.tamper_userinfo(move |claims| {
        claims["iss"] = json!(issuer);
        claims["aud"] = json!(CLIENT_ID);
    });
    rp
}

fn signed(forge: &Forge, claims: Claims) -> String {
    forge.sign(
        &Value::Object(Forge::header()).to_string(),
        &Value::Object(claims).to_string(),
    )
}

#[tokio::test]
async fn userinfo_that_the_issuer_signed_is_used() {
    for typed in [true, false] {
        let rp = start(typed, signed).await;
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
        let user = rp.agent.visit(&rp.app.at("/api/auth/userinfo")).await.json();
        assert_eq!(user["email"], "mira@example.com");
        assert_eq!(rp.calls(Endpoint::Userinfo), 1);
        assert_eq!(rp.calls(Endpoint::Jwks), 1);
    }
    let rp = start(true, |forge, mut claims| {
        claims.insert("aud".into(), json!(["another", CLIENT_ID]));
        claims.insert("exp".into(), json!(null));
        signed(forge, claims)
    })
    .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

/// A header, claims, and what the log says of them.
type Wrong = (&'static str, fn(&Forge, Claims) -> String);

#[tokio::test]
async fn userinfo_that_is_not_for_this_client_by_this_issuer_is_refused() {
    fn with(forge: &Forge, mut claims: Claims, name: &str, value: Value) -> String {
        claims.insert(name.into(), value);
        signed(forge, claims)
    }
    let wrong: [Wrong; 13] = [
        (
            "no key of the issuer that may be used has signed it",
            |_, claims| signed(&Forge::new(), claims),
        ),
        ("`iss` is another issuer", |forge, claims| {
            with(forge, claims, "iss", json!("https://other.example"))
        }),
        ("`iss` is missing", |forge, claims| {
            with(forge, claims, "iss", json!(null))
        }),
        ("`aud` does not name this client", |forge, claims| {
            with(forge, claims, "aud", json!("another"))
        }),
        ("`aud` does not name this client", |forge, claims| {
            with(forge, claims, "aud", json!([]))
        }),
        ("`aud` is missing", |forge, claims| {
            with(forge, claims, "aud", json!(null))
        }),
        ("`aud` is a number", |forge, claims| {
            with(forge, claims, "aud", json!(7))
        }),
        ("another subject", |forge, claims| {
            with(forge, claims, "sub", json!("tomas"))
        }),
        ("`sub` is a number", |forge, claims| {
            with(forge, claims, "sub", json!(7))
        }),
        ("expired", |forge, claims| with(forge, claims, "exp", json!(1))),
        ("another kind", |forge, claims| {
            let payload = Value::Object(claims).to_string();
            forge.sign(r#"{"alg":"ES256","kid":"forged","typ":"at+jwt"}"#, &payload)
        }),
        ("proves nothing", |forge, claims| {
            with_hmac(&signed(forge, claims), None, CLIENT_SECRET.as_bytes())
        }),
        ("encrypted", |_, _| "eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d".to_owned()),
    ];
    for (words, write) in wrong {
        let log = collect();
        let rp = start(true, write).await;
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 502);
        let text = log.text();
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// An encrypted one cannot be read here, and the log says what to do about it.
#[tokio::test]
async fn encrypted_userinfo_is_refused_with_a_way_out() {
    let log = collect();
    let rp = start(true, |_, _| "eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d".to_owned()).await;
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 502);
    assert!(log.text().contains("MONOCLOUD_AUTH_USER_INFO=false"));
}
