//! One refresh among all processes, whatever becomes of whoever began it.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use monocloud_runtime::testing::{Endpoint, Fault};

use super::faulty::Call;
use super::fleet::{Fleet, Process};
use crate::fixtures::{LIFETIME, get};

pub(crate) fn calls(fleet: &Fleet) -> usize {
    fleet.provider.calls(Endpoint::Token)
}

/// Begins a refresh in a process that dies while the issuer answers, and whose lease is over soon.
pub(crate) async fn begun_by_one_that_dies(fleet: &Fleet, cookies: &str) {
    let dying = fleet.process();
    dying.store.lease(Duration::from_millis(300));
    fleet
        .provider
        .fault(Fault::Late(Endpoint::Token, Duration::from_secs(60)));
    let before = calls(fleet);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (app, cookies) = (dying.app.clone(), cookies.to_owned());
    runtime.spawn(async move { get(&app, "/tokens?force=1", &[("cookie", &cookies)]).await });
    super::eventually(async || calls(fleet) > before).await;
    runtime.shutdown_background();
    fleet.provider.clear_faults();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_over_three_processes_are_one_refresh() {
    for fleet in Fleet::both().await {
        let processes = fleet.three();
        let mut cookies = processes[0].sign_in(&fleet, "mira").await.cookies();
        let slow = Fault::Slow(Endpoint::Token, Duration::from_millis(300));
        for round in 2..=3 {
            fleet.clock.advance(LIFETIME);
            fleet.provider.fault(slow.clone());
            let requests = (0..100).map(|number| processes[number % 3].renewed("", &cookies));
            let answers = join_all(requests).await;
            let distinct: BTreeSet<_> = answers.iter().map(|(given, _)| given.to_string()).collect();
            assert_eq!((distinct.len(), calls(&fleet)), (1, round), "{distinct:?}");
            assert_eq!(answers[0].0["expired"], false);
            cookies.clone_from(&answers[1].1);
        }
    }
}

#[tokio::test]
async fn a_taker_never_sends_what_was_begun() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        begun_by_one_that_dies(&fleet, &cookies).await;
        let began = calls(&fleet);
        // Others may not, as long as it might still be at it.
        process.tokens("", &cookies).await;
        let (status, code) = process.refused("?force=1", &cookies).await;
        assert_eq!((status, code.as_str()), (503, "unreachable"));
        // The session goes on with its access token, and without a loop.
        for process in [&process, &other, &fleet.process()] {
            assert_eq!(process.tokens("", &cookies).await["expired"], false);
            assert_ne!(process.refused("?force=1", &cookies).await.0, 200);
            assert!(fleet.in_cookies || !process.has_refresh_token(&cookies));
        }
        fleet.clock.advance(LIFETIME);
        for process in [&process, &other, &fleet.process()] {
            let (status, code) = process.refused("", &cookies).await;
            assert_ne!(status, 200, "{code}");
            assert_eq!(code, "no_refresh_token");
            assert!(process.lets_in(&cookies).await, "nobody is signed out by it");
        }
        assert_eq!(calls(&fleet), began, "it was not sent again");
    }
}

/// Whoever waited for it gets no token that is over.
#[tokio::test]
async fn who_waits_for_a_refresh_that_died_gets_an_error() {
    for fleet in Fleet::both().await {
        let processes = fleet.three();
        let cookies = processes[0].sign_in(&fleet, "mira").await.cookies();
        begun_by_one_that_dies(&fleet, &cookies).await;
        let began = calls(&fleet);
        fleet.clock.advance(LIFETIME);
        let requests = (0..30).map(|number| processes[number % 3].refused("", &cookies));
        for (status, code) in join_all(requests).await {
            assert!(
                matches!(
                    (status, code.as_str()),
                    (503, "unreachable") | (_, "no_refresh_token")
                ),
                "{status} {code}"
            );
        }
        assert_eq!(calls(&fleet), began);
    }
}

/// Or another process would take over what is under way.
#[tokio::test]
async fn the_lease_is_longer_than_the_issuer_may_take() {
    for seconds in [1, 7] {
        for fleet in Fleet::both().await {
            let timeout = Duration::from_secs(seconds);
            let process = fleet.process_with(|settings| settings.response_timeout(timeout));
            let cookies = process.sign_in(&fleet, "mira").await.cookies();
            process.tokens("?force=1", &cookies).await;
            // The refresh itself, and keys that have to be had for its ID token.
            assert!(process.store.last_lease() > Some(2 * timeout));
        }
    }
}

async fn late_leader(fleet: &Fleet, process: &Process, other: &Process, cookies: &str) -> (u16, String) {
    process.store.lease(Duration::from_millis(200));
    let before = calls(fleet);
    let meanwhile = async {
        super::eventually(async || calls(fleet) > before).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        fleet.provider.clear_faults();
        assert_eq!(other.refused("?force=1", cookies).await.1, "unreachable");
    };
    let (late, ()) = tokio::join!(process.refused("?force=1", cookies), meanwhile);
    late
}

#[tokio::test]
async fn a_late_leader_writes_nothing() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        let before = process.tokens("", &cookies).await;
        fleet
            .provider
            .fault(Fault::Late(Endpoint::Token, Duration::from_secs(4)));
        let late = late_leader(&fleet, &process, &other, &cookies).await;
        assert_eq!(late, (503, "unreachable".to_owned()));
        for process in [&process, &other] {
            let now = process.tokens("", &cookies).await;
            assert_eq!(now["access"], before["access"]);
            assert!(fleet.in_cookies || now["refresh"].is_null());
        }
    }
}

#[tokio::test]
async fn a_late_leader_that_is_refused_ends_nothing() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        fleet
            .provider
            .fault(Fault::TokenError("invalid_grant".to_owned()));
        fleet
            .provider
            .fault(Fault::Late(Endpoint::Token, Duration::from_secs(4)));
        let late = late_leader(&fleet, &process, &other, &cookies).await;
        assert_ne!(late.0, 200);
        for process in [&process, &other] {
            assert!(process.lets_in(&cookies).await);
            assert_eq!(process.tokens("", &cookies).await["expired"], false);
        }
    }
}

#[tokio::test]
async fn a_good_token_serves_while_another_process_renews_it() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        let before = process.tokens("", &cookies).await;
        fleet.clock.advance(LIFETIME - 10);
        let gate = process.store.gate(Call::Commit);
        let meanwhile = async {
            gate.arrived().await;
            let served = other.tokens("", &cookies).await;
            gate.open();
            served
        };
        let (renewed, served) = tokio::join!(process.tokens("", &cookies), meanwhile);
        assert_eq!(served["access"], before["access"]);
        assert_ne!(renewed["access"], before["access"]);
        if fleet.in_cookies {
            // A cookie from before has a token that is good still: who wants a newer one gets what was brought.
            let brought = fleet.process().tokens("?force=1", &cookies).await;
            assert_eq!(brought["access"], renewed["access"]);
        } else {
            assert_eq!(other.tokens("", &cookies).await["access"], renewed["access"]);
        }
        assert_eq!(calls(&fleet), 2);
    }
}
