//! What is remembered of access tokens and of the keys behind them: how few calls that takes, and when it ends.

use std::time::Duration;

use futures_util::future::join_all;
use monocloud_runtime::tokens::AccessTokenError;
use serde_json::{Value, json};

use crate::api::{Answer, Api, INTROSPECTION, ISSUER, KEYS, METADATA, NOW, Signer, claims, with};
use crate::rp::failures_are_forgotten;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_at_once_on_a_cold_start_make_one_discovery_and_one_jwks_call() {
    let api = Api::new("ES256");
    api.issuers.slow(ISSUER, Duration::from_millis(100));
    let tokens: Vec<String> = (0..1_000)
        .map(|number| api.signer.access_token(&with("jti", json!(number % 500))))
        .collect();
    for outcome in join_all(tokens.iter().map(|token| api.validate(token))).await {
        outcome.unwrap();
    }
    assert_eq!((api.calls(METADATA), api.calls(KEYS)), (1, 1));
}

/// The sign-in's issuer is the API's.
#[tokio::test]
async fn sign_ins_and_access_tokens_share_what_is_fetched() {
    let api = Api::new("ES256");
    assert!(api.is_good(&api.signer.access_token(&claims())).await);
    let request = http::Request::get("https://app.example.com/api/auth/signin")
        .body(())
        .unwrap();
    let answer = tower::ServiceExt::oneshot(
        support::app(&api.auth),
        request.map(|()| axum::body::Body::empty()),
    )
    .await
    .unwrap();
    assert_eq!(answer.status(), 303);
    assert_eq!((api.calls(METADATA), api.calls(KEYS)), (1, 1));
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_looked_for_rarely() {
    let api = Api::new("ES256");
    assert!(api.is_good(&api.signer.access_token(&claims())).await);
    let second = Signer::new("ES256", "second");
    api.issuers.publish(ISSUER, &[&api.signer, &second]);
    assert!(api.is_good(&second.access_token(&claims())).await);
    assert_eq!(api.calls(KEYS), 2);
    // Whoever makes up names for keys makes one call in ten seconds.
    let third = Signer::new("ES256", "third");
    for number in 0..50 {
        api.refuses("unknown", &third.access_token(&with("jti", json!(number))))
            .await;
    }
    assert_eq!(api.calls(KEYS), 2);
    api.clock.advance(10);
    for number in 0..50 {
        api.refuses("unknown", &third.access_token(&with("jti", json!(number))))
            .await;
    }
    assert_eq!(api.calls(KEYS), 3);
}

/// Issuers in development begin anew with the old name.
#[tokio::test]
async fn another_key_under_the_old_name_is_found() {
    let api = Api::new("EdDSA");
    assert!(api.is_good(&api.signer.access_token(&claims())).await);
    let anew = api.signer.impostor();
    api.issuers.publish(ISSUER, &[&anew]);
    assert!(api.is_good(&anew.access_token(&claims())).await);
    // And with the old key go the tokens that it signed, also those that were seen before.
    api.refuses("of the old key", &api.signer.access_token(&claims()))
        .await;
}

/// A verdict lives no longer than the keys that it was made with.
#[tokio::test]
async fn a_token_that_was_seen_before_dies_with_its_key() {
    let api = Api::with("ES256", |settings| {
        settings.api_jwks_cache(Duration::from_secs(60))
    });
    let token = api.signer.access_token(&claims());
    assert!(api.is_good(&token).await);
    api.issuers.publish(ISSUER, &[&Signer::new("ES256", "second")]);
    api.clock.advance(59);
    assert!(api.is_good(&token).await);
    api.clock.advance(1);
    // The stale keys serve once more, and are renewed behind that.
    assert!(api.is_good(&token).await);
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(api.calls(KEYS), 2);
    api.refuses("its key is withdrawn", &token).await;
}

#[tokio::test]
async fn the_times_of_a_token_that_was_seen_before_are_asked_again() {
    let api = Api::with("ES256", |settings| {
        settings.api_jwks_cache(Duration::from_secs(86_400))
    });
    let mut claims = with("exp", json!(NOW + 1_000));
    claims["nbf"] = json!(NOW);
    let token = api.signer.access_token(&claims);
    assert!(api.is_good(&token).await);
    api.clock.advance(1_059);
    assert!(api.is_good(&token).await);
    api.clock.advance(1);
    api.refuses("over", &token).await;
    // A clock that is set back does not make it good before its time.
    api.clock.advance(-1_120);
    assert!(api.is_good(&token).await);
    api.clock.advance(-1);
    api.refuses("too early", &token).await;
}

#[tokio::test]
async fn what_was_seen_before_asks_nobody() {
    let api = Api::new("ES256");
    api.issuers
        .introspect(ISSUER, |_| Answer::Json(crate::introspection::active()));
    let jwt = api.signer.access_token(&claims());
    assert!(api.is_good(&jwt).await && api.is_good("opaque").await);
    api.issuers.down(ISSUER, true);
    for _ in 0..100 {
        assert!(api.is_good(&jwt).await && api.is_good("opaque").await);
    }
    assert_eq!((api.calls(KEYS), api.calls(INTROSPECTION)), (1, 1));
}

/// Whatever strangers send: neither what was good is forgotten, nor is the issuer called for it again.
#[tokio::test]
async fn random_tokens_push_out_no_good_one() {
    let api = Api::new("ES256");
    api.issuers.introspect(ISSUER, |token| {
        Answer::Json(if token == "opaque" {
            crate::introspection::active()
        } else {
            json!({ "active": false })
        })
    });
    let jwt = api.signer.access_token(&claims());
    assert!(api.is_good(&jwt).await && api.is_good("opaque").await);
    let impostor = api.signer.impostor();
    for number in 0..2_000 {
        assert!(!api.is_good(&format!("random-{number}")).await);
        assert!(!api.is_good(&format!("{jwt}{number}")).await);
    }
    for number in 0..200 {
        let token = impostor.access_token(&with("jti", json!(number)));
        assert!(!api.is_good(&token).await);
    }
    let calls = api.calls(INTROSPECTION);
    assert_eq!(calls, 2_001);
    api.issuers.down(ISSUER, true);
    assert!(api.is_good(&jwt).await && api.is_good("opaque").await);
    assert_eq!(api.calls(INTROSPECTION), calls);
}

#[tokio::test]
async fn an_issuer_that_is_away_is_503_and_not_the_tokens_fault() {
    let api = Api::new("ES256");
    api.issuers.down(ISSUER, true);
    for token in [api.signer.access_token(&claims()).as_str(), "opaque"] {
        let error = api.validate(token).await.unwrap_err();
        assert!(matches!(error, AccessTokenError::NotChecked(_)), "{error}");
        assert_eq!((error.status().as_u16(), error.challenge()), (503, None));
    }
    // What is refused in any case is refused while it is away.
    api.refuses("over", &api.signer.access_token(&with("exp", json!(0))))
        .await;
}

/// Neither that a forged token asks for newer keys, nor that they cannot be had, changes what the keys at hand say.
#[tokio::test]
async fn keys_that_cannot_be_renewed_make_no_forged_token_a_503() {
    let api = Api::new("ES256");
    assert!(api.is_good(&api.signer.access_token(&claims())).await);
    api.issuers.down(ISSUER, true);
    api.issuers.slow(ISSUER, Duration::from_millis(50));
    let (unknown, impostor) = (Signer::new("ES256", "second"), api.signer.impostor());
    let without_kid = json!({ "alg": "ES256", "typ": "at+jwt" }).to_string();
    // Fresh keys, and stale ones.
    for seconds in [0, 3_000] {
        api.clock.advance(seconds);
        let calls = api.calls(KEYS);
        let forged: Vec<String> = (0..10)
            .flat_map(|number| {
                let claims = with("jti", json!(number));
                [
                    unknown.access_token(&claims),
                    impostor.access_token(&claims),
                    impostor.sign(&without_kid, &claims.to_string()),
                ]
            })
            .collect();
        let good = api.signer.access_token(&with("jti", json!(seconds)));
        let others = join_all(forged.iter().map(|token| api.refuses("forged", token)));
        let (reasons, is_good) = tokio::join!(others, api.is_good(&good));
        assert!(is_good);
        assert!(reasons[0].contains("newer keys cannot be had"), "{}", reasons[0]);
        assert_eq!(api.calls(KEYS), calls + 1);
        failures_are_forgotten().await;
    }
    // Only where no keys are left is it nobody's fault.
    api.clock.advance(900);
    let token = unknown.access_token(&with("exp", json!(NOW + 9_000)));
    assert_eq!(api.validate(&token).await.unwrap_err().status(), 503);
}

/// Whoever names unknown keys while the issuer is away keeps nobody's new key out when it is back.
#[tokio::test]
async fn a_renewal_that_failed_puts_off_no_other_for_long() {
    let api = Api::new("ES256");
    assert!(api.is_good(&api.signer.access_token(&claims())).await);
    let second = Signer::new("ES256", "second");
    api.issuers.down(ISSUER, true);
    for _ in 0..3 {
        api.refuses("unknown", &second.access_token(&claims())).await;
    }
    api.issuers.down(ISSUER, false);
    api.issuers.publish(ISSUER, &[&api.signer, &second]);
    failures_are_forgotten().await;
    assert!(api.is_good(&second.access_token(&claims())).await);
}

#[tokio::test]
async fn metadata_of_another_issuer_let_nobody_in() {
    for found in [
        json!("https://other.example.com"),
        json!(format!("{ISSUER}//")),
        json!(7),
        Value::Null,
    ] {
        let api = Api::new("ES256");
        api.issuers
            .change(ISSUER, METADATA, |metadata| metadata["issuer"] = found.clone());
        let error = api
            .validate(&api.signer.access_token(&claims()))
            .await
            .unwrap_err();
        assert_eq!(error.status(), 502, "{found}: {error}");
        assert_eq!(api.calls(KEYS), 0);
    }
}
