//! What is over is over in every process, where sessions are in cookies and processes share a store beside.

use std::time::Duration;

use futures_util::future::join_all;
use monocloud_runtime::settings::SessionLifetime;

use super::fleet::Fleet;
use crate::fixtures::{SECRET, assert_done, assert_refused, post_logout};

const NEXT: &str = "the next cookie secret of these tests, 2";

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
        fleet.is_over(copy, [&process, &other, &sliding()]).await;
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
        let sid = before.sid(&browser);
        let token = fleet.provider.logout_token(None, Some(&sid));
        assert_done(&post_logout(&sid_at.app, &token).await);
        fleet.is_over(&browser.cookies(), [&before, &after]).await;
    }
}
