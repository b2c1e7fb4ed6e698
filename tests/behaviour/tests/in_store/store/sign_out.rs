//! A session that ended is over in every process, also where the store did not say so at first.

use std::cell::Cell;

use monocloud_runtime::testing::{Endpoint, session_cookie};

use super::eventually;
use super::faulty::{Call, Lost, Weather};
use super::fleet::Fleet;
use crate::fixtures::{Browser, code, get, mira};

#[tokio::test]
async fn a_stolen_copy_is_dead_after_sign_out_in_every_process() {
    for path in ["/api/auth/signout", "/destroy"] {
        for fleet in Fleet::both().await {
            let processes = fleet.three();
            let [cookies, second] = [0; 2].map(|_| session_cookie(&processes[0].auth, mira()));
            for process in &processes {
                assert!(process.lets_in(&cookies).await);
            }
            let out = processes[1].get(path, &cookies).await;
            assert_eq!(out.deleted(), ["session"], "{out:?}");
            fleet.is_over(&cookies, &processes).await;
            for process in &processes {
                assert!(
                    process.lets_in(&second).await,
                    "another session of theirs goes on"
                );
            }
        }
    }
}

/// The store says who is signed in or not, and does not take the end of it.
#[tokio::test]
async fn sign_out_while_the_store_is_down_is_503_and_is_made_up_for() {
    for weather in [Weather::Down, Weather::ReadOnly] {
        for fleet in Fleet::both().await {
            let (process, other) = (fleet.process(), fleet.process());
            let mut browser = process.sign_in(&fleet, "mira").await;
            browser.wait();
            let stolen = browser.cookies();
            assert!(process.lets_in(&stolen).await && other.lets_in(&stolen).await);
            process.store.weather(weather);
            let out = browser.get("/api/auth/signout").await;
            assert_eq!(out.status, 503, "{weather:?}: {out:?}");
            assert!(out.header("retry-after").is_some());
            assert_eq!(out.deleted(), ["session"], "the browser loses it");
            assert!(
                !process.lets_in(&stolen).await,
                "{weather:?}: refused here at once"
            );
            assert!(other.lets_in(&stolen).await, "nobody told the others");
            process.store.weather(Weather::Fine);
            eventually(async || !other.lets_in(&stolen).await).await;
            assert!(!process.lets_in(&stolen).await);
            assert_eq!(browser.get("/").await.body, "signed out");
        }
    }
}

/// The tab was closed, or the connection broke: here it was over already.
#[tokio::test]
async fn a_sign_out_whose_browser_went_away_is_carried_out() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = session_cookie(&process.auth, mira());
        let gate = process.store.gate(fleet.ending());
        tokio::select! {
            answer = process.get("/api/auth/signout", &cookies) => panic!("{answer:?}"),
            () = gate.arrived() => {}
        }
        // Whoever tells it again does not, either.
        process.store.weather(Weather::ReadOnly);
        assert!(!process.lets_in(&cookies).await && other.lets_in(&cookies).await);
        process.store.weather(Weather::Fine);
        gate.open();
        eventually(async || !other.lets_in(&cookies).await).await;
    }
}

#[tokio::test]
async fn an_end_whose_answer_was_lost_is_asked_for_again() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = session_cookie(&process.auth, mira());
        process.store.lose(fleet.ending(), Lost::After);
        assert_eq!(process.get("/api/auth/signout", &cookies).await.status, 503);
        fleet.is_over(&cookies, [&process, &other]).await;
        let asked = Cell::new(0);
        eventually(async || {
            let calls = process.store.calls().into_iter();
            asked.set(asked.get() + calls.filter(|call| *call == fleet.ending()).count());
            asked.get() >= 2
        })
        .await;
    }
}

/// One that can be told does not wait for one that cannot.
#[tokio::test]
async fn many_that_are_to_be_ended_are_ended_when_the_store_is_back() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let cookies: Vec<_> = (0..50).map(|_| session_cookie(&process.auth, mira())).collect();
        process.store.weather(Weather::Down);
        for cookie in cookies.iter().chain(&cookies) {
            assert_eq!(process.get("/api/auth/signout", cookie).await.status, 503);
        }
        process.store.weather(Weather::Fine);
        for cookie in &cookies {
            eventually(async || !other.lets_in(cookie).await).await;
        }
    }
}

#[tokio::test]
async fn a_late_answer_leaves_a_newer_session_alone() {
    for fleet in Fleet::both().await {
        let process = fleet.process();
        let mut browser = process.sign_in(&fleet, "mira").await;
        let earlier = browser.cookies();
        let late = Browser::with(&process.app, &earlier);
        let gate = process.store.gate(Call::Begin);
        let meanwhile = async {
            gate.arrived().await;
            browser.sign_in(&fleet.provider, "mira").await;
            gate.open();
        };
        let cookies = late.cookies();
        let headers = [("cookie", cookies.as_str())];
        let (answer, ()) = tokio::join!(get(&process.app, "/tokens?force=1", &headers), meanwhile);
        assert_eq!(answer.status, 401, "{answer:?}");
        assert!(
            answer.cookie("session").is_none(),
            "it would delete the newer one: {answer:?}"
        );
        assert!(process.lets_in(&browser.cookies()).await);
    }
}

/// What comes for a session that is over is nobody's, and is revoked.
#[tokio::test]
async fn a_refresh_under_way_at_sign_out_elsewhere_is_for_nobody() {
    for fleet in Fleet::both().await {
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
        assert_eq!(code(&refused), (401, "no_session".to_owned()));
        assert!(refused.cookie("session").is_none_or(|cookie| cookie.deletes()));
        assert_eq!(out.status, 303);
        fleet.is_over(&cookies, [&process, &other]).await;
        assert_eq!(fleet.provider.calls(Endpoint::Token), 2);
        eventually(async || fleet.provider.calls(Endpoint::Revocation) >= 2).await;
    }
}
