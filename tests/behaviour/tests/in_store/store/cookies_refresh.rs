//! One refresh among all processes, where sessions are in cookies and processes share a store beside.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use monocloud_runtime::testing::{Endpoint, Fault};

use super::faulty::{Call, Lost, Weather};
use super::fleet::{Fleet, Process};
use super::refresh::{begun_by_one_that_dies, calls};
use crate::fixtures::LIFETIME;

/// The cookie that a process sets with new tokens, and what it gave of them.
async fn renewed(process: &Process, query: &str, cookies: &str) -> (String, serde_json::Value) {
    let answer = process.get(&format!("/tokens{query}"), cookies).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let parts = answer.cookies().into_iter();
    let parts = parts.filter(|cookie| cookie.name.starts_with("session") && !cookie.deletes());
    let cookies: Vec<_> = parts
        .map(|cookie| format!("{}={}", cookie.name, cookie.value))
        .collect();
    (cookies.join("; "), answer.json())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_over_three_processes_are_one_refresh() {
    let fleet = Fleet::in_cookies().await;
    let processes = [fleet.process(), fleet.process(), fleet.process()];
    let mut cookies = processes[0].sign_in(&fleet, "mira").await.cookies();
    let slow = Fault::Slow(Endpoint::Token, Duration::from_millis(300));
    for round in 2..=3 {
        fleet.clock.advance(LIFETIME);
        fleet.provider.fault(slow.clone());
        let requests = (0..100).map(|number| renewed(&processes[number % 3], "", &cookies));
        let answers = join_all(requests).await;
        let distinct: BTreeSet<_> = answers.iter().map(|(_, given)| given.to_string()).collect();
        assert_eq!((distinct.len(), calls(&fleet)), (1, round), "{distinct:?}");
        assert_eq!(answers[0].1["expired"], false);
        cookies = answers[1].0.clone();
    }
}

/// Its answer may never have reached the browser.
#[tokio::test]
async fn what_a_process_brought_that_is_gone_is_there_for_cookies_from_before() {
    let fleet = Fleet::in_cookies().await;
    let cookies = fleet.process().sign_in(&fleet, "mira").await.cookies();
    fleet.clock.advance(LIFETIME);
    let (_, brought) = renewed(&fleet.process(), "", &cookies).await;
    let other = fleet.process();
    let (newer, given) = renewed(&other, "", &cookies).await;
    assert_eq!((given, calls(&fleet)), (brought, 2));
    fleet.clock.advance(LIFETIME);
    // Whoever has the cookie from before, and whoever has the one after.
    let (_, next) = renewed(&fleet.process(), "", &cookies).await;
    let (_, same) = renewed(&fleet.process(), "", &newer).await;
    assert_eq!((next["expired"].as_bool(), calls(&fleet)), (Some(false), 3));
    assert_eq!(same, next);
}

#[tokio::test]
async fn a_taker_never_sends_what_was_begun() {
    let fleet = Fleet::in_cookies().await;
    let (process, other) = (fleet.process(), fleet.process());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    begun_by_one_that_dies(&fleet, &cookies).await;
    let began = calls(&fleet);
    // The session goes on with its access token, and without a loop.
    process.tokens("", &cookies).await;
    assert_eq!(
        process.refused("?force=1", &cookies).await,
        (503, "unreachable".to_owned())
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    fleet.clock.advance(LIFETIME);
    for process in [&process, &other, &fleet.process()] {
        let (status, code) = process.refused("", &cookies).await;
        assert_ne!(status, 200, "{code}");
        assert!(process.lets_in(&cookies).await, "nobody is signed out by it");
    }
    assert_eq!(calls(&fleet), began, "it was not sent again");
}

#[tokio::test]
async fn what_was_brought_is_kept_though_a_call_of_the_store_was_lost() {
    for (call, lost) in [
        (Call::Create, Lost::Before),
        (Call::Create, Lost::After),
        (Call::Begin, Lost::Before),
        (Call::Begin, Lost::After),
        (Call::Commit, Lost::Before),
        (Call::Commit, Lost::After),
    ] {
        let fleet = Fleet::in_cookies().await;
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        fleet.clock.advance(LIFETIME);
        process.store.lease(Duration::from_millis(300));
        process.store.lose(call, lost);
        let answer = process.get("/tokens", &cookies).await;
        let what = format!("{call:?} {lost:?}");
        if call == Call::Commit {
            assert_eq!(answer.status, 200, "{what}");
        } else {
            assert_eq!(answer.status, 503, "{what}: nobody knows who is at it");
            assert_eq!(calls(&fleet), 1, "{what}");
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        assert_eq!(other.tokens("", &cookies).await["expired"], false, "{what}");
        assert_eq!(calls(&fleet), 2, "{what}");
    }
}

#[tokio::test]
async fn what_was_refused_is_over_in_every_process() {
    let fleet = Fleet::in_cookies().await;
    let (process, other) = (fleet.process(), fleet.process());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    assert!(other.lets_in(&cookies).await);
    fleet
        .provider
        .fault(Fault::TokenError("invalid_grant".to_owned()));
    assert_eq!(
        process.refused("?force=1", &cookies).await,
        (401, "refresh_refused".to_owned())
    );
    for process in [&process, &other, &fleet.process()] {
        super::eventually(async || !process.lets_in(&cookies).await).await;
    }
    assert_eq!(calls(&fleet), 2);
}

#[tokio::test]
async fn an_unclear_end_is_told_to_whoever_is_next() {
    let fleet = Fleet::in_cookies().await;
    let (process, other) = (fleet.process(), fleet.process());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    fleet.provider.fault(Fault::LostAnswer(Endpoint::Token));
    assert_eq!(process.refused("?force=1", &cookies).await.0, 503);
    fleet.provider.clear_faults();
    fleet
        .provider
        .fault(Fault::TokenError("invalid_grant".to_owned()));
    // It may be the lost answer that used it up: no reason to end anything.
    assert_ne!(other.refused("?force=1", &cookies).await.0, 200);
    let began = calls(&fleet);
    fleet.clock.advance(LIFETIME);
    for process in [&process, &other, &fleet.process()] {
        assert!(process.lets_in(&cookies).await);
        assert_ne!(process.refused("", &cookies).await.0, 200);
    }
    assert_eq!(calls(&fleet), began, "it is not sent again");
}

/// Nothing is sent where the store does not say that nobody else does.
#[tokio::test]
async fn without_the_store_nobody_begins() {
    let fleet = Fleet::in_cookies().await;
    let process = fleet.process();
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    process.store.weather(Weather::ReadOnly);
    assert_eq!(process.tokens("", &cookies).await["expired"], false);
    fleet.clock.advance(LIFETIME);
    assert_eq!(
        process.refused("", &cookies).await,
        (503, "store_unavailable".to_owned())
    );
    assert_eq!(calls(&fleet), 1);
    process.store.weather(Weather::Fine);
    // What failed is not tried again for a moment.
    fleet.clock.advance(2);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(process.tokens("", &cookies).await["expired"], false);
}

/// What comes for a session that is over is nobody's, and is revoked.
#[tokio::test]
async fn a_refresh_under_way_at_sign_out_elsewhere_is_for_nobody() {
    let fleet = Fleet::in_cookies().await;
    let revoking = || fleet.process_with(|settings| settings.revoke_on_sign_out(true));
    let (process, other) = (revoking(), revoking());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    let gate = process.store.gate(Call::Commit);
    let meanwhile = async {
        gate.arrived().await;
        let out = other.get("/api/auth/signout", &cookies).await;
        gate.open();
        out
    };
    let (refused, out) = tokio::join!(process.get("/tokens?force=1", &cookies), meanwhile);
    assert_eq!(
        (refused.status.as_u16(), out.status.as_u16()),
        (401, 303),
        "{refused:?}"
    );
    assert!(refused.cookie("session").is_none_or(|cookie| cookie.deletes()));
    for process in [&process, &other] {
        super::eventually(async || !process.lets_in(&cookies).await).await;
    }
    assert_eq!(fleet.provider.calls(Endpoint::Token), 2);
    super::eventually(async || fleet.provider.calls(Endpoint::Revocation) >= 2).await;
}

/// The cookie of whoever signs out has a refresh token that was used.
#[tokio::test]
async fn what_another_process_brought_is_revoked_at_sign_out() {
    let fleet = Fleet::in_cookies().await;
    let revoking = || fleet.process_with(|settings| settings.revoke_on_sign_out(true));
    let (process, other) = (revoking(), revoking());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    let (_, brought) = renewed(&process, "?force=1", &cookies).await;
    assert_eq!(other.get("/api/auth/signout", &cookies).await.status, 303);
    let revoked = fleet.provider.last_request(Endpoint::Revocation).unwrap();
    assert_eq!(revoked.form("token"), brought["refresh"].as_str());
}

#[tokio::test]
async fn a_session_that_never_was_refreshed_keeps_nothing_in_the_store() {
    let fleet = Fleet::in_cookies().await;
    let process = fleet.process();
    let browser = process.sign_in(&fleet, "mira").await;
    process.tokens("", &browser.cookies()).await;
    let calls = process.store.calls();
    assert!(
        !calls
            .iter()
            .any(|call| matches!(call, Call::Create | Call::Get | Call::Begin)),
        "{calls:?}"
    );
}
