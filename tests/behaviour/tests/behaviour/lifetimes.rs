//! How long a session lives, and what the browser is told of it.

use std::time::Duration;

use monocloud_runtime::settings::{SessionCookie, SessionLifetime};
use monocloud_runtime::testing::session_cookie;

use crate::fixtures::{Browser, app, at_rest, get, mira, settings};

fn lifetime(sliding: bool, duration: u64, max_duration: u64) -> SessionLifetime {
    SessionLifetime::new()
        .sliding(sliding)
        .duration(Duration::from_secs(duration))
        .max_duration(Duration::from_secs(max_duration))
}

#[tokio::test]
async fn an_expired_session_is_signed_out_and_deleted() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let (auth, clock) = at_rest(settings());
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    clock.advance(86_399);
    assert_eq!(get(&app, "/page", &[("cookie", &cookie)]).await.status, 200);
    clock.advance(1);
    let answer = get(&app, "/page", &[("cookie", &cookie)]).await;
    assert_eq!(answer.status, 303, "a day is over");
    assert_eq!(answer.deleted(), ["session"]);
}

#[tokio::test]
async fn an_absolute_session_ends_when_it_was_going_to_however_much_it_is_used() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let (auth, clock) = at_rest(settings().session_lifetime(lifetime(false, 600, 10_000)));
    let app = app(&auth);
    let mut browser = Browser::with(&app, &session_cookie(&auth, mira()));
    for _ in 0..5 {
        clock.advance(100);
        let page = browser.get("/page").await;
        assert_eq!(page.status, 200);
        assert!(page.cookies().is_empty(), "nothing to write: {page:?}");
        let updated = browser.get("/update").await;
        let left = updated.cookie("session").unwrap();
        assert!(
            left.attribute("max-age").unwrap().parse::<i64>().unwrap() <= 500,
            "{left:?}"
        );
    }
    clock.advance(99);
    assert_eq!(browser.get("/page").await.status, 200);
    clock.advance(1);
    assert_eq!(browser.get("/page").await.status, 303);
}

#[tokio::test]
async fn a_lifetime_that_was_shortened_binds_older_sessions() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let (long, clock) = at_rest(settings());
    let short = settings()
        .session_lifetime(lifetime(false, 600, 600))
        .clock(clock.clone());
    let short = short.build().unwrap();
    let cookie = session_cookie(&long, mira());
    clock.advance(599);
    assert_eq!(
        get(&app(&short), "/page", &[("cookie", &cookie)]).await.status,
        200
    );
    clock.advance(1);
    assert_eq!(
        get(&app(&short), "/page", &[("cookie", &cookie)]).await.status,
        303
    );
}

#[tokio::test]
async fn a_sliding_session_lives_on_with_use_up_to_its_cap() {
    let (auth, clock) = at_rest(settings().session_lifetime(lifetime(true, 1_000, 2_500)));
    let app = app(&auth);
    let mut browser = Browser::with(&app, &session_cookie(&auth, mira()));
    clock.advance(900);
    let slid = browser.get("/page").await;
    assert_eq!(slid.cookie("session").unwrap().attribute("max-age"), Some("1000"));
    clock.advance(900);
    let slid = browser.get("/page").await;
    let max_age = slid.cookie("session").unwrap();
    assert_eq!(max_age.attribute("max-age"), Some("700"), "the cap is at 2,500");
    clock.advance(699);
    assert_eq!(browser.get("/page").await.status, 200);
    clock.advance(1);
    assert_eq!(browser.get("/page").await.status, 303, "the cap is reached");
}

#[tokio::test]
async fn an_unused_sliding_session_ends_after_its_duration() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let (auth, clock) = at_rest(settings().session_lifetime(lifetime(true, 1_000, 2_500)));
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    clock.advance(1_000);
    let answer = get(&app, "/page", &[("cookie", &cookie)]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.deleted()),
        (303, vec!["session".to_owned()])
    );
}

#[tokio::test]
async fn a_session_used_all_the_time_is_not_written_all_the_time() {
    let (auth, clock) = at_rest(settings().session_lifetime(lifetime(true, 86_400, 604_800)));
    let app = app(&auth);
    let mut browser = Browser::with(&app, &session_cookie(&auth, mira()));
    let mut written = 0;
    for _ in 0..600 {
        clock.advance(1);
        written += browser.get("/page").await.cookies().len();
    }
    assert_eq!(written, 10, "once a minute");
}

#[tokio::test]
async fn a_public_route_slides_nothing() {
    let (auth, clock) = at_rest(settings().session_lifetime(lifetime(true, 1_000, 2_500)));
    let cookie = session_cookie(&auth, mira());
    clock.advance(900);
    let answer = get(&app(&auth), "/public", &[("cookie", &cookie)]).await;
    assert!(answer.cookies().is_empty(), "{answer:?}");
}

#[tokio::test]
async fn a_browser_session_has_no_end_of_its_own_in_the_browser() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let browser_session = SessionCookie::new().persistent(false);
    let (auth, clock) = at_rest(settings().session_cookie(browser_session));
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    let updated = get(&app, "/update", &[("cookie", &cookie)]).await;
    let set = updated.cookie("session").unwrap();
    assert_eq!(
        (set.attribute("max-age"), set.attribute("expires")),
        (None, None),
        "{set:?}"
    );
    clock.advance(86_400);
    assert_eq!(
        get(&app, "/page", &[("cookie", &cookie)]).await.status,
        303,
        "but here it has"
    );
}

#[tokio::test]
async fn a_persistent_session_tells_the_browser_when_it_ends() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let (auth, clock) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    clock.advance(400);
    let updated = get(&app(&auth), "/update", &[("cookie", &cookie)]).await;
    assert_eq!(
        updated.cookie("session").unwrap().attribute("max-age"),
        Some("86000")
    );
}

#[tokio::test]
async fn a_clock_set_back_brings_no_expired_session_to_life_for_longer() {
    let (auth, clock) = at_rest(settings().session_lifetime(lifetime(true, 1_000, 2_500)));
    let app = app(&auth);
    let mut browser = Browser::with(&app, &session_cookie(&auth, mira()));
    clock.advance(-500);
    let answer = browser.get("/page").await;
    assert!(
        answer.cookies().is_empty(),
        "nothing is written backwards: {answer:?}"
    );
}
