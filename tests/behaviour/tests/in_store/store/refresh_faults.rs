//! A refresh where the store or the issuer does what it should not.

use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, Fault, refresh_token};

use super::faulty::{Call, Lost, Weather};
use super::fleet::Fleet;
use super::refresh::calls;
use crate::fixtures::LIFETIME;

#[tokio::test]
async fn what_was_brought_is_kept_though_a_call_of_the_store_was_lost() {
    for (call, lost) in [
        (Call::Commit, Lost::Before),
        (Call::Commit, Lost::After),
        (Call::Begin, Lost::Before),
        (Call::Begin, Lost::After),
    ] {
        let fleet = Fleet::start().await;
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        process.store.lease(Duration::from_millis(300));
        process.store.lose(call, lost);
        let answer = process.get("/tokens?force=1", &cookies).await;
        let what = format!("{call:?} {lost:?}");
        if call == Call::Commit {
            assert_eq!(answer.status, 200, "{what}");
            let brought = answer.json();
            assert_eq!(other.tokens("", &cookies).await, brought, "{what}");
            fleet.clock.advance(LIFETIME);
            assert_ne!(other.tokens("", &cookies).await["access"], brought["access"]);
            assert_eq!(calls(&fleet), 3, "{what}");
        } else {
            assert_eq!(answer.status, 503, "nobody knows who is at it");
            assert_eq!(calls(&fleet), 1, "{what}");
            super::eventually(async || process.store.calls().contains(&Call::Abandon)).await;
            fleet.clock.advance(LIFETIME);
            assert_eq!(other.tokens("", &cookies).await["expired"], false);
            assert_eq!(calls(&fleet), 2, "{what}: nothing was spent");
        }
    }
}

/// For a while one process alone knows the new tokens. It tells the store before others take them for spent.
#[tokio::test]
async fn what_was_brought_while_the_store_was_down_serves_and_is_kept_later() {
    let fleet = Fleet::start().await;
    let process = fleet.process_with(|settings| settings.response_timeout(Duration::from_secs(1)));
    let other = fleet.process();
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    let before = process.tokens("", &cookies).await;
    process.store.lease(Duration::from_millis(1_500));
    let gate = process.store.gate(Call::Commit);
    let meanwhile = async {
        gate.arrived().await;
        process.store.weather(Weather::Down);
        gate.open();
    };
    let (brought, ()) = tokio::join!(process.tokens("?force=1", &cookies), meanwhile);
    assert_ne!(brought["access"], before["access"], "who asked has it");
    process.store.weather(Weather::Fine);
    assert_eq!(other.tokens("", &cookies).await["access"], before["access"]);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(process.tokens("", &cookies).await["access"], brought["access"]);
    assert_eq!(other.tokens("", &cookies).await["access"], brought["access"]);
    fleet.clock.advance(LIFETIME);
    let next = other.tokens("", &cookies).await;
    assert_eq!((next["expired"].as_bool(), calls(&fleet)), (Some(false), 3));
}

#[tokio::test]
async fn what_was_refused_is_over_in_every_process() {
    let fleet = Fleet::start().await;
    let (process, other) = (fleet.process(), fleet.process());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    fleet
        .provider
        .fault(Fault::TokenError("invalid_grant".to_owned()));
    assert_eq!(
        process.refused("?force=1", &cookies).await,
        (401, "refresh_refused".to_owned())
    );
    for process in [&process, &other, &fleet.process()] {
        assert!(!process.lets_in(&cookies).await);
    }
    assert_eq!(calls(&fleet), 2);
    assert!(other.auth.sessions("mira").await.unwrap().is_empty());
}

#[tokio::test]
async fn an_unclear_end_is_told_to_whoever_is_next() {
    let fleet = Fleet::start().await;
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
    for process in [&process, &other, &fleet.process()] {
        assert!(process.lets_in(&cookies).await);
        assert_eq!(process.tokens("", &cookies).await["expired"], false);
        assert!(
            process
                .session(&cookies)
                .is_some_and(|session| refresh_token(&session).is_none())
        );
    }
    assert_eq!(calls(&fleet), began);
}

#[tokio::test]
async fn an_issuer_that_is_away_costs_nothing() {
    let fleet = Fleet::start().await;
    let (process, other) = (fleet.process(), fleet.process());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    fleet.clock.advance(LIFETIME);
    fleet
        .provider
        .fault(Fault::TokenError("invalid_client".to_owned()));
    assert_eq!(process.refused("", &cookies).await.1, "endpoint_error");
    fleet.provider.clear_faults();
    assert_eq!(other.tokens("", &cookies).await["expired"], false);
    assert_eq!(process.tokens("", &cookies).await["expired"], false);
    assert_eq!(calls(&fleet), 3);
}

/// Whoever takes over what nobody gave up counts the refresh token as used.
#[tokio::test]
async fn a_refresh_is_given_up_though_the_store_does_not_hear_it_at_first() {
    for lost in [Lost::Before, Lost::After] {
        let fleet = Fleet::start().await;
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        fleet.clock.advance(LIFETIME);
        fleet
            .provider
            .fault(Fault::TokenError("invalid_client".to_owned()));
        process.store.lose(Call::Abandon, lost);
        process.store.calls();
        assert_eq!(process.refused("", &cookies).await.1, "endpoint_error");
        fleet.provider.clear_faults();
        super::eventually(async || process.store.calls().contains(&Call::Abandon)).await;
        assert_eq!(other.tokens("", &cookies).await["expired"], false, "{lost:?}");
        let session = other.session(&cookies).unwrap();
        assert!(
            refresh_token(&session).is_some(),
            "{lost:?}: nothing was sent in vain"
        );
    }
}

/// Nothing is sent where the store does not say that nobody else does.
#[tokio::test]
async fn without_the_store_nobody_begins() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    process.store.weather(Weather::ReadOnly);
    assert_eq!(process.tokens("", &cookies).await["expired"], false);
    assert_eq!(
        process.refused("?force=1", &cookies).await,
        (503, "store_unavailable".to_owned())
    );
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
