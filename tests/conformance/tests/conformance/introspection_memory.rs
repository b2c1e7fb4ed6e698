//! How often the issuer is asked about an opaque token: what it said is remembered, for a while.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::api::{Answer, Api, INTROSPECTION, ISSUER, METADATA, NOW};
use crate::introspection::{active, answering, with};

#[tokio::test]
async fn a_yes_counts_for_a_minute_and_no_longer_than_the_token() {
    let api = Api::new("ES256");
    api.issuers.introspect(ISSUER, |token| {
        Answer::Json(match token {
            "short" => with("exp", json!(NOW - 30)),
            "endless" => with("exp", Value::Null),
            _ => active(),
        })
    });
    let calls = || api.calls(INTROSPECTION);
    assert!(api.is_good("long").await && api.is_good("short").await && api.is_good("endless").await);
    api.clock.advance(29);
    assert!(api.is_good("short").await);
    assert_eq!(calls(), 3);
    api.clock.advance(1);
    api.refuses("over", "short").await;
    assert_eq!(calls(), 4);
    api.clock.advance(29);
    assert!(api.is_good("long").await && api.is_good("endless").await);
    assert_eq!(calls(), 4);
    api.clock.advance(1);
    api.issuers
        .introspect(ISSUER, |_| Answer::Json(json!({ "active": false })));
    api.refuses("revoked", "long").await;
    api.refuses("revoked", "endless").await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_no_yes_count_for_longer() {
    let api = answering(Answer::Json(with("exp", Value::Null)));
    assert!(api.is_good("opaque").await);
    api.clock.advance(-5);
    assert!(api.is_good("opaque").await);
    assert_eq!(api.calls(INTROSPECTION), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_requests_with_one_token_ask_once() {
    for good in [true, false] {
        let answer = if good {
            active()
        } else {
            json!({ "active": false })
        };
        let api = answering(Answer::Json(answer));
        api.issuers.slow(ISSUER, Duration::from_millis(50));
        let all = join_all((0..1_000).map(|_| api.is_good("opaque"))).await;
        assert!(all.into_iter().all(|is_good| is_good == good));
        assert_eq!((api.calls(METADATA), api.calls(INTROSPECTION)), (1, 1));
    }
}

/// A moment later the issuer is asked again, since the token may be one that it has only just made.
#[tokio::test(start_paused = true)]
async fn a_no_is_not_asked_for_twice_in_a_row() {
    let api = answering(Answer::Json(json!({ "active": false })));
    for _ in 0..10 {
        api.refuses("unknown", "opaque").await;
    }
    assert_eq!(api.calls(INTROSPECTION), 1);
    api.issuers.introspect(ISSUER, |_| Answer::Json(active()));
    tokio::time::advance(Duration::from_secs(5)).await;
    assert!(api.is_good("opaque").await);
    assert_eq!(api.calls(INTROSPECTION), 2);
}
