//! What was decided about the session's cookie is written, whatever else a handler does; and where it cannot be,
//! the handler or the log is told.

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use futures_util::FutureExt as _;
use http::StatusCode;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Auth, Session, User, protect};

use crate::fixtures::{Answer, at_rest, get, logged, mira, settings};

/// As layers for panics do.
async fn catching(request: Request, next: Next) -> Response {
    AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn forgetting(mut request: Request, next: Next) -> Response {
    request.extensions_mut().clear();
    next.run(request).await
}

async fn replacing(request: Request, next: Next) -> Response {
    next.run(request).await;
    "something else".into_response()
}

async fn destroys_and_panics(auth: Auth) -> &'static str {
    auth.destroy_session().await.unwrap();
    panic!("after the session ended");
}

async fn updates_and_panics(auth: Auth, mut session: Session) -> &'static str {
    session.insert("visits", 1).unwrap();
    auth.update_session(session).await.unwrap();
    panic!("after the session changed");
}

async fn destroys(auth: Auth) -> &'static str {
    auth.destroy_session().await.unwrap();
    "destroyed"
}

/// Other threads hold what the handler holds, and panic while they do.
async fn shares(auth: Auth) -> &'static str {
    for _ in 0..8 {
        let auth = auth.clone();
        let panicking = tokio::spawn(async move {
            auth.session().await;
            panic!("in a task of its own");
        });
        assert!(panicking.await.is_err());
    }
    auth.destroy_session().await.unwrap();
    "destroyed"
}

#[tokio::test]
async fn a_panic_a_replaced_answer_and_a_task_that_dies_lose_no_cookie() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .route("/destroys", on_get(destroys_and_panics))
        .route("/updates", on_get(updates_and_panics))
        .route("/shares", on_get(shares))
        .layer(from_fn(catching))
        .merge(
            Router::new()
                .route("/replaced", on_get(destroys))
                .layer(from_fn(replacing)),
        )
        .layer(auth.layer());
    let asked = async |path: &str| -> Answer {
        let cookie = session_cookie(&auth, mira());
        get(&app, path, &[("cookie", &cookie)]).await
    };
    let answer = asked("/destroys").await;
    assert_eq!(
        (answer.status.as_u16(), answer.deleted()),
        (500, vec!["session".to_owned()])
    );
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    let answer = asked("/updates").await;
    assert!(answer.status == 500 && answer.cookie("session").is_some_and(|cookie| !cookie.deletes()));
    for path in ["/shares", "/replaced"] {
        assert_eq!(asked(path).await.deleted(), ["session"], "{path}");
    }
}

#[protect]
async fn guarded(_: User) -> &'static str {
    "inside"
}

#[tokio::test]
async fn who_forgets_the_extensions_closes_the_guards_and_loses_no_cookie() {
    async fn destroying(auth: Auth, request: Request, next: Next) -> Response {
        auth.destroy_session().await.unwrap();
        next.run(request).await
    }
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .route("/", on_get(guarded))
        .layer(from_fn(forgetting))
        .layer(from_fn(destroying))
        .layer(auth.layer());
    let cookie = session_cookie(&auth, mira());
    let (answer, log) = logged(get(&app, "/", &[("cookie", &cookie)])).await;
    assert_eq!(
        (answer.status.as_u16(), answer.deleted()),
        (500, vec!["session".to_owned()])
    );
    assert!(
        log.contains("ERROR") && log.contains(".layer(auth.layer())"),
        "{log}"
    );
}

/// Changes the session when the head of the response is on its way.
async fn too_late(auth: Auth, session: Session) -> Response {
    let body = async move {
        let changed = auth.update_session(session).await.err().map(|error| error.code());
        auth.destroy_session().await.unwrap();
        Ok::<_, std::convert::Infallible>(Bytes::from(format!("{changed:?}")))
    };
    Body::from_stream(futures_util::stream::once(body)).into_response()
}

#[tokio::test]
async fn what_comes_too_late_for_a_cookie_is_told() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .route("/", on_get(too_late))
        .route("/in", on_get(guarded))
        .layer(auth.layer());
    let cookie = session_cookie(&auth, mira());
    let (answer, log) = logged(get(&app, "/", &[("cookie", &cookie)])).await;
    assert_eq!(
        (answer.body.as_str(), answer.cookies().len()),
        ("Some(\"response_started\")", 0)
    );
    assert!(
        log.contains("WARN") && log.contains("head is already sent"),
        "{log}"
    );
    assert_eq!(
        get(&app, "/in", &[("cookie", &cookie)]).await.status,
        303,
        "it ended all the same"
    );
}
