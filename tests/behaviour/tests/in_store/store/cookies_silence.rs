//! A process that hears nothing of what is over takes nobody's word for being signed in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get as on_get;
use monocloud_runtime::testing::Endpoint;
use monocloud_runtime::tokens::TokenRequest;
use monocloud_runtime::{Auth, User};
use tokio::sync::Notify;

use super::eventually;
use super::faulty::{Call, Lost, Weather};
use super::fleet::{Fleet, Process};
use super::reads::other_doors;
use crate::fixtures::{Browser, choose, code, failed, get};

/// Ways to ask who is signed in: guards, extractors, `Option<User>`, handlers that ask, the library's own routes.
const DOORS: [&str; 8] = [
    "/",
    "/admin",
    "/api/me",
    "/session",
    "/auth",
    "/tokens",
    "/page",
    "/api/auth/userinfo",
];

async fn status(process: &Process, path: &str, cookies: &str) -> u16 {
    process.get(path, cookies).await.status.as_u16()
}

async fn is_silent(process: &Process, cookies: &str) {
    // Longer than what was heard is good for.
    let began = Instant::now();
    while status(process, "/api/me", cookies).await != 503 {
        assert!(began.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn nobody_is_let_in_on_what_was_heard_five_seconds_ago_and_nobody_is_signed_out() {
    for weather in [Weather::Down, Weather::Hangs] {
        let fleet = Fleet::in_cookies().await;
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        assert!(process.lets_in(&cookies).await && other.lets_in(&cookies).await);
        let [protected, served] = other_doors(&process.auth);
        let doors = || {
            let here = DOORS.map(|door| (&process.app, door));
            here.into_iter()
                .chain([(&protected, "/protected"), (&served, "/served")])
        };
        let headers = [("cookie", cookies.as_str())];
        process.store.weather(weather);
        is_silent(&process, &cookies).await;
        for (app, door) in doors() {
            let began = Instant::now();
            let answer = get(app, door, &headers).await;
            assert_eq!(answer.status, 503, "{weather:?} {door}: {answer:?}");
            assert!(answer.header("retry-after").is_some(), "{door}");
            assert!(answer.cookies().is_empty(), "{door}: {answer:?}");
            assert!(
                began.elapsed() < Duration::from_secs(2),
                "{door}: nobody waits for what does not come"
            );
        }
        // Who has no session needs nobody's word.
        assert_eq!(get(&process.app, "/api/me", &[]).await.status, 401);
        assert_eq!(status(&process, "/api/me", "session=nonsense").await, 401);
        assert!(process.auth.check().await.is_err());
        assert!(other.lets_in(&cookies).await);

        process.store.weather(Weather::Fine);
        eventually(async || status(&process, "/api/me", &cookies).await == 200).await;
        assert!(process.auth.check().await.is_ok());
        for (app, door) in doors() {
            assert_eq!(get(app, door, &headers).await.status, 200, "{door}");
        }
    }
}

#[tokio::test]
async fn a_process_that_never_heard_anything_lets_nobody_in() {
    let fleet = Fleet::in_cookies().await;
    let cookies = fleet.process().sign_in(&fleet, "mira").await.cookies();
    let process = fleet.process();
    process.store.weather(Weather::Down);
    assert_eq!(status(&process, "/api/me", &cookies).await, 503);
    process.store.weather(Weather::Fine);
    eventually(async || status(&process, "/api/me", &cookies).await == 200).await;
}

/// A sign-in would begin a session of which nobody can say that it is not over. Nor is a code spent where nobody can be told
/// that it was.
#[tokio::test]
async fn the_log_is_heard_before_the_code_is_spent() {
    for weather in [Weather::Down, Weather::ReadOnly] {
        let fleet = Fleet::in_cookies().await;
        let (first, process) = (fleet.process(), fleet.process());
        let mut browser = Browser::new(&first.app);
        let started = browser.start("").await;
        let answer = choose(&fleet.provider, started.location(), "mira").await;
        let mut browser = Browser::with(&process.app, &browser.cookies());
        process.store.weather(weather);
        let refused = browser.get(&answer).await;
        assert_eq!(refused.status, 503, "{weather:?}: {refused:?}");
        assert!(refused.header("retry-after").is_some());
        assert_eq!(fleet.provider.calls(Endpoint::Token), 0, "{weather:?}");
        process.store.weather(Weather::Fine);
        eventually(async || process.auth.check().await.is_ok()).await;
        assert_eq!(browser.get(&answer).await.status, 303);
        assert!(process.lets_in(&browser.cookies()).await);
    }
}

/// What others ended meanwhile is known before anybody is let in again.
#[tokio::test]
async fn what_ended_during_the_silence_is_over_when_it_ends() {
    let fleet = Fleet::in_cookies().await;
    let (process, other) = (fleet.process(), fleet.process());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    assert!(process.lets_in(&cookies).await);
    process.store.weather(Weather::Down);
    is_silent(&process, &cookies).await;
    assert_eq!(other.get("/api/auth/signout", &cookies).await.status, 303);
    process.store.weather(Weather::Fine);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        let status = status(&process, "/api/me", &cookies).await;
        assert!(status == 503 || status == 401, "{status}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(status(&process, "/api/me", &cookies).await, 401);
}

/// Asks for tokens once it may go on.
async fn slow(auth: Auth, arrived: Arc<Notify>, may_go_on: Arc<Notify>) -> Response {
    arrived.notify_one();
    may_go_on.notified().await;
    match auth.tokens(TokenRequest::new()).await {
        Ok(tokens) => tokens.access_token().to_owned().into_response(),
        Err(error) => failed(error),
    }
}

/// Whoever was let in may have been signed out since.
#[tokio::test]
async fn a_handler_gets_no_tokens_once_nothing_is_heard() {
    for (weather, expected) in [
        (Weather::Fine, (200, "")),
        (Weather::Down, (503, "store_unavailable")),
        (Weather::Hangs, (503, "store_unavailable")),
    ] {
        let fleet = Fleet::in_cookies().await;
        let process = fleet.process();
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        let (arrived, may_go_on) = (Arc::<Notify>::default(), Arc::<Notify>::default());
        let handler = {
            let (arrived, may_go_on) = (arrived.clone(), may_go_on.clone());
            move |_: User, auth: Auth| slow(auth, arrived.clone(), may_go_on.clone())
        };
        let app = Router::new()
            .route("/slow", on_get(handler))
            .layer(process.auth.layer());
        let meanwhile = async {
            arrived.notified().await;
            process.store.weather(weather);
            if weather != Weather::Fine {
                is_silent(&process, &cookies).await;
            }
            may_go_on.notify_one();
        };
        let headers = [("cookie", cookies.as_str())];
        let (answer, ()) = tokio::join!(get(&app, "/slow", &headers), meanwhile);
        let (status, code) = code(&answer);
        assert_eq!((status, code.as_str()), expected, "{weather:?}: {answer:?}");
    }
}

/// Another server may have the log by then, which knows less of it, and whose clock is behind.
#[tokio::test]
async fn after_a_silence_all_is_read_and_told_again() {
    let fleet = Fleet::in_cookies().await;
    let (process, other) = (fleet.process(), fleet.process());
    let known = process.sign_in(&fleet, "mira").await.cookies();
    let missed = process.sign_in(&fleet, "lin").await.cookies();
    assert_eq!(process.get("/api/auth/signout", &known).await.status, 303);
    process.store.forget_what_was_told().await;
    assert!(fleet.process().lets_in(&known).await, "nobody tells it any more");
    process.store.read_from_the_start();
    assert_eq!(other.get("/api/auth/signout", &missed).await.status, 303);
    eventually(async || process.store.has_passed_over()).await;
    assert!(process.lets_in(&missed).await);

    process.store.lose(Call::Read, Lost::Before);
    eventually(async || !process.lets_in(&missed).await).await;
    let late = fleet.process();
    eventually(async || !late.lets_in(&known).await).await;
    assert!(!late.lets_in(&missed).await);
}

#[tokio::test]
async fn what_is_over_is_told_again_to_a_log_that_lost_it() {
    let fleet = Fleet::in_cookies().await;
    let process = fleet.process();
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    assert_eq!(process.get("/api/auth/signout", &cookies).await.status, 303);
    process.store.lose_the_log().await;
    let late = fleet.process();
    eventually(async || !late.lets_in(&cookies).await).await;
    assert!(!process.lets_in(&cookies).await);
}

/// Whoever heard for this process was a task of a runtime that has ended.
#[test]
fn another_runtime_hears_on() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let (first, second) = (runtime(), runtime());
    let fleet = second.block_on(Fleet::in_cookies());
    let (process, other) = (fleet.process(), fleet.process());
    let cookies = first.block_on(async {
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        assert!(process.lets_in(&cookies).await);
        cookies
    });
    first.shutdown_background();
    second.block_on(async {
        assert_eq!(other.get("/destroy", &cookies).await.status, 200);
        let began = Instant::now();
        while status(&process, "/api/me", &cookies).await != 401 {
            assert!(began.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}
