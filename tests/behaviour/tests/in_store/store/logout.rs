//! Logout by the issuer reaches one process, and holds in all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use monocloud_runtime::testing::{Endpoint, Fault};

use super::faulty::{Call, Lost, Weather};
use super::fleet::{Fleet, Process};
use crate::fixtures::{Browser, assert_done, assert_refused, choose, get, post_logout, query_of};

pub(crate) const FRONT_CHANNEL: &str = "/api/auth/frontchannel-logout";

#[tokio::test]
async fn a_logout_at_one_process_is_refused_in_all() {
    for (by_sub, by_sid) in [(true, true), (false, true), (true, false)] {
        for fleet in Fleet::both().await {
            let processes = fleet.three();
            let browser = processes[0].sign_in(&fleet, "mira").await;
            let second = processes[1].sign_in(&fleet, "mira").await;
            let somebody_else = processes[2].sign_in(&fleet, "lin").await;
            let sid = processes[0].sid(&browser);
            for process in &processes {
                assert!(process.lets_in(&browser.cookies()).await);
            }
            let (sub, sid) = (by_sub.then_some("mira"), by_sid.then_some(sid.as_str()));
            assert_done(&post_logout(&processes[1].app, &fleet.provider.logout_token(sub, sid)).await);
            fleet.is_over(&browser.cookies(), &processes).await;
            if !by_sid {
                fleet.is_over(&second.cookies(), &processes).await;
            }
            for process in &processes {
                assert_eq!(process.lets_in(&second.cookies()).await, by_sid);
                assert!(process.lets_in(&somebody_else.cookies()).await);
            }
            fleet.clock.advance(1);
            let again = processes[2].sign_in(&fleet, "mira").await;
            assert!(
                processes[0].lets_in(&again.cookies()).await,
                "whoever signs in again is in"
            );
        }
    }
}

pub(super) fn counting(fleet: &Fleet, calls: &Arc<AtomicUsize>, fails: bool) -> Process {
    let calls = calls.clone();
    fleet.process_with(|settings| {
        settings.on_back_channel_logout(move |_| {
            calls.fetch_add(1, Ordering::SeqCst);
            async move {
                if fails {
                    Err("the database is away".into())
                } else {
                    Ok(())
                }
            }
        })
    })
}

/// Each costs the store a call, whoever sends it.
#[tokio::test]
async fn front_channel_logouts_of_strangers_are_bounded_and_that_of_the_browser_itself_is_not() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let browser = process.sign_in(&fleet, "mira").await;
        let own = process.sid(&browser);
        let path = |sid: &str| {
            let query = query_of(&[("iss", fleet.provider.issuer()), ("sid", sid)]);
            format!("{FRONT_CHANNEL}{query}")
        };
        process.store.calls();
        let started = Instant::now();
        let (mut taken, mut refused) = (0, 0);
        for number in 0.. {
            if refused >= 100 {
                break;
            }
            let answer = process.get(&path(&format!("guess {number}")), "").await;
            match answer.status.as_u16() {
                200 => taken += 1,
                503 => {
                    refused += 1;
                    assert!(answer.header("retry-after").is_some(), "{answer:?}");
                }
                status => panic!("{status}"),
            }
        }
        let most = 100 + started.elapsed().as_millis() / 10 + 1;
        assert!(taken <= most && taken >= 100 && refused > 0, "{taken} of {most}");
        let calls = process.store.calls().into_iter();
        let ended = calls.filter(|call| *call == fleet.logging_out()).count() as u128;
        // What others were not told in time is told again.
        assert!(
            ended == taken || fleet.in_cookies && ended > taken,
            "{ended} for {taken}"
        );
        let answer = process.get(&path(&own), &browser.cookies()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        fleet.is_over(&browser.cookies(), [&process, &other]).await;
    }
}

