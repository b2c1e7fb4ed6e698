//! Signed answers of the introspection endpoint (RFC 9701).

use monocloud_runtime::tokens::AccessTokenError;
use serde_json::{Value, json};

use crate::api::{AUDIENCE, Answer, Api, CLIENT_ID, ISSUER, NOW, Signer};
use crate::introspection::active;

const TYPE: &str = "token-introspection+jwt";

type Sign = Box<dyn FnOnce(&Signer) -> String>;

fn answer() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "iat": NOW, "token_introspection": active() })
}

fn api(sign: impl FnOnce(&Signer) -> String) -> Api {
    let api = Api::new("ES256");
    let signed = sign(&api.signer);
    api.issuers
        .introspect(ISSUER, move |_| Answer::Signed(signed.clone()));
    api
}

#[tokio::test]
async fn a_signed_answer_is_believed_for_the_api_or_for_its_client() {
    for audience in [json!(AUDIENCE), json!([CLIENT_ID]), json!(["other", AUDIENCE])] {
        let api = api(|signer| {
            let mut answer = answer();
            answer["aud"] = audience.clone();
            signer.token(TYPE, &answer)
        });
        let claims = api.validate("opaque").await.unwrap();
        assert!(claims.has_scope("orders:read") && claims.claim("token_introspection").is_none());
    }
}

#[tokio::test]
async fn its_no_is_a_no() {
    let api = api(|signer| {
        let mut answer = answer();
        answer["token_introspection"] = json!({ "active": false });
        signer.token(TYPE, &answer)
    });
    api.refuses("not active", "opaque").await;
}

/// Whoever could write it would decide who is let in.
#[tokio::test]
async fn one_that_is_not_the_issuers_for_this_api_now_is_a_failure() {
    let changed = |name: &'static str, value: Value| {
        move |signer: &Signer| {
            let mut answer = answer();
            answer[name] = value;
            signer.token(TYPE, &answer)
        }
    };
    let answers: Vec<Sign> = vec![
        Box::new(|signer| signer.impostor().token(TYPE, &answer())),
        Box::new(|signer| signer.token("JWT", &answer())),
        Box::new(|signer| signer.token("at+jwt", &answer())),
        Box::new(|signer| {
            let untyped = json!({ "alg": "ES256", "kid": "first" });
            signer.sign(&untyped.to_string(), &answer().to_string())
        }),
        Box::new(changed("iss", json!("https://other.example.com"))),
        Box::new(changed("iss", Value::Null)),
        Box::new(changed("aud", json!("https://other.example.com"))),
        Box::new(changed("aud", Value::Null)),
        Box::new(changed("iat", json!(NOW + 61))),
        Box::new(changed("iat", json!(NOW - 121))),
        Box::new(changed("iat", Value::Null)),
        Box::new(changed("exp", json!(NOW - 60))),
        Box::new(changed("token_introspection", json!("x"))),
        Box::new(changed("token_introspection", Value::Null)),
        Box::new(changed("token_introspection", json!({}))),
    ];
    for (at, sign) in answers.into_iter().enumerate() {
        let error = api(sign).validate("opaque").await.unwrap_err();
        assert!(matches!(error, AccessTokenError::NotChecked(_)), "{at}: {error}");
        assert_eq!(error.status(), 502, "{at}: {error}");
    }
}
