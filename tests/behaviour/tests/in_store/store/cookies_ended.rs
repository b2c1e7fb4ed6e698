//! What is over is over in every process, where sessions are in cookies and processes share a store beside.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use monocloud_runtime::settings::SessionLifetime;

use super::eventually;
use super::faulty::{Call, Weather};
use super::fleet::{Fleet, Process};
use crate::fixtures::{Browser, SECRET, assert_done, assert_refused, get, post_logout, query_of};

const NEXT: &str = "the next cookie secret of these tests, 2";

async fn is_refused_in_all(processes: &[Process], cookies: &str) {
    for process in processes {
        eventually(async || !process.lets_in(cookies).await).await;
    }
}

async fn three(fleet: &Fleet) -> Vec<Process> {
    vec![fleet.process(), fleet.process(), fleet.process()]
}

fn sid(process: &Process, browser: &Browser) -> String {
    let session = process.session(&browser.cookies()).unwrap();
    session.sid().unwrap().to_owned()
}

#[tokio::test]
async fn a_stolen_copy_is_dead_after_sign_out_in_every_process() {
    for path in ["/api/auth/signout", "/destroy"] {
        let fleet = Fleet::in_cookies().await;
        let processes = three(&fleet).await;
        let cookies = processes[0].sign_in(&fleet, "mira").await.cookies();
        let second = processes[0].sign_in(&fleet, "mira").await.cookies();
        for process in &processes {
            assert!(process.lets_in(&cookies).await);
        }
        let out = processes[1].get(path, &cookies).await;
        assert!(out.deleted().contains(&"session".to_owned()), "{out:?}");
        is_refused_in_all(&processes, &cookies).await;
        for process in &processes {
            assert!(
                process.lets_in(&second).await,
                "another session of theirs goes on"
            );
        }
    }
}

/// A slide writes the cookie anew.
#[tokio::test]
async fn a_slide_at_the_moment_of_sign_out_elsewhere_brings_nothing_back() {
    let fleet = Fleet::in_cookies().await;
    let sliding = || {
        let lifetime = SessionLifetime::new()
            .sliding(true)
            .duration(Duration::from_secs(10_000))
            .max_duration(Duration::from_secs(100_000));
        fleet.process_with(|settings| settings.session_lifetime(lifetime))
    };
    let (process, other) = (sliding(), sliding());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    fleet.clock.advance(600);
    let requests = (0..20).map(|_| process.get("/api/me", &cookies));
    let (answers, out) = tokio::join!(join_all(requests), other.get("/destroy", &cookies));
    assert_eq!(out.status, 200);
    let slid = answers.iter().find_map(|answer| answer.cookie("session"));
    let slid = slid.filter(|cookie| !cookie.deletes());
    let copies = slid.map(|cookie| format!("session={}", cookie.value));
    for copy in copies.iter().chain([&cookies]) {
        is_refused_in_all(&[sliding()], copy).await;
        for process in [&process, &other] {
            eventually(async || !process.lets_in(copy).await).await;
        }
    }
}

#[tokio::test]
async fn no_token_is_kept_for_a_session_that_was_logged_out_elsewhere() {
    let fleet = Fleet::in_cookies().await;
    let (process, other) = (fleet.process(), fleet.process());
    let browser = process.sign_in(&fleet, "mira").await;
    let cookies = browser.cookies();
    let gate = process.store.gate(Call::Commit);
    let meanwhile = async {
        gate.arrived().await;
        let token = fleet.provider.logout_token(Some("mira"), None);
        assert_done(&post_logout(&other.app, &token).await);
        gate.open();
    };
    let (refused, ()) = tokio::join!(process.get("/tokens?force=1", &cookies), meanwhile);
    assert_eq!(refused.status, 401, "{refused:?}");
    is_refused_in_all(&[process, other], &cookies).await;
}

#[tokio::test]
async fn a_process_that_starts_later_knows_what_is_over() {
    let fleet = Fleet::in_cookies().await;
    let process = fleet.process();
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    process.get("/api/auth/signout", &cookies).await;
    assert!(
        !fleet.process().lets_in(&cookies).await,
        "from its first answer on"
    );
}

#[tokio::test]
async fn a_session_that_a_sign_in_replaced_is_over_in_every_process() {
    let fleet = Fleet::in_cookies().await;
    let processes = three(&fleet).await;
    let mut browser = processes[0].sign_in(&fleet, "mira").await;
    let before = browser.cookies();
    assert!(processes[1].lets_in(&before).await);
    browser.sign_in(&fleet.provider, "mira").await;
    is_refused_in_all(&processes, &before).await;
    assert!(processes[2].lets_in(&browser.cookies()).await);
}

#[tokio::test]
async fn a_logout_at_one_process_is_refused_in_all() {
    for by_sid in [true, false] {
        let fleet = Fleet::in_cookies().await;
        let processes = three(&fleet).await;
        let browser = processes[0].sign_in(&fleet, "mira").await;
        let second = processes[1].sign_in(&fleet, "mira").await;
        let somebody_else = processes[2].sign_in(&fleet, "lin").await;
        for process in &processes {
            assert!(process.lets_in(&browser.cookies()).await);
        }
        let sid = sid(&processes[0], &browser);
        let (sub, sid) = if by_sid {
            (None, Some(sid.as_str()))
        } else {
            (Some("mira"), None)
        };
        let token = fleet.provider.logout_token(sub, sid);
        assert_done(&post_logout(&processes[2].app, &token).await);
        is_refused_in_all(&processes, &browser.cookies()).await;
        for process in &processes {
            assert!(process.lets_in(&somebody_else.cookies()).await);
        }
        if by_sid {
            assert!(processes[0].lets_in(&second.cookies()).await);
        } else {
            is_refused_in_all(&processes, &second.cookies()).await;
        }
    }
}