#[tokio::test]
async fn a_jti_acts_once_in_all_processes() {
    for fleet in Fleet::both().await {
        let calls = Arc::<AtomicUsize>::default();
        let (one, other) = (counting(&fleet, &calls, false), counting(&fleet, &calls, false));
        let token = fleet.provider.logout_token(Some("mira"), None);
        assert_done(&post_logout(&one.app, &token).await);
        for _ in 0..2 {
            assert_refused(&post_logout(&other.app, &token).await);
            assert_refused(&post_logout(&one.app, &token).await);
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_jti_acts_once_though_the_first_attempt_failed_half_way_elsewhere() {
    for fleet in Fleet::both().await {
        let (failed, done) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (one, other) = (counting(&fleet, &failed, true), counting(&fleet, &done, false));
        let browser = one.sign_in(&fleet, "mira").await;
        let token = fleet.provider.logout_token(None, Some(&one.sid(&browser)));
        assert_refused(&post_logout(&one.app, &token).await);
        // In any case.
        fleet.is_over(&browser.cookies(), [&one, &other]).await;
        // The store fails before the sessions are ended, and after.
        for call in [Call::Claim, fleet.logging_out(), fleet.logging_out()] {
            other.store.lose(
                call,
                if call == Call::Claim {
                    Lost::Before
                } else {
                    Lost::After
                },
            );
            assert_refused(&post_logout(&other.app, &token).await);
        }
        assert_eq!(done.load(Ordering::SeqCst), 0);
        assert_done(&post_logout(&other.app, &token).await);
        for process in [&one, &other] {
            assert_refused(&post_logout(&process.app, &token).await);
        }
        assert_eq!(
            (failed.load(Ordering::SeqCst), done.load(Ordering::SeqCst)),
            (1, 1)
        );
    }
}

#[tokio::test]
async fn a_logout_that_the_store_does_not_take_is_an_error_and_holds_here() {
    for weather in [Weather::Down, Weather::ReadOnly] {
        for fleet in Fleet::both().await {
            let (process, other) = (fleet.process(), fleet.process());
            let browser = process.sign_in(&fleet, "mira").await;
            let token = fleet.provider.logout_token(None, Some(&process.sid(&browser)));
            assert!(other.lets_in(&browser.cookies()).await);
            process.store.weather(weather);
            assert_refused(&post_logout(&process.app, &token).await);
            assert!(other.lets_in(&browser.cookies()).await);
            process.store.weather(Weather::Fine);
            // The issuer tries again.
            assert_done(&post_logout(&process.app, &token).await);
            fleet.is_over(&browser.cookies(), [&process, &other]).await;
        }
    }
}

#[tokio::test]
async fn a_frame_ends_what_is_known_in_all_processes_and_keeps_nothing_of_what_is_not() {
    for fleet in Fleet::both().await {
        let (one, other) = (fleet.process(), fleet.process());
        let frame = async |process: &Process, sid: &str| {
            let query = query_of(&[("iss", fleet.provider.issuer()), ("sid", sid)]);
            get(&process.app, &format!("{FRONT_CHANNEL}{query}"), &[])
                .await
                .status
                .as_u16()
        };
        fleet.provider.tamper_id_token(|_, claims| {
            claims.insert("sid".into(), "guessed".into());
        });
        // Before it is anybody's: a stranger's word keeps nobody out where the store knows whose it is.
        if !fleet.in_cookies {
            for process in [&one, &other] {
                assert_eq!(frame(process, "guessed").await, 200);
            }
        }
        let browser = one.sign_in(&fleet, "mira").await;
        for process in [&one, &other] {
            assert!(process.lets_in(&browser.cookies()).await);
        }
        one.store.weather(Weather::Down);
        assert_eq!(frame(&one, "guessed").await, 503);
        one.store.weather(Weather::Fine);
        assert_eq!(frame(&other, "guessed").await, 200);
        fleet.is_over(&browser.cookies(), [&one, &other]).await;
    }
}

#[tokio::test]
async fn a_logout_elsewhere_during_the_callback_ends_it() {
    for by_sid in [true, false] {
        for fleet in Fleet::both().await {
            let (one, other) = (fleet.process(), fleet.process());
            fleet.provider.tamper_id_token(|_, claims| {
                claims.insert("sid".into(), "known".into());
            });
            let mut browser = Browser::new(&one.app);
            let started = browser.start("").await;
            let callback = choose(&fleet.provider, started.location(), "mira").await;
            let after_the_exchange = if fleet.in_cookies {
                Call::Settle
            } else {
                Call::Create
            };
            let gate = one.store.gate(after_the_exchange);
            let logout = async {
                gate.arrived().await;
                assert_eq!(fleet.provider.calls(Endpoint::Token), 1, "the code is spent");
                let (sub, sid) = if by_sid {
                    (None, Some("known"))
                } else {
                    (Some("mira"), None)
                };
                let logout = post_logout(&other.app, &fleet.provider.logout_token(sub, sid)).await;
                gate.open();
                logout
            };
            let (answer, logout) = tokio::join!(browser.get(&callback), logout);
            assert_done(&logout);
            match answer.cookie("session").filter(|cookie| !cookie.deletes()) {
                // This process hears of it a moment later.
                Some(cookie) if fleet.in_cookies => {
                    let cookies = format!("session={}", cookie.value);
                    fleet.is_over(&cookies, [&one, &other, &fleet.process()]).await;
                }
                cookie => {
                    assert!(cookie.is_none(), "{answer:?}");
                    assert_eq!(answer.status, 400, "{answer:?}");
                    assert!(answer.body.contains("You were signed out"), "{answer:?}");
                }
            }
            if !fleet.in_cookies {
                assert!(one.auth.sessions("mira").await.unwrap().is_empty());
            }
            assert_eq!(browser.get("/page").await.status, 303);
        }
    }
}

/// A refresh that is under way elsewhere comes too late, and its process notices.
#[tokio::test]
async fn no_token_is_kept_for_a_session_that_was_logged_out_elsewhere() {
    for fleet in Fleet::both().await {
        let (one, other) = (fleet.process(), fleet.process());
        let browser = one.sign_in(&fleet, "mira").await;
        let cookies = browser.cookies();
        let token = fleet.provider.logout_token(None, Some(&one.sid(&browser)));
        let late = Fault::Late(Endpoint::Token, std::time::Duration::from_millis(300));
        fleet.provider.fault(late);
        let gate = one.store.gate(Call::Commit);
        let logout = async {
            gate.arrived().await;
            let logout = post_logout(&other.app, &token).await;
            gate.open();
            logout
        };
        let (refused, logout) = tokio::join!(one.refused("?force=1", &cookies), logout);
        assert_done(&logout);
        assert_eq!(refused, (401, "no_session".to_owned()));
        fleet.is_over(&cookies, [&one, &other]).await;
    }
}
