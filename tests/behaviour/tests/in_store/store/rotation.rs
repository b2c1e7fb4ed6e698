//! A new cookie secret: nobody is signed out by it, and logout finds the sessions of before.

use std::time::Duration;

use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::session_cookie;

use super::fleet::{Fleet, Process};
use crate::fixtures::{Browser, SECRET, assert_done, mira, post_logout};

const NEXT: &str = "the next cookie secret of these tests, 2";
const LAST: &str = "the last cookie secret of these tests, 3";

fn with_secrets(fleet: &Fleet, secret: &str, previous: &[&str]) -> Process {
    let lifetime = SessionLifetime::new()
        .sliding(true)
        .duration(Duration::from_secs(10_000))
        .max_duration(Duration::from_secs(100_000));
    let previous: Vec<_> = previous.iter().map(|secret| (*secret).to_owned()).collect();
    fleet.process_with(|settings| {
        let settings = settings.session_lifetime(lifetime).cookie_secret(secret);
        if previous.is_empty() {
            settings
        } else {
            settings.previous_cookie_secrets(previous)
        }
    })
}

#[tokio::test]
async fn rotation_signs_nobody_out_and_logout_finds_sessions_of_before() {
    for by_sid in [true, false] {
        let fleet = Fleet::start().await;
        let before = with_secrets(&fleet, SECRET, &[]);
        let first = before.sign_in(&fleet, "mira").await;
        let sid = before
            .session(&first.cookies())
            .unwrap()
            .sid()
            .unwrap()
            .to_owned();
        let after = with_secrets(&fleet, NEXT, &[SECRET]);
        // One that nobody uses meanwhile, too.
        let idle = before.sign_in(&fleet, "mira").await;
        assert!(after.lets_in(&first.cookies()).await);
        assert_eq!(after.auth.sessions("mira").await.unwrap().len(), 2);
        fleet.clock.advance(1);
        let (sub, sid) = if by_sid {
            (None, Some(sid.as_str()))
        } else {
            (Some("mira"), None)
        };
        assert_done(&post_logout(&after.app, &fleet.provider.logout_token(sub, sid)).await);
        assert!(!after.lets_in(&first.cookies()).await && !before.lets_in(&first.cookies()).await);
        assert_eq!(before.lets_in(&idle.cookies()).await, by_sid);
    }
}

/// Whoever is seen between two rotations lives on, and is found under the newest name.
#[tokio::test]
async fn a_session_that_is_used_outlives_the_secret_that_it_began_with() {
    let fleet = Fleet::start().await;
    let before = with_secrets(&fleet, SECRET, &[]);
    let mut browser = before.sign_in(&fleet, "mira").await;
    let first = browser.cookies();
    let unused = session_cookie(&before.auth, mira());
    let between = with_secrets(&fleet, NEXT, &[SECRET]);
    fleet.clock.advance(6_000);
    browser = Browser::with(&between.app, &first);
    assert_eq!(browser.get("/page").await.status, 200);
    assert_ne!(browser.cookies(), first, "sealed anew");
    let after = with_secrets(&fleet, LAST, &[NEXT]);
    assert!(after.lets_in(&browser.cookies()).await);
    assert!(!after.lets_in(&first).await, "it dies with its secret");
    assert!(!after.lets_in(&unused).await);
    assert_eq!(after.auth.sessions("mira").await.unwrap().len(), 1);
    fleet.clock.advance(1);
    assert_done(&post_logout(&after.app, &fleet.provider.logout_token(Some("mira"), None)).await);
    for process in [&before, &between, &after] {
        assert!(!process.lets_in(&browser.cookies()).await);
    }
    assert!(!before.lets_in(&first).await, "it is the same session");
}

/// An update seals it anew as well, and a refresh that nobody's cookie tells of leaves the ticket as good.
#[tokio::test]
async fn an_update_and_a_refresh_rename_it_too() {
    let fleet = Fleet::start().await;
    let before = with_secrets(&fleet, SECRET, &[]);
    let (updated, refreshed) = (
        before.sign_in(&fleet, "mira").await.cookies(),
        before.sign_in(&fleet, "lin").await.cookies(),
    );
    let after = with_secrets(&fleet, NEXT, &[SECRET]);
    let mut browser = Browser::with(&after.app, &updated);
    browser.get("/note?one=1").await;
    assert_ne!(browser.cookies(), updated);
    after.tokens("?force=1", &refreshed).await;
    after.tokens("?force=1", &refreshed).await;
    let alone = with_secrets(&fleet, NEXT, &[]);
    assert!(alone.lets_in(&browser.cookies()).await);
    fleet.clock.advance(1);
    for user in ["mira", "lin"] {
        assert_done(&post_logout(&alone.app, &fleet.provider.logout_token(Some(user), None)).await);
    }
    assert!(!after.lets_in(&updated).await && !after.lets_in(&refreshed).await);
}