#[tokio::test]
async fn a_jti_acts_once_in_all_processes() {
    let fleet = Fleet::in_cookies().await;
    let calls = Arc::<AtomicUsize>::default();
    let counting = || {
        let calls = calls.clone();
        fleet.process_with(move |settings| {
            settings.on_back_channel_logout(move |_| {
                let calls = calls.clone();
                async move {
                    calls.fetch_add(1, Ordering::SeqCst);
                    Ok(())
                }
            })
        })
    };
    let (process, other) = (counting(), counting());
    let token = fleet.provider.logout_token(Some("mira"), None);
    assert_done(&post_logout(&process.app, &token).await);
    assert_refused(&post_logout(&other.app, &token).await);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

/// While processes are restarted one after the other with a new cookie secret.
#[tokio::test]
async fn a_jti_acts_once_under_the_secrets_of_all_processes() {
    for old_first in [true, false] {
        let fleet = Fleet::in_cookies().await;
        let before = fleet.process();
        let after = fleet.process_with(|settings| {
            settings
                .cookie_secret(NEXT)
                .previous_cookie_secrets(vec![SECRET.to_owned()])
        });
        let (first, second) = if old_first {
            (&before, &after)
        } else {
            (&after, &before)
        };
        let token = fleet.provider.logout_token(Some("mira"), None);
        assert_done(&post_logout(&first.app, &token).await);
        assert_refused(&post_logout(&second.app, &token).await);
        assert_refused(&post_logout(&first.app, &token).await);
    }
}

#[tokio::test]
async fn a_frame_ends_the_session_in_every_process() {
    let fleet = Fleet::in_cookies().await;
    let processes = three(&fleet).await;
    let browser = processes[0].sign_in(&fleet, "mira").await;
    let sid = sid(&processes[0], &browser);
    let query = query_of(&[("iss", fleet.provider.issuer()), ("sid", &sid)]);
    let path = format!("/api/auth/frontchannel-logout{query}");
    assert_eq!(get(&processes[1].app, &path, &[]).await.status, 200);
    is_refused_in_all(&processes, &browser.cookies()).await;
}

#[tokio::test]
async fn all_sessions_of_a_user_end_in_every_process() {
    let fleet = Fleet::in_cookies().await;
    let processes = three(&fleet).await;
    let first = processes[0].sign_in(&fleet, "mira").await.cookies();
    let second = processes[1].sign_in(&fleet, "mira").await.cookies();
    let somebody_else = processes[1].sign_in(&fleet, "lin").await.cookies();
    processes[2].auth.end_sessions("mira").await.unwrap();
    for cookies in [&first, &second] {
        is_refused_in_all(&processes, cookies).await;
    }
    assert!(processes[0].lets_in(&somebody_else).await);
    // Who signs in again is in.
    let again = processes[0].sign_in(&fleet, "mira").await.cookies();
    for process in &processes {
        assert!(process.lets_in(&again).await);
    }
}

#[tokio::test]
async fn a_sign_out_that_nobody_was_told_of_is_503_and_told_later() {
    for weather in [Weather::Down, Weather::ReadOnly] {
        let fleet = Fleet::in_cookies().await;
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
        assert!(!process.lets_in(&stolen).await, "refused here at once");
        assert!(other.lets_in(&stolen).await, "nobody told the others");
        process.store.weather(Weather::Fine);
        eventually(async || !other.lets_in(&stolen).await).await;
        assert!(!process.lets_in(&stolen).await);
    }
}

#[tokio::test]
async fn a_logout_that_nobody_was_told_of_is_an_error_and_holds_here() {
    let fleet = Fleet::in_cookies().await;
    let (process, other) = (fleet.process(), fleet.process());
    let browser = process.sign_in(&fleet, "mira").await;
    assert!(process.lets_in(&browser.cookies()).await);
    process.store.weather(Weather::ReadOnly);
    let token = fleet.provider.logout_token(Some("mira"), None);
    assert_refused(&post_logout(&process.app, &token).await);
    assert!(other.lets_in(&browser.cookies()).await);
    process.store.weather(Weather::Fine);
    // The issuer tries again.
    assert_done(&post_logout(&process.app, &token).await);
    is_refused_in_all(&[process, other], &browser.cookies()).await;
}

/// While processes are restarted one after the other with a new cookie secret.
#[tokio::test]
async fn what_is_over_is_known_under_the_secrets_of_all_processes() {
    let fleet = Fleet::in_cookies().await;
    let with = |secret: &'static str, previous: Vec<String>| {
        fleet.process_with(|settings| {
            let settings = settings.cookie_secret(secret);
            if previous.is_empty() {
                settings
            } else {
                settings.previous_cookie_secrets(previous)
            }
        })
    };
    let (before, after) = (with(SECRET, Vec::new()), with(NEXT, vec![SECRET.to_owned()]));
    for sid_at in [&before, &after] {
        let browser = before.sign_in(&fleet, "mira").await;
        assert!(before.lets_in(&browser.cookies()).await && after.lets_in(&browser.cookies()).await);
        let sid = sid(&before, &browser);
        let token = fleet.provider.logout_token(None, Some(&sid));
        assert_done(&post_logout(&sid_at.app, &token).await);
        for process in [&before, &after] {
            eventually(async || !process.lets_in(&browser.cookies()).await).await;
        }
    }
}
