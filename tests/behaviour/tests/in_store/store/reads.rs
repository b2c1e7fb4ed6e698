//! Who is there, where the store must say so: nobody is let in or sent away for what it does not say.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::any;
use monocloud_runtime::protected::All;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Auth, MonoCloud, monocloud_routes};

use super::faulty::{Call, Weather};
use super::fleet::Fleet;
use crate::fixtures::{Answer, Browser, app, get, lin, mira};

/// All doors that ask who is there.
const DOORS: [&str; 9] = [
    "/",
    "/page",
    "/admin",
    "/api/me",
    "/session",
    "/auth",
    "/api/auth/userinfo",
    "/api/auth/userinfo?slide=false",
    "/api/auth/signin",
];

fn assert_unavailable(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 503, "{what}: {answer:?}");
    assert!(answer.header("retry-after").is_some(), "{what}: {answer:?}");
    assert!(
        answer.cookies().is_empty(),
        "{what}: the cookies stay: {answer:?}"
    );
}

/// Behind protected routes, and without axum.
pub(super) fn other_doors(auth: &MonoCloud) -> [Router; 2] {
    let protected = Router::new()
        .fallback(any(async || "inside"))
        .merge(monocloud_routes!(auth))
        .layer(auth.layer().protected_routes(All).unwrap());
    let client = auth.clone();
    let served = Router::new().fallback(move |request: axum::extract::Request| {
        let client = client.clone();
        let handler = async |auth: Auth, _: axum::extract::Request| {
            let status = if auth.is_authenticated().await { 200 } else { 401 };
            axum::response::Response::builder()
                .status(status)
                .body(axum::body::Body::empty())
                .unwrap()
        };
        async move { client.serve(request, handler).await }
    });
    [protected, served]
}

#[tokio::test]
async fn a_store_that_is_down_is_503_for_everybody_who_brings_a_ticket() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let others = other_doors(&process.auth);
    let mut browser = process.sign_in(&fleet, "mira").await;
    browser.wait();
    let cookies = browser.cookies();
    process.store.weather(Weather::Down);
    for door in DOORS {
        assert_unavailable(&process.get(door, &cookies).await, door);
    }
    for other in &others {
        let answer = get(other, "/anything", &[("cookie", &cookies)]).await;
        assert_unavailable(&answer, "another door");
    }
    // Who brings nothing needs no store, nor does a page that asks for nobody.
    assert_eq!(process.get("/public", &cookies).await.body, "public");
    assert_eq!(get(&process.app, "/", &[]).await.body, "signed out");
    assert_eq!(get(&process.app, "/page", &[]).await.status, 303);
    assert_eq!(get(&process.app, "/api/me", &[]).await.status, 401);
    assert_eq!(get(&process.app, "/api/auth/userinfo", &[]).await.status, 204);
    assert_eq!(get(&process.app, "/api/auth/signin", &[]).await.status, 303);
    process.store.weather(Weather::Fine);
    for door in &DOORS[..7] {
        assert_eq!(process.get(door, &cookies).await.status, 200, "{door}");
    }
    for other in &others {
        let answer = get(other, "/anything", &[("cookie", &cookies)]).await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn a_store_that_says_nothing_is_503_in_time() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let cookies = session_cookie(&process.auth, mira());
    process.store.weather(Weather::Hangs);
    let began = Instant::now();
    assert_unavailable(&process.get("/page", &cookies).await, "silence");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    process.store.weather(Weather::Fine);
    assert!(process.lets_in(&cookies).await);
}

#[tokio::test]
async fn junk_and_cookies_of_others_cost_no_call() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let foreign = fleet.process_with(|settings| settings.cookie_secret(crate::fixtures::OTHER_SECRET));
    let theirs = session_cookie(&foreign.auth, mira());
    let mut cut = session_cookie(&process.auth, mira());
    cut.truncate(cut.len() - 4);
    process.store.calls();
    for cookies in [
        "session=",
        "session=junk",
        "session.0=junk; session.1=junk",
        "other=1",
        theirs.as_str(),
        cut.as_str(),
        &format!("session={}", "A".repeat(104)),
    ] {
        for door in ["/page", "/", "/api/auth/userinfo", "/api/auth/signin"] {
            assert!(
                process.get(door, cookies).await.status.as_u16() < 400,
                "{cookies}"
            );
        }
        assert_eq!(process.store.calls(), [], "{cookies}");
    }
}

#[tokio::test]
async fn one_look_serves_a_request_however_many_ask() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let cookies = session_cookie(&process.auth, mira());
    process.store.calls();
    assert_eq!(process.get("/page", &cookies).await.status, 200);
    assert_eq!(process.store.calls(), [Call::Get]);
}

#[tokio::test]
async fn tickets_of_two_people_are_nobody_and_end_with_a_sign_in() {
    let fleet = Fleet::start().await;
    let (process, other) = (fleet.process(), fleet.process());
    let (own, planted) = (
        session_cookie(&process.auth, mira()),
        session_cookie(&process.auth, lin()),
    );
    let both = format!("{own}; {planted}");
    for cookies in [&both, &format!("{planted}; {own}")] {
        assert!(!process.lets_in(cookies).await);
        let answer = process.get("/", cookies).await;
        assert_eq!(answer.body, "signed out");
        assert!(answer.cookies().is_empty(), "{answer:?}");
    }
    let twice = format!("{own}; {}", session_cookie(&process.auth, mira()));
    assert!(process.lets_in(&twice).await, "one person is one");
    let mut browser = Browser::with(&process.app, &both);
    browser.sign_in(&fleet.provider, "mira").await;
    for over in [&own, &planted] {
        assert!(!process.lets_in(over).await && !other.lets_in(over).await);
    }
}

#[tokio::test]
async fn a_sign_out_ends_ones_own_session_however_many_are_planted_before_it() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let cookies: Vec<_> = (0..40).map(|_| session_cookie(&process.auth, mira())).collect();
    let answer = process.get("/api/auth/signout", &cookies.join("; ")).await;
    assert_eq!((answer.status.as_u16(), answer.deleted().len()), (303, 1));
    for cookie in &cookies {
        assert!(!process.lets_in(cookie).await);
    }
}

#[tokio::test]
async fn a_session_of_the_other_kind_is_nobody_and_deleted() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let in_cookies = fleet.settings().build().unwrap();
    let (ticket, session) = (
        session_cookie(&process.auth, mira()),
        session_cookie(&in_cookies, mira()),
    );
    process.store.calls();
    for (app, cookie) in [(&process.app, &session), (&app(&in_cookies), &ticket)] {
        let answer = get(app, "/", &[("cookie", cookie)]).await;
        assert_eq!(answer.body, "signed out");
        assert_eq!(answer.deleted(), ["session"], "{answer:?}");
    }
    assert_eq!(process.store.calls(), []);
}

/// The store may be back with its data.
#[tokio::test]
async fn a_ticket_without_a_record_is_nobody_and_stays() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let elsewhere = Fleet::start().await.process();
    let cookies = session_cookie(&elsewhere.auth, mira());
    let answer = process.get("/", &cookies).await;
    assert_eq!(answer.body, "signed out");
    assert!(answer.cookies().is_empty(), "{answer:?}");
    let page = process.get("/page", &cookies).await;
    assert_eq!(page.status, 303);
    assert!(page.cookies().is_empty(), "{page:?}");
}
