//! A refresh that goes wrong: what is decided then, that it does not go round in circles, that nobody becomes
//! somebody else, and that no fault alone signs anybody out.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, Fault, refresh_token};
use serde_json::json;

use crate::fixtures::{LIFETIME, Site};

/// Until what failed is tried again.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(1_050)).await;
}

async fn impatient() -> Site {
    let patience = Duration::from_millis(1_500);
    Site::with(
        |provider| provider,
        |settings| settings.response_timeout(patience),
    )
    .await
}

#[tokio::test]
async fn a_fault_of_the_issuer_is_told_once_a_moment_and_signs_nobody_out() {
    let faults = [
        (Fault::Status(Endpoint::Token, 503), 503),
        (Fault::Status(Endpoint::Token, 429), 503),
        (Fault::Status(Endpoint::Token, 500), 503),
        (Fault::Disconnect(Endpoint::Token), 503),
        (Fault::Slow(Endpoint::Token, Duration::from_secs(10)), 503),
        (Fault::Garbage(Endpoint::Token), 502),
        (Fault::TokenError("invalid_client".to_owned()), 502),
        (Fault::TokenError("temporarily_unavailable".to_owned()), 502),
    ];
    for (fault, status) in faults {
        let mut site = impatient().await;
        site.expire();
        site.provider.fault(fault.clone());
        for _ in 0..3 {
            assert_eq!(site.refused("").await.0, status, "{fault:?}");
        }
        assert_eq!(site.token_calls(), 2, "{fault:?}");
        assert_eq!(site.browser.get("/page").await.status, 200, "{fault:?}");
        site.provider.clear_faults();
        a_moment().await;
        assert_eq!(site.tokens("").await["expired"], false, "{fault:?}");
        assert_eq!(site.token_calls(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_good_still_serves_while_the_issuer_is_away() {
    let faults = [
        Fault::Status(Endpoint::Token, 503),
        Fault::LostAnswer(Endpoint::Token),
        Fault::Garbage(Endpoint::Token),
    ];
    for fault in faults {
        let mut site = Site::start().await;
        let first = site.tokens("").await;
        site.clock.advance(LIFETIME - 10);
        site.provider.fault(fault.clone());
        for _ in 0..3 {
            assert_eq!(site.tokens("").await, first, "{fault:?}");
        }
        assert_eq!(site.token_calls(), 2, "{fault:?}");
        a_moment().await;
        let forced = site.refused("?force=").await;
        assert!([502, 503].contains(&forced.0), "{fault:?} {forced:?}");
    }
    let mut site = Site::start().await;
    let first = site.tokens("").await;
    site.clock.advance(LIFETIME - 10);
    site.provider.stop().await;
    assert_eq!(site.tokens("").await, first);
}

#[tokio::test]
async fn an_answer_that_is_lost_or_late_signs_nobody_out() {
    for fault in [
        Fault::LostAnswer(Endpoint::Token),
        Fault::Late(Endpoint::Token, Duration::from_secs(10)),
    ] {
        let mut site = impatient().await;
        site.expire();
        site.provider.fault(fault.clone());
        assert_eq!(site.refused("").await.0, 503, "{fault:?}");
        site.provider.clear_faults();
        a_moment().await;
        // The issuer has replaced the refresh token, and takes the old one for stolen.
        let refused = (401, "refresh_refused".to_owned());
        assert_eq!(site.refused("").await, refused, "{fault:?}");
        assert_eq!(site.browser.get("/page").await.status, 200, "{fault:?}");
        // It is not sent again.
        a_moment().await;
        let none = (401, "no_refresh_token".to_owned());
        assert_eq!(site.refused("").await, none, "{fault:?}");
        assert_eq!(site.token_calls(), 3, "{fault:?}");
        let session = site.session().expect("signed in");
        assert_eq!((session.user().sub(), refresh_token(&session)), ("mira", None));
    }
}

/// Some issuers replace the refresh token before they look at what it is to be exchanged for.
#[tokio::test]
async fn a_refresh_token_that_an_error_may_have_used_up_signs_nobody_out() {
    for (error, stays) in [
        ("invalid_target", true),
        ("invalid_scope", true),
        ("invalid_request", true),
        ("an_error_of_its_own", true),
        // A client that is refused has not got as far.
        ("invalid_client", false),
        ("unauthorized_client", false),
        ("unsupported_grant_type", false),
    ] {
        let mut site = Site::start().await;
        site.expire();
        site.provider.fault(Fault::TokenError(error.to_owned()));
        assert_eq!(site.refused("").await.0, 502, "{error}");
        a_moment().await;
        site.provider.clear_faults();
        site.provider.fault(Fault::TokenError("invalid_grant".to_owned()));
        let refused = (401, "refresh_refused".to_owned());
        assert_eq!(site.refused("").await, refused, "{error}");
        assert_eq!(site.session().is_some(), stays, "{error}");
        assert_eq!(site.token_calls(), 3, "{error}");
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_no_good_ends_the_session() {
    let mut site = Site::start().await;
    let copy = site.browser.cookies();
    site.clock.advance(LIFETIME - 10);
    site.provider.fault(Fault::TokenError("invalid_grant".to_owned()));
    assert_eq!(site.refused("").await, (401, "refresh_refused".to_owned()));
    assert!(site.session().is_none(), "the cookie is gone");
    assert_eq!(site.refused("").await, (401, "no_session".to_owned()));
    assert_eq!(site.token_calls(), 2);
    site.provider.clear_faults();
    let answer = crate::fixtures::get(site.browser.app(), "/page", &[("cookie", &copy)]).await;
    assert_eq!(answer.status, 303, "and so are its copies");
}

#[tokio::test]
async fn tokens_of_another_person_or_issuer_are_not_taken() {
    let cases: [(&str, serde_json::Value); 6] = [
        ("sub", json!("somebody-else")),
        ("iss", json!("https://other.example.com")),
        ("aud", json!("another-client")),
        ("auth_time", json!(1_799_999_000)),
        ("nonce", json!("another nonce")),
        ("azp", json!("another-client")),
    ];
    for (claim, value) in cases {
        let mut site = Site::start().await;
        let before = site.session().unwrap();
        site.expire();
        site.provider.tamper_id_token(move |_, claims| {
            claims.insert(claim.to_owned(), value.clone());
        });
        assert_eq!(
            site.refused("").await,
            (502, "malformed_answer".to_owned()),
            "{claim}"
        );
        let after = site.session().expect("signed in");
        assert!(after == before, "{claim}: the session is as it was");
        assert_eq!(site.token_calls(), 2, "{claim}");
    }
}

/// OIDC Core 12.2: whoever is among the audiences now was not there when the person signed in.
#[tokio::test]
async fn an_audience_that_is_trusted_is_none_that_may_come_or_go() {
    let with = ["app", "project"];
    for (first, then, taken) in [
        (json!("app"), json!(with), false),
        (json!(with), json!("app"), false),
        (json!(with), json!(["project", "app", "app"]), true),
        (json!("app"), json!(["app"]), true),
    ] {
        let audience = Arc::new(Mutex::new(first.clone()));
        let mut site = Site::with(
            |provider| provider,
            |settings| settings.trusted_audiences(["project"]),
        )
        .await;
        let told = audience.clone();
        site.provider.tamper_id_token(move |_, claims| {
            claims.insert("aud".to_owned(), told.lock().unwrap().clone());
        });
        let signed_in = site.browser.sign_in(&site.provider, "mira").await;
        assert_eq!(signed_in.status, 303, "{first}");
        *audience.lock().unwrap() = then.clone();
        site.expire();
        let answer = site.browser.get("/tokens").await;
        assert_eq!(answer.status == 200, taken, "{first} {then}: {answer:?}");
        assert_eq!(site.browser.get("/page").await.status, 200);
    }
}

#[tokio::test]
async fn an_id_token_may_be_absent_and_repeat_the_nonce() {
    let mut site = Site::start().await;
    let first = site.tokens("").await;
    site.expire();
    site.provider.fault(Fault::NoIdToken);
    let second = site.tokens("").await;
    assert_ne!(second["access"], first["access"]);
    assert_eq!(second["id"], first["id"], "the last one that came");
    site.provider.clear_faults();

    let nonce = nonce_of(first["id"].as_str().unwrap());
    site.provider.tamper_id_token(move |_, claims| {
        claims.insert("nonce".to_owned(), json!(nonce));
    });
    site.expire();
    let third = site.tokens("").await;
    assert_ne!(third["id"], first["id"]);
}

fn nonce_of(id_token: &str) -> String {
    use base64::Engine as _;
    let payload = id_token.split('.').nth(1).unwrap();
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    claims["nonce"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_refresh_proves_nothing_new_of_the_person() {
    let mut site = Site::start().await;
    let before = site.session().unwrap();
    site.expire();
    site.provider.tamper_id_token(|_, claims| {
        claims.insert("acr".to_owned(), json!("urn:higher"));
        claims.insert("sid".to_owned(), json!("another session"));
        claims.remove("auth_time");
    });
    site.tokens("").await;
    let after = site.session().unwrap();
    assert_eq!(
        (after.auth_time(), after.acr(), after.sid(), after.expires_at()),
        (
            before.auth_time(),
            before.acr(),
            before.sid(),
            before.expires_at()
        )
    );
    assert!(after != before);
}

#[tokio::test]
async fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    let mut site = Site::start().await;
    let before = site.session().unwrap();
    site.expire();
    site.provider.tamper_token_response(|answer| {
        answer.as_object_mut().unwrap().remove("refresh_token");
    });
    site.tokens("").await;
    assert_eq!(refresh_token(&site.session().unwrap()), refresh_token(&before));
}
