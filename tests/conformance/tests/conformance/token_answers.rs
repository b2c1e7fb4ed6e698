//! What the token endpoint may answer, and what it may not.

use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, Fault};
use serde_json::{Value, json};

use crate::rp::Rp;

async fn answered(change: impl Fn(&mut Value) + Send + Sync + 'static) -> (Rp, support::Page) {
    let rp = Rp::start().await;
    rp.provider.tamper_token_response(change);
    let page = rp.sign_in().await;
    (rp, page)
}

async fn signs_in(change: impl Fn(&mut Value) + Send + Sync + 'static) {
    let (rp, page) = answered(change).await;
    rp.assert_signed_in(&page);
}

async fn is_malformed(change: impl Fn(&mut Value) + Send + Sync + 'static) {
    let (rp, page) = answered(change).await;
    rp.assert_refused(&page, 502);
    assert_eq!(rp.calls(Endpoint::Userinfo), 0);
}

#[tokio::test]
async fn expires_in_scope_and_refresh_token_may_be_missing() {
    signs_in(|answer| {
        for name in ["expires_in", "scope", "refresh_token"] {
            answer.as_object_mut().unwrap().remove(name);
        }
    })
    .await;
}

/// RFC 6749 5.1.
#[tokio::test]
async fn token_type_is_compared_without_case() {
    for token_type in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        signs_in(move |answer| answer["token_type"] = token_type.into()).await;
    }
}

#[tokio::test]
async fn an_unknown_token_type_is_a_malformed_answer() {
    for token_type in [
        json!("mac"),
        json!("DPoP"),
        json!(""),
        json!(7),
        json!(["Bearer"]),
    ] {
        is_malformed(move |answer| answer["token_type"] = token_type.clone()).await;
    }
}

#[tokio::test]
async fn unknown_members_are_passed_over() {
    signs_in(|answer| {
        answer["not_before_policy"] = json!(0);
        answer["session_state"] = json!({ "any": ["thing"] });
    })
    .await;
}

#[tokio::test]
async fn no_id_token_is_a_malformed_answer() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::NoIdToken);
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 502);
    assert_eq!(rp.calls(Endpoint::Userinfo), 0);
    is_malformed(|answer| answer["id_token"] = json!(null)).await;
    is_malformed(|answer| answer["id_token"] = json!({})).await;
}

#[tokio::test]
async fn no_access_token_is_a_malformed_answer() {
    is_malformed(|answer| drop(answer.as_object_mut().unwrap().remove("access_token"))).await;
    is_malformed(|answer| answer["access_token"] = json!(7)).await;
    is_malformed(|answer| answer["access_token"] = json!("")).await;
    is_malformed(|answer| *answer = json!([])).await;
    is_malformed(|answer| *answer = json!(null)).await;
}

/// It would end up in a header, which it must not be able to split.
#[tokio::test]
async fn an_access_token_that_is_none_is_a_malformed_answer() {
    for token in ["a\r\nX-Injected: 1", "a\nb", "a\0b"] {
        let (rp, page) = answered(move |answer| {
            answer["access_token"] = token.into();
            let claims = crate::forge::payload(answer["id_token"].as_str().unwrap());
            assert!(claims.contains_key("at_hash"));
        })
        .await;
        // The ID token already tells that it is another one.
        rp.assert_id_token_refused(&page);
        let rp = Rp::start().await;
        rp.provider
            .tamper_id_token(|_, claims| drop(claims.remove("at_hash")));
        rp.provider
            .tamper_token_response(move |answer| answer["access_token"] = token.into());
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 502);
        assert_eq!(rp.calls(Endpoint::Userinfo), 0);
    }
}

#[tokio::test]
async fn lifetimes_beyond_all_reason_do_no_harm() {
    for lifetime in [json!(0), json!(u64::MAX), json!(i64::MAX)] {
        signs_in(move |answer| answer["expires_in"] = lifetime.clone()).await;
    }
}

/// `invalid_grant` is about the code, which the browser brought. Every other error is about the two servers.
#[tokio::test]
async fn errors_of_the_token_endpoint_have_the_status_of_their_cause() {
    for (error, status) in [
        ("invalid_grant", 400),
        ("invalid_client", 502),
        ("invalid_request", 502),
        ("unauthorized_client", 502),
        ("unsupported_grant_type", 502),
        ("invalid_scope", 502),
        ("something_new", 502),
    ] {
        let rp = Rp::start().await;
        rp.provider.fault(Fault::TokenError(error.into()));
        let page = rp.sign_in().await;
        rp.assert_refused(&page, status);
        assert_eq!(rp.calls(Endpoint::Userinfo), 0, "{error}");
    }
}

/// The code has one try: a second one would tell the issuer that it was stolen (RFC 6749 4.1.2).
#[tokio::test]
async fn the_token_endpoint_is_called_once_whatever_it_answers() {
    for fault in [
        Fault::Status(Endpoint::Token, 500),
        Fault::Status(Endpoint::Token, 429),
        Fault::Garbage(Endpoint::Token),
        Fault::Disconnect(Endpoint::Token),
        Fault::TokenError("temporarily_unavailable".into()),
        Fault::Slow(Endpoint::Token, Duration::from_millis(300)),
    ] {
        let rp = Rp::start().await;
        rp.provider.fault(fault.clone());
        rp.sign_in().await;
        assert_eq!(rp.calls(Endpoint::Token), 1, "{fault:?}");
    }
}
