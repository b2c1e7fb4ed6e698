//! Issuers that were asked for a fresh or a stronger sign-in, and say something else: the callback answers 403, and
//! nobody is signed in.

use monocloud_runtime::testing::{Clock, Endpoint};
use serde_json::{Map, Value, json};

use crate::rp::{Rp, Setup};

const NOW: i64 = 1_900_000_000;

/// A sign-in that `path` asked for, and where it ended.
async fn answered(path: &str, change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) -> bool {
    let rp = Setup::new().clock(&Clock::fixed(NOW)).start().await;
    rp.provider.tamper_id_token(move |_, claims| change(claims));
    let page = rp.agent.visit(&rp.app.at(path)).await;
    let page = rp.go_on(&rp.agent, page, "mira").await;
    if rp.has_session() {
        assert_eq!((page.status.as_u16(), page.url.path()), (200, path), "{page:?}");
        return true;
    }
    assert_not_confirmed(&rp, &page);
    false
}

#[track_caller]
fn assert_not_confirmed(rp: &Rp, page: &support::Page) {
    rp.assert_refused(page, 403);
    assert!(page.body.contains("Could not confirm"), "{page:?}");
    assert_eq!(rp.calls(Endpoint::Authorize), 1, "nobody was sent round again");
    assert_eq!(rp.calls(Endpoint::Token), 1);
    assert_eq!(rp.calls(Endpoint::Userinfo), 0);
}

async fn with(path: &str, claim: &'static str, value: Value) -> bool {
    answered(path, move |claims| {
        claims.insert(claim.into(), value.clone());
    })
    .await
}

async fn without(path: &str, claim: &'static str) -> bool {
    answered(path, move |claims| drop(claims.remove(claim))).await
}

#[tokio::test]
async fn an_auth_time_that_is_too_old_missing_or_ahead_confirms_nothing() {
    assert!(answered("/fresh", |_| ()).await);
    assert!(with("/fresh", "auth_time", json!(NOW - 300)).await);
    assert!(with("/fresh", "auth_time", json!(NOW + 60)).await);
    assert!(!without("/fresh", "auth_time").await);
    for lie in [
        json!(NOW - 301),
        json!(0),
        json!(NOW + 61),
        json!(NOW * 1_000),
        json!(u64::MAX),
        json!(null),
        json!(NOW.to_string()),
        json!([NOW]),
        json!(true),
    ] {
        assert!(!with("/fresh", "auth_time", lie.clone()).await, "{lie}");
    }
}

#[tokio::test]
async fn an_acr_that_is_another_or_missing_confirms_nothing() {
    assert!(answered("/strong", |_| ()).await);
    assert!(with("/strong", "acr", json!("urn:pin")).await);
    assert!(!without("/strong", "acr").await);
    for lie in [
        json!("urn:password"),
        json!("URN:MFA"),
        json!("urn:mfa urn:pin"),
        json!(["urn:mfa"]),
        json!(""),
        json!(null),
        json!(2),
        json!({ "urn:mfa": true }),
    ] {
        assert!(!with("/strong", "acr", lie.clone()).await, "{lie}");
    }
}

#[tokio::test]
async fn userinfo_confirms_nothing() {
    let rp = Setup::new().clock(&Clock::fixed(NOW)).start().await;
    rp.provider
        .tamper_id_token(|_, claims| drop(claims.remove("acr")));
    rp.provider.tamper_userinfo(|answer| {
        answer["acr"] = json!("urn:mfa");
        answer["auth_time"] = json!(NOW);
    });
    let page = rp.agent.visit(&rp.app.at("/strong")).await;
    let page = rp.go_on(&rp.agent, page, "mira").await;
    assert_not_confirmed(&rp, &page);
}
