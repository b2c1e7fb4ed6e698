//! What is over is over in every process, where sessions are in cookies and processes share a store beside.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get as on_get;
use futures_util::future::join_all;
use monocloud_runtime::Session;
use monocloud_runtime::settings::SessionLifetime;
use tokio::sync::Notify;

use super::eventually;
use super::faulty::Call;
use super::fleet::{Fleet, Process};
use crate::fixtures::{Answer, SECRET, assert_done, assert_refused, get, post_logout, query_of};

const NEXT: &str = "the next cookie secret of these tests, 2";

/// Says that it has begun, and waits to go on.
async fn slow(begun: Arc<Notify>, go_on: Arc<Notify>) {
    begun.notify_one();
    go_on.notified().await;
}

/// A slide writes the cookie anew, with which an answer may leave after the session ended elsewhere.
#[tokio::test]
async fn a_slide_at_the_moment_of_sign_out_elsewhere_brings_nothing_back() {
    for hears_of_it in [true, false] {
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
        let (begun, go_on) = (Arc::<Notify>::default(), Arc::<Notify>::default());
        let handler = {
            let (begun, go_on) = (begun.clone(), go_on.clone());
            move |_: Session| slow(begun.clone(), go_on.clone())
        };
        let held = Router::new()
            .route("/slow", on_get(handler))
            .layer(process.auth.layer());
        let across = async {
            begun.notified().await;
            let deaf = process.store.gate(Call::Read);
            if !hears_of_it {
                deaf.arrived().await;
            }
            let out = other.get("/destroy", &cookies).await;
            if hears_of_it {
                deaf.open();
                eventually(async || !process.lets_in(&cookies).await).await;
            }
            go_on.notify_one();
            (out, deaf)
        };
        let headers = [("cookie", cookies.as_str())];
        let requests = (0..20).map(|_| process.get("/api/me", &cookies));
        let (held, answers, (out, deaf)) =
            tokio::join!(get(&held, "/slow", &headers), join_all(requests), across);
        assert_eq!((held.status.as_u16(), out.status.as_u16()), (200, 200));
        let slid = |answer: &Answer| {
            let cookie = answer.cookie("session").filter(|cookie| !cookie.deletes())?;
            Some(format!("session={}", cookie.value))
        };
        assert_eq!(slid(&held).is_none(), hears_of_it, "{held:?}");
        let copies: Vec<_> = answers.iter().chain([&held]).filter_map(slid).collect();
        assert!(
            answers.iter().any(|answer| slid(answer).is_some()),
            "something slid"
        );
        deaf.open();
        for copy in copies.iter().chain([&cookies]) {
            fleet.is_over(copy, [&process, &other, &sliding()]).await;
        }
    }
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
    let processes = fleet.three();
    let mut browser = processes[0].sign_in(&fleet, "mira").await;
    let before = browser.cookies();
    assert!(processes[1].lets_in(&before).await);
    browser.sign_in(&fleet.provider, "mira").await;
    fleet.is_over(&before, &processes).await;
    assert!(processes[2].lets_in(&browser.cookies()).await);
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

/// How a session ends.
#[derive(Clone, Copy, Debug)]
enum By {
    Sid,
    Sub,
    SignOut,
    AllOfTheUser,
    Frame,
}

/// Ends the session of `mira` with these cookies, or all of hers.
async fn end(fleet: &Fleet, process: &Process, by: By, (sid, cookies): (&str, &str)) {
    let log_out = async |sub, sid| {
        let token = fleet.provider.logout_token(sub, sid);
        assert_done(&post_logout(&process.app, &token).await);
    };
    match by {
        By::Sid => log_out(None, Some(sid)).await,
        By::Sub => log_out(Some("mira"), None).await,
        By::SignOut => {
            let out = process.get("/api/auth/signout", cookies).await;
            assert_eq!(out.status, 303, "{out:?}");
        }
        By::AllOfTheUser => process.auth.end_sessions("mira").await.unwrap(),
        By::Frame => {
            let query = query_of(&[("iss", fleet.provider.issuer()), ("sid", sid)]);
            let path = format!("/api/auth/frontchannel-logout{query}");
            assert_eq!(get(&process.app, &path, &[]).await.status, 200);
        }
    }
}

/// While processes are restarted one after the other with a new cookie secret.
#[tokio::test]
async fn what_is_over_is_known_under_the_secrets_of_all_processes() {
    let fleet = Fleet::in_cookies().await;
    let before = fleet.process();
    let after = fleet.process_with(|settings| {
        settings
            .cookie_secret(NEXT)
            .previous_cookie_secrets(vec![SECRET.to_owned()])
    });
    let bystander = before.sign_in(&fleet, "lin").await.cookies();
    for by in [By::Sid, By::Sub, By::SignOut, By::AllOfTheUser, By::Frame] {
        for ended_at in [&before, &after] {
            fleet.clock.advance(1);
            let old = before.sign_in(&fleet, "mira").await;
            let (cookies, sid) = (old.cookies(), before.sid(&old));
            assert!(before.lets_in(&cookies).await && after.lets_in(&cookies).await);
            end(&fleet, ended_at, by, (&sid, &cookies)).await;
            fleet.is_over(&cookies, [&before, &after]).await;
            // Nor does a process know it otherwise that starts with either secret.
            let later = fleet.process_with(|settings| settings.cookie_secret(SECRET));
            fleet.is_over(&cookies, [&later]).await;
        }
    }
    assert!(before.lets_in(&bystander).await && after.lets_in(&bystander).await);
}
