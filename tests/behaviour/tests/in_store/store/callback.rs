//! The callback: what a code brought is kept, once, and in place of what was there.

use http::Method;
use monocloud_runtime::settings::{SameSite, SessionCookie};
use monocloud_runtime::testing::{Endpoint, session_cookie};

use super::faulty::{Call, Lost, Weather};
use super::fleet::{Fleet, Process};
use crate::fixtures::{Browser, app, choose, get, lin, mira};

/// A browser that stands before its callback.
pub(super) async fn ready(fleet: &Fleet, process: &Process) -> (Browser, String) {
    let mut browser = Browser::new(&process.app);
    let started = browser.start("?return_url=/page").await;
    let callback = choose(&fleet.provider, started.location(), "mira").await;
    (browser, callback)
}

#[tokio::test]
async fn the_store_is_asked_before_the_code_is_spent() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let (mut browser, callback) = ready(&fleet, &process).await;
    for weather in [Weather::Down, Weather::ReadOnly] {
        process.store.weather(weather);
        let answer = browser.get(&callback).await;
        assert_eq!(answer.status, 503, "{weather:?}: {answer:?}");
        assert!(answer.header("retry-after").is_some());
        assert_eq!(browser.pending(), 1, "the sign-in can go on");
    }
    assert_eq!(fleet.provider.calls(Endpoint::Token), 0);
    process.store.weather(Weather::Fine);
    assert_eq!(browser.get(&callback).await.status, 303);
    assert_eq!(browser.get("/page").await.body, "page of mira");
    assert_eq!(fleet.provider.calls(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_session_that_could_not_be_kept_is_kept_when_the_browser_asks_again() {
    for lost in [Lost::Before, Lost::After] {
        let fleet = Fleet::start().await;
        let process = fleet.process();
        let (mut browser, callback) = ready(&fleet, &process).await;
        process.store.lose(Call::Create, lost);
        let answer = browser.get(&callback).await;
        assert_eq!(answer.status, 503, "{lost:?}: {answer:?}");
        assert!(answer.cookie("session").is_none());
        let answer = browser.get(&callback).await;
        assert_eq!(answer.status, 303, "{lost:?}: {answer:?}");
        assert_eq!(browser.get("/page").await.body, "page of mira");
        assert_eq!(fleet.provider.calls(Endpoint::Token), 1, "{lost:?}");
        assert_eq!(process.auth.sessions("mira").await.unwrap().len(), 1);
    }
}

/// The answer was lost on the way to the browser, and another process gets the next request.
#[tokio::test]
async fn a_callback_that_comes_to_two_processes_makes_one_session() {
    let fleet = Fleet::start().await;
    let (one, other) = (fleet.process(), fleet.process());
    let (browser, callback) = ready(&fleet, &one).await;
    let cookies = browser.cookies();
    let first = one.get(&callback, &cookies).await;
    for process in [&other, &one, &other] {
        let mut again = Browser::with(&process.app, &cookies);
        let answer = again.get(&callback).await;
        assert_eq!(answer.location(), first.location(), "{answer:?}");
        assert_eq!(again.get("/page").await.body, "page of mira");
        assert_eq!(again.get("/tokens").await.status, 200);
    }
    assert_eq!(fleet.provider.calls(Endpoint::Token), 1);
    assert_eq!(one.auth.sessions("mira").await.unwrap().len(), 1);
    // A copy that somebody kept is good for seconds, and in no process for longer.
    fleet.clock.advance(11);
    let late = fleet.process().get(&callback, &cookies).await;
    assert!(late.cookie("session").is_none(), "{late:?}");
    // What is over stays so.
    let ticket = first.cookie("session").unwrap();
    let out = other
        .get("/api/auth/signout", &format!("session={}", ticket.value))
        .await;
    assert_eq!(out.status, 303);
    for process in [&one, &other, &fleet.process()] {
        let answer = process.get(&callback, &cookies).await;
        assert!(answer.cookie("session").is_none(), "{answer:?}");
    }
    assert_eq!(one.auth.sessions("mira").await.unwrap().len(), 0);
}

/// Whoever copied the cookie of a sign-in is not let in by it, however fast they are.
#[tokio::test]
async fn a_callback_with_another_code_or_none_gets_no_session_that_another_process_made() {
    let fleet = Fleet::start().await;
    let one = fleet.process();
    let (browser, callback) = ready(&fleet, &one).await;
    let cookies = browser.cookies();
    assert_eq!(one.get(&callback, &cookies).await.status, 303);
    let (path, query) = callback.split_once('?').unwrap();
    let with_code = |code: Option<&str>| {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let mut made = url::form_urlencoded::Serializer::new(String::new());
        made.extend_pairs(pairs.filter(|(name, _)| name != "code"));
        made.extend_pairs(code.map(|code| ("code", code)));
        format!("{path}?{}", made.finish())
    };
    for code in [Some("another"), Some(""), None] {
        let answer = fleet.process().get(&with_code(code), &cookies).await;
        assert!(answer.cookie("session").is_none(), "{code:?}: {answer:?}");
        assert!(answer.status.as_u16() >= 400, "{code:?}: {answer:?}");
    }
}

#[tokio::test]
async fn the_earlier_session_ends_though_the_callback_does_not_carry_its_cookie() {
    let fleet = Fleet::start().await;
    let strict = SessionCookie::new().same_site(SameSite::Strict);
    let process = fleet.process_with(|settings| settings.session_cookie(strict));
    let other = fleet.process();
    let (earlier, planted) = (
        session_cookie(&process.auth, mira()),
        session_cookie(&process.auth, lin()),
    );
    let mut browser = Browser::with(&process.app, &format!("{earlier}; {planted}"));
    let started = browser.start("").await;
    let callback = choose(&fleet.provider, started.location(), "mira").await;
    assert!(other.lets_in(&earlier).await, "until the callback");
    browser.jar.retain(|(name, _)| name != "session");
    let answer = browser.get(&callback).await;
    assert!(answer.status.is_success() || answer.status == 303, "{answer:?}");
    assert_eq!(browser.get("/page").await.body, "page of mira");
    for over in [&earlier, &planted] {
        assert!(!process.lets_in(over).await && !other.lets_in(over).await);
    }
}

#[tokio::test]
async fn the_earlier_session_ends_later_where_the_store_does_not_say_so_now() {
    let fleet = Fleet::start().await;
    let (process, other) = (fleet.process(), fleet.process());
    let mut browser = process.sign_in(&fleet, "mira").await;
    let earlier = browser.cookies();
    process.store.lose(Call::Delete, Lost::Before);
    browser.sign_in(&fleet.provider, "mira").await;
    assert!(!process.lets_in(&earlier).await, "here it is over at once");
    assert!(process.lets_in(&browser.cookies()).await);
    super::eventually(async || !other.lets_in(&earlier).await).await;
}

/// The process that made the new one died before it came to the earlier one, or has not come to it yet.
#[tokio::test]
async fn the_earlier_session_ends_where_the_new_one_is_joined() {
    let fleet = Fleet::start().await;
    let (one, other) = (fleet.process(), fleet.process());
    let mut browser = one.sign_in(&fleet, "mira").await;
    let earlier = browser.cookies();
    let started = browser.start("").await;
    let callback = choose(&fleet.provider, started.location(), "mira").await;
    let cookies = browser.cookies();
    one.store.lose(Call::Create, Lost::After);
    assert_eq!(one.get(&callback, &cookies).await.status, 503);
    assert!(other.lets_in(&earlier).await);
    let mut again = Browser::with(&other.app, &cookies);
    assert_eq!(again.get(&callback).await.status, 303);
    for process in [&one, &other] {
        assert!(!process.lets_in(&earlier).await);
        assert!(process.lets_in(&again.cookies()).await);
    }
    // It has it by now, and keeps it.
    assert_eq!(again.get(&callback).await.status, 303);
    assert!(other.lets_in(&again.cookies()).await);
}

#[tokio::test]
async fn a_sign_in_without_a_callback_leaves_the_session_alone() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let mut browser = process.sign_in(&fleet, "mira").await;
    browser.start("").await;
    let answer = browser
        .call(Method::GET, "/api/auth/callback?state=none&code=none", &[])
        .await;
    assert_eq!(answer.status, 400);
    assert!(process.lets_in(&browser.cookies()).await);
    // Nor does an application that keeps sessions elsewhere.
    let in_cookies = app(&fleet.settings().build().unwrap());
    get(&in_cookies, "/page", &[("cookie", &browser.cookies())]).await;
    assert!(process.lets_in(&browser.cookies()).await);
}
