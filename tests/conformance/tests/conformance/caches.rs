//! Metadata and keys: how often they are fetched, how long they serve, when a key dies.

use std::time::Duration;

use axum::body::Body;
use futures_util::future::join_all;
use http::Request;
use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::{Endpoint, Fault};
use support::{UserAgent, app};
use tower::ServiceExt as _;

use crate::forge::{Forge, replace_id_token};
use crate::rp::{Rp, Setup};

const NOW: i64 = 1_900_000_000;

/// With one clock, and access to it.
async fn timed() -> (Rp, Clock) {
    let clock = Clock::fixed(NOW);
    (Setup::new().clock(&clock).start().await, clock)
}

async fn signs_in(rp: &Rp) {
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

#[tokio::test]
async fn the_issuer_is_not_called_before_somebody_signs_in() {
    let rp = Rp::start().await;
    for path in ["/", "/dashboard", "/api/me", "/api/auth/userinfo"] {
        rp.agent.fetch(http::Method::GET, &rp.app.at(path)).await;
    }
    assert_eq!(rp.calls(Endpoint::Discovery), 0);
    signs_in(&rp).await;
    assert_eq!((rp.calls(Endpoint::Discovery), rp.calls(Endpoint::Jwks)), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_sign_ins_at_once_on_a_cold_start_make_one_discovery_call() {
    let rp = Rp::start().await;
    rp.provider
        .fault(Fault::Slow(Endpoint::Discovery, Duration::from_millis(200)));
    let app = app(&rp.auth);
    let sign_in = |_| {
        let request = Request::get("/api/auth/signin").body(Body::empty()).unwrap();
        tokio::spawn(app.clone().oneshot(request))
    };
    for answer in join_all((0..1_000).map(sign_in)).await {
        assert_eq!(answer.unwrap().unwrap().status(), 303);
    }
    assert_eq!(rp.calls(Endpoint::Discovery), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_callbacks_at_once_on_a_cold_start_make_one_jwks_call() {
    const FLOWS: usize = 100;
    let rp = Rp::start().await;
    let agents: Vec<_> = (0..FLOWS).map(|_| UserAgent::new()).collect();
    let logins = join_all(agents.iter().map(|agent| rp.begin(agent))).await;
    assert_eq!(rp.calls(Endpoint::Discovery), 1);
    rp.provider
        .fault(Fault::Slow(Endpoint::Jwks, Duration::from_millis(200)));
    let all = agents.iter().zip(logins);
    let pages = join_all(all.map(|(agent, login)| rp.go_on(agent, login, "mira"))).await;
    assert!(pages.iter().all(|page| page.body == "dashboard of Mira Adler"));
    assert_eq!(rp.calls(Endpoint::Token), FLOWS);
    assert_eq!(rp.calls(Endpoint::Jwks), 1);
    assert_eq!(rp.calls(Endpoint::Discovery), 1);
}

/// Many at once after a rotation share one more call.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_callbacks_at_once_after_a_rotation_make_one_jwks_call() {
    let rp = Rp::start().await;
    signs_in(&rp).await;
    let agents: Vec<_> = (0..30).map(|_| UserAgent::new()).collect();
    let logins = join_all(agents.iter().map(|agent| rp.begin(agent))).await;
    rp.provider.rotate_keys();
    rp.provider
        .fault(Fault::Slow(Endpoint::Jwks, Duration::from_millis(200)));
    let all = agents.iter().zip(logins);
    let pages = join_all(all.map(|(agent, login)| rp.go_on(agent, login, "mira"))).await;
    assert!(pages.iter().all(|page| page.body == "dashboard of Mira Adler"));
    assert_eq!(rp.calls(Endpoint::Jwks), 2);
}

/// Fresh copies serve without a call; stale ones serve at once and are renewed behind.
#[tokio::test]
async fn fresh_copies_serve_and_stale_ones_are_renewed_behind() {
    let (rp, clock) = timed().await;
    signs_in(&rp).await;
    clock.advance(299);
    signs_in(&rp).await;
    assert_eq!((rp.calls(Endpoint::Discovery), rp.calls(Endpoint::Jwks)), (1, 1));
    clock.advance(1);
    signs_in(&rp).await;
    calls_become(&rp, Endpoint::Discovery, 2).await;
    calls_become(&rp, Endpoint::Jwks, 2).await;
}

#[tokio::test]
async fn the_cache_durations_are_settings() {
    let clock = Clock::fixed(NOW);
    let rp = Setup::new()
        .clock(&clock)
        .settings(|settings| {
            settings
                .jwks_cache(Duration::from_secs(20))
                .metadata_cache(Duration::from_secs(40))
        })
        .start()
        .await;
    signs_in(&rp).await;
    clock.advance(20);
    signs_in(&rp).await;
    calls_become(&rp, Endpoint::Jwks, 2).await;
    assert_eq!(rp.calls(Endpoint::Discovery), 1);
    clock.advance(20);
    signs_in(&rp).await;
    calls_become(&rp, Endpoint::Discovery, 2).await;
}

/// Tokens with unknown keys must not make us attack the issuer.
#[tokio::test]
async fn a_flood_of_unknown_kids_refetches_once_in_ten_seconds() {
    let (rp, clock) = timed().await;
    signs_in(&rp).await;
    rp.provider.tamper_id_token(|header, _| {
        header.insert("kid".into(), "unknown".into());
    });
    for (calls, seconds) in [(2, 9), (2, 1), (3, 0)] {
        for _ in 0..5 {
            assert_eq!(rp.sign_in().await.status, 400);
        }
        assert_eq!(rp.calls(Endpoint::Jwks), calls);
        clock.advance(seconds);
    }
}

/// An issuer in development may begin anew with another key of the same name, so a bad signature is looked up as
/// an unknown key is, and as rarely.
#[tokio::test]
async fn bad_signatures_refetch_once_in_ten_seconds() {
    let (rp, clock) = timed().await;
    signs_in(&rp).await;
    rp.provider.fault(Fault::BadSignature);
    for calls in [2, 3] {
        for _ in 0..5 {
            assert_eq!(rp.sign_in().await.status, 400);
        }
        assert_eq!(rp.calls(Endpoint::Jwks), calls);
        clock.advance(10);
    }
}

/// And where it was a new key under the known name, the sign-in goes on.
#[tokio::test]
async fn a_new_key_under_a_known_kid_signs_in() {
    let (rp, _) = timed().await;
    for calls in [1, 2] {
        rp.provider.clear_faults();
        let forge = Forge::new();
        let jwk = forge.jwk();
        rp.provider
            .tamper_jwks(move |jwks| jwks["keys"] = serde_json::json!([jwk.clone()]));
        replace_id_token(&rp.provider, move |id_token| {
            let claims = serde_json::Value::Object(crate::forge::payload(id_token));
            forge.sign(
                &serde_json::Value::Object(Forge::header()).to_string(),
                &claims.to_string(),
            )
        });
        signs_in(&rp).await;
        assert_eq!(rp.calls(Endpoint::Jwks), calls);
    }
}

/// While the metadata cannot be had, those who ask for it in vain make one call a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_ins_in_vain_do_not_each_cause_a_call() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::Status(Endpoint::Discovery, 404));
    let start = std::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(rp.begin(&rp.agent).await.status, 502);
    }
    let seconds = usize::try_from(start.elapsed().as_secs()).unwrap();
    assert!(rp.calls(Endpoint::Discovery) <= 1 + seconds);
    rp.provider.clear_faults();
    crate::rp::failures_are_forgotten().await;
    signs_in(&rp).await;
}

/// A sign-out right after a sign-in knows where the issuer is without asking again.
#[tokio::test]
async fn a_sign_out_makes_do_with_metadata_of_a_moment_ago() {
    let (rp, clock) = timed().await;
    for (age, calls) in [(0, 1), (5, 1), (6, 2)] {
        signs_in(&rp).await;
        clock.advance(age);
        rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
        assert_eq!(rp.calls(Endpoint::Discovery), calls, "{age}");
        clock.advance(-age);
    }
}

/// Neither do tokens of another algorithm, which no key could verify.
#[tokio::test]
async fn tokens_of_another_algorithm_refetch_nothing() {
    let rp = Rp::start().await;
    signs_in(&rp).await;
    rp.provider.fault(Fault::Hs256);
    for _ in 0..5 {
        assert_eq!(rp.sign_in().await.status, 400);
    }
    assert_eq!(rp.calls(Endpoint::Jwks), 1);
}

/// Without `kid` a bad signature may be a rotation, so it is looked up, as rarely.
#[tokio::test]
async fn bad_signatures_without_kid_refetch_once_in_ten_seconds() {
    let (rp, clock) = timed().await;
    rp.provider.fault(Fault::NoKid);
    signs_in(&rp).await;
    rp.provider.fault(Fault::BadSignature);
    for calls in [2, 3] {
        for _ in 0..5 {
            assert_eq!(rp.sign_in().await.status, 400);
        }
        assert_eq!(rp.calls(Endpoint::Jwks), calls);
        clock.advance(10);
    }
}

/// What was fetched in the ordinary way does not count against the refetch for an unknown key.
#[tokio::test]
async fn a_rotation_right_after_an_ordinary_fetch_is_noticed() {
    let (rp, _) = timed().await;
    signs_in(&rp).await;
    assert_eq!(rp.calls(Endpoint::Jwks), 1);
    rp.provider.fault(Fault::RotateBeforeSigning);
    signs_in(&rp).await;
    assert_eq!(rp.calls(Endpoint::Jwks), 2);
}

/// The issuer withdrew a key that somebody stole, and its key set cannot be reached since: after an hour of
/// staleness nothing is believed any more.
#[tokio::test]
async fn a_withdrawn_key_dies_after_an_hour_of_staleness() {
    let (rp, clock) = timed().await;
    let stolen = Forge::new();
    let jwk = stolen.jwk();
    rp.provider
        .tamper_jwks(move |jwks| jwks["keys"] = serde_json::json!([jwk.clone()]));
    replace_id_token(&rp.provider, move |id_token| {
        let claims = serde_json::Value::Object(crate::forge::payload(id_token));
        stolen.sign(
            &serde_json::Value::Object(Forge::header()).to_string(),
            &claims.to_string(),
        )
    });
    signs_in(&rp).await;
    rp.provider.fault(Fault::Status(Endpoint::Jwks, 503));
    clock.advance(300 + 3_599);
    signs_in(&rp).await;
    rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    clock.advance(1);
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 503);
}

/// And where the key set can be reached, it dies at the first look after its withdrawal.
#[tokio::test]
async fn a_withdrawn_key_dies_when_the_keys_are_renewed() {
    let (rp, clock) = timed().await;
    let stolen = std::sync::Arc::new(Forge::new());
    let jwk = stolen.jwk();
    let sign = move |id_token: &str| {
        let claims = serde_json::Value::Object(crate::forge::payload(id_token));
        stolen.sign(
            &serde_json::Value::Object(Forge::header()).to_string(),
            &claims.to_string(),
        )
    };
    rp.provider
        .tamper_jwks(move |jwks| jwks["keys"] = serde_json::json!([jwk.clone()]));
    replace_id_token(&rp.provider, sign.clone());
    signs_in(&rp).await;
    rp.provider.clear_faults();
    replace_id_token(&rp.provider, sign);
    clock.advance(300);
    signs_in(&rp).await;
    calls_become(&rp, Endpoint::Jwks, 2).await;
    rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 400);
}

/// A renewal runs behind the answer that caused it.
async fn calls_become(rp: &Rp, endpoint: Endpoint, calls: usize) {
    for _ in 0..2_000 {
        if rp.calls(endpoint) >= calls {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Until its answer has been read, too.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(rp.calls(endpoint), calls, "{endpoint:?}");
}
