//! A refresh where the store or the issuer does what it should not.

use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, Fault};

use super::faulty::{Call, Lost, Weather};
use super::fleet::Fleet;
use super::refresh::calls;
use crate::fixtures::LIFETIME;

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
        for fleet in Fleet::both().await {
            // Where sessions are in cookies, the first refresh makes what is kept of it.
            if call == Call::Create && !fleet.in_cookies {
                continue;
            }
            let (process, other) = (fleet.process(), fleet.process());
            let cookies = process.sign_in(&fleet, "mira").await.cookies();
            fleet.clock.advance(LIFETIME);
            process.store.lease(Duration::from_millis(300));
            process.store.lose(call, lost);
            let answer = process.get("/tokens", &cookies).await;
            let what = format!("{call:?} {lost:?}");
            if call == Call::Commit {
                assert_eq!(answer.status, 200, "{what}");
                let brought = answer.json();
                assert_eq!(other.tokens("", &cookies).await, brought, "{what}");
                fleet.clock.advance(LIFETIME);
                assert_ne!(other.tokens("", &cookies).await["access"], brought["access"]);
                assert_eq!(calls(&fleet), 3, "{what}");
            } else {
                assert_eq!(answer.status, 503, "{what}: nobody knows who is at it");
                assert_eq!(calls(&fleet), 1, "{what}");
                if call == Call::Begin {
                    super::eventually(async || process.store.calls().contains(&Call::Abandon)).await;
                }
                assert_eq!(other.tokens("", &cookies).await["expired"], false, "{what}");
                assert_eq!(calls(&fleet), 2, "{what}: nothing was spent");
            }
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
    for fleet in Fleet::both().await {
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
        fleet
            .is_over(&cookies, [&process, &other, &fleet.process()])
            .await;
        assert_eq!(calls(&fleet), 2);
        assert!(fleet.in_cookies || other.auth.sessions("mira").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_unclear_end_is_told_to_whoever_is_next() {
    for fleet in Fleet::both().await {
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
            assert!(fleet.in_cookies || !process.has_refresh_token(&cookies));
        }
        fleet.clock.advance(LIFETIME);
        for process in [&process, &other, &fleet.process()] {
            assert!(process.lets_in(&cookies).await);
            assert_ne!(process.refused("", &cookies).await.0, 200);
        }
        assert_eq!(calls(&fleet), began, "it is not sent again");
    }
}

#[tokio::test]
async fn an_issuer_that_is_away_costs_nothing() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        fleet.clock.advance(LIFETIME);
        fleet
            .provider
            .fault(Fault::TokenError("invalid_client".to_owned()));
        assert_eq!(process.refused("", &cookies).await.1, "endpoint_error");
        fleet.provider.clear_faults();
        assert_eq!(other.tokens("", &cookies).await["expired"], false);
        if fleet.in_cookies {
            // The cookie has what expired still, and what failed is not tried again for a moment.
            fleet.clock.advance(2);
            tokio::time::sleep(Duration::from_millis(1_100)).await;
        }
        assert_eq!(process.tokens("", &cookies).await["expired"], false);
        assert_eq!(calls(&fleet), 3);
    }
}

/// Whoever takes over what nobody gave up counts the refresh token as used.
#[tokio::test]
async fn a_refresh_is_given_up_though_the_store_does_not_hear_it_at_first() {
    for lost in [Lost::Before, Lost::After] {
        for fleet in Fleet::both().await {
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
            assert!(
                other.has_refresh_token(&cookies),
                "{lost:?}: nothing was sent in vain"
            );
        }
    }
}

/// Nothing is sent where the store does not say that nobody else does.
#[tokio::test]
async fn without_the_store_nobody_begins() {
    for fleet in Fleet::both().await {
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
}
