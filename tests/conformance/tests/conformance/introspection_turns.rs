//! Whose tokens the issuer is asked about when more come than it can be asked about at once: random ones, which anybody
//! can send, hold up nobody whose token is known to be worth it.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::Instant;

use crate::api::{Answer, Api, INTROSPECTION, ISSUER, claims, with};
use crate::introspection::{active, with as of_active};

const ROUND_TRIP: Duration = Duration::from_secs(1);

/// Where random tokens may wait.
const PLACES: usize = 1_024;

/// An issuer that knows the tokens that begin with `good`, and JWTs.
fn api(introspect_jwts: bool) -> Api {
    let api = Api::with("ES256", |settings| {
        settings.introspect_jwt_tokens(introspect_jwts)
    });
    api.issuers.introspect(ISSUER, |token| {
        let is_known = token.starts_with("good") || token.starts_with("eyJ");
        Answer::Json(if is_known {
            active()
        } else {
            json!({ "active": false })
        })
    });
    api
}

async fn are_good(api: &Api, tokens: &[String]) {
    for (token, is_good) in tokens
        .iter()
        .zip(join_all(tokens.iter().map(|token| api.is_good(token))).await)
    {
        assert!(is_good, "{token}");
    }
}

/// Status, and how long it took, of each of so many random tokens at once; and meanwhile, with all of those waiting,
/// the good ones are asked about, and have their answers in one round trip.
async fn among(api: &Api, random: usize, good: &[String]) -> Vec<(u16, Duration)> {
    api.issuers.slow(ISSUER, ROUND_TRIP);
    let asked = api.calls(INTROSPECTION);
    let crowd = join_all((0..random).map(async |number| {
        let began = Instant::now();
        let error = api.validate(&format!("random-{number}")).await.unwrap_err();
        (error.status().as_u16(), began.elapsed())
    }));
    let among_them = async {
        tokio::time::sleep(ROUND_TRIP / 2).await;
        let waiting = api.calls(INTROSPECTION) - asked;
        assert!(waiting < random, "{waiting}");
        let began = Instant::now();
        are_good(api, good).await;
        let took = began.elapsed();
        assert!(
            (ROUND_TRIP..ROUND_TRIP + ROUND_TRIP / 4).contains(&took),
            "{took:?}"
        );
        assert!(api.calls(INTROSPECTION) - asked >= waiting + good.len());
    };
    tokio::join!(crowd, among_them).0
}

fn good(tokens: std::ops::Range<usize>) -> Vec<String> {
    tokens.map(|number| format!("good-{number}")).collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_good_a_minute_ago_waits_for_no_random_token() {
    let api = api(false);
    let known = good(0..30);
    are_good(&api, &known).await;
    api.clock.advance(61);
    // Nor do others that are good make it forgotten.
    are_good(&api, &good(100..200)).await;
    for outcome in among(&api, 500, &known).await {
        assert!([401, 503].contains(&outcome.0), "{outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_jwt_that_was_verified_here_waits_for_no_random_token() {
    let api = api(true);
    let tokens: Vec<String> = (0..30)
        .map(|number| api.signer.access_token(&with("jti", json!(number))))
        .collect();
    // So that keys and metadata are there; the others were never seen.
    assert!(api.is_good(&api.signer.access_token(&claims())).await);
    among(&api, 500, &tokens).await;
    // And the same when they are asked about again.
    api.clock.advance(61);
    among(&api, 500, &tokens).await;
}

#[tokio::test(start_paused = true)]
async fn random_tokens_beyond_the_places_are_503_at_once_and_take_no_others() {
    let api = api(false);
    let known = good(0..1);
    are_good(&api, &known).await;
    api.clock.advance(61);
    let outcomes = among(&api, PLACES + 100, &known).await;
    let at_once: Vec<_> = outcomes.iter().filter(|(_, took)| took.is_zero()).collect();
    assert_eq!(at_once.len(), 100);
    assert!(at_once.iter().all(|(status, _)| *status == 503));
    assert!(outcomes.iter().any(|(status, _)| *status == 401));
}

/// Whoever keeps tokens of the past waits with the strangers.
#[tokio::test(start_paused = true)]
async fn a_token_that_was_revoked_has_no_turn_of_its_own() {
    let api = api(false);
    are_good(&api, &good(0..1)).await;
    api.clock.advance(61);
    api.issuers
        .introspect(ISSUER, |_| Answer::Json(json!({ "active": false })));
    api.refuses("revoked", "good-0").await;
    tokio::time::advance(Duration::from_secs(5)).await;
    api.issuers.slow(ISSUER, ROUND_TRIP);
    let crowd = join_all((0..PLACES).map(async |number| api.is_good(&format!("random-{number}")).await));
    let revoked = async {
        tokio::time::sleep(ROUND_TRIP / 2).await;
        assert_eq!(api.validate("good-0").await.unwrap_err().status(), 503);
    };
    tokio::join!(crowd, revoked);
}

#[tokio::test(start_paused = true)]
async fn few_tokens_are_asked_about_at_once_and_each_gets_its_own_answer() {
    let api = Api::new("ES256");
    api.issuers
        .introspect(ISSUER, |token| Answer::Json(of_active("sub", json!(token))));
    assert!(api.is_good("first").await);
    api.issuers.slow(ISSUER, Duration::from_secs(1));
    let tokens: Vec<String> = (0..96)
        .map(|number| format!("a-long-beginning-that-all-of-them-share-{number}"))
        .collect();
    let began = Instant::now();
    let all = join_all(tokens.iter().map(|token| api.validate(token))).await;
    // 32 at once.
    assert_eq!(began.elapsed().as_secs(), 3);
    for (token, claims) in tokens.iter().zip(all) {
        assert_eq!(claims.unwrap().sub(), token);
        assert_eq!(api.validate(token).await.unwrap().sub(), token, "remembered");
    }
}
