//! Pages that warn before a session ends ask how long it has, and must not prolong it by that.

use std::time::Duration;

use axum::Router;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{Builder, SessionLifetime};
use monocloud_runtime::testing::session_cookie;

use super::fleet::Fleet;
use crate::fixtures::{Answer, Browser, app, get, mira};

fn sliding(settings: Builder) -> Builder {
    let lifetime = SessionLifetime::new()
        .sliding(true)
        .duration(Duration::from_secs(1_000))
        .max_duration(Duration::from_secs(10_000));
    settings.session_lifetime(lifetime)
}

fn left(answer: &Answer) -> Option<i64> {
    Some(answer.header("x-session-expires-in")?.parse().unwrap())
}

/// With sessions in a store, and in cookies.
fn both(fleet: &Fleet) -> [(MonoCloud, Router); 2] {
    let process = fleet.process_with(sliding);
    let in_cookies = sliding(fleet.settings()).build().unwrap();
    let its_app = app(&in_cookies);
    [(process.auth, process.app), (in_cookies, its_app)]
}

#[tokio::test]
async fn asking_without_a_slide_prolongs_nothing_and_says_what_is_left() {
    let fleet = Fleet::start().await;
    for (auth, app) in both(&fleet) {
        let cookies = session_cookie(&auth, mira());
        let headers = [("cookie", cookies.as_str())];
        let ask = async |query: &str| get(&app, &format!("/api/auth/userinfo{query}"), &headers).await;
        assert_eq!(left(&ask("?slide=false").await), Some(1_000));
        fleet.clock.advance(700);
        for _ in 0..2 {
            let answer = ask("?slide=false").await;
            assert_eq!(left(&answer), Some(300), "{answer:?}");
            assert!(answer.cookies().is_empty(), "{answer:?}");
            assert_eq!(answer.json()["sub"], "mira");
        }
        // Whoever asks otherwise uses it.
        let mut browser = Browser::with(&app, &cookies);
        for query in ["", "?slide=true"] {
            let answer = browser.get(&format!("/api/auth/userinfo{query}")).await;
            assert_eq!(left(&answer), Some(1_000), "{query}");
        }
        fleet.clock.advance(999);
        assert_eq!(
            left(&browser.get("/api/auth/userinfo?slide=false").await),
            Some(1)
        );
        fleet.clock.advance(1);
        let over = browser.get("/api/auth/userinfo?slide=false").await;
        assert_eq!((over.status.as_u16(), left(&over)), (204, None));
    }
}

#[tokio::test]
async fn a_refetch_without_a_slide_prolongs_nothing_either() {
    let fleet = Fleet::start().await;
    let process = fleet.process_with(sliding);
    let mut browser = process.sign_in(&fleet, "mira").await;
    fleet.clock.advance(600);
    for path in [
        "/api/auth/userinfo?slide=false&refetch=true",
        "/api/auth/userinfo?slide=false",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(left(&answer), Some(400), "{path}: {answer:?}");
    }
    assert_eq!(
        process.session(&browser.cookies()).unwrap().expires_at(),
        fleet.clock.now() + 400
    );
}
