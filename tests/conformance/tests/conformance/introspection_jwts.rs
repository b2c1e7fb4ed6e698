//! JWT access tokens that are introspected too: good here, and then by the issuer's word.

use serde_json::json;

use crate::api::{Answer, Api, INTROSPECTION, ISSUER, KEYS, NOW, Signer, claims};
use crate::introspection::{active, with};

fn api() -> Api {
    let api = Api::with("ES256", |settings| settings.introspect_jwt_tokens(true));
    api.issuers.introspect(ISSUER, |_| Answer::Json(active()));
    api
}

#[tokio::test]
async fn a_jwt_needs_both_its_signature_and_the_issuers_yes() {
    let api = api();
    let token = api.signer.access_token(&claims());
    let claims = api.validate(&token).await.unwrap();
    assert_eq!((api.calls(KEYS), api.calls(INTROSPECTION)), (1, 1));
    // Of both: a claim that the issuer leaves out when it is asked is the token's.
    assert_eq!(claims.claim("jti"), Some(json!("1")));
    assert_eq!(claims.claim("active"), None);
    assert!(api.is_good(&token).await);
    assert_eq!(api.calls(INTROSPECTION), 1);
    // It was revoked, which is known a minute later.
    api.issuers
        .introspect(ISSUER, |_| Answer::Json(json!({ "active": false })));
    api.clock.advance(60);
    api.refuses("revoked", &token).await;
}

#[tokio::test]
async fn what_is_refused_here_is_not_asked_about() {
    let api = api();
    let impostor = api.signer.impostor();
    api.refuses("another's", &impostor.access_token(&claims())).await;
    api.refuses(
        "over",
        &api.signer.access_token(&crate::api::with("exp", json!(1))),
    )
    .await;
    api.refuses("an ID token", &api.signer.token("JWT", &claims()))
        .await;
    assert_eq!(api.calls(INTROSPECTION), 0);
}

#[tokio::test]
async fn the_issuer_narrows_what_it_has_signed_and_names_nobody_else() {
    let api = api();
    api.issuers.introspect(ISSUER, |_| {
        let mut answer = with("scope", json!("orders:read"));
        answer["exp"] = json!(NOW - 30);
        Answer::Json(answer)
    });
    let token = api.signer.access_token(&claims());
    let claims = api.validate(&token).await.unwrap();
    assert_eq!(claims.scopes().collect::<Vec<_>>(), ["orders:read"]);
    assert_eq!(claims.expires_at(), Some(NOW - 30));
    for (name, value) in [("sub", json!("root")), ("client_id", json!("another"))] {
        let api = self::api();
        api.issuers
            .introspect(ISSUER, move |_| Answer::Json(with(name, value.clone())));
        api.refuses(name, &api.signer.access_token(&self::claims())).await;
    }
}

#[tokio::test]
async fn a_jwt_dies_with_its_key_however_often_the_issuer_says_yes() {
    let api = Api::with("ES256", |settings| {
        settings
            .introspect_jwt_tokens(true)
            .api_jwks_cache(std::time::Duration::from_secs(10))
    });
    api.issuers.introspect(ISSUER, |_| Answer::Json(active()));
    let token = api.signer.access_token(&claims());
    assert!(api.is_good(&token).await);
    api.issuers.publish(ISSUER, &[&Signer::new("ES256", "second")]);
    api.clock.advance(10);
    api.validate(&token).await.ok();
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    api.refuses("its key is withdrawn", &token).await;
}
