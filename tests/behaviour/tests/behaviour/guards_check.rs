//! `check`: the application has the last word about whom a guard lets in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::{FromRequestParts as _, Path};
use axum::routing::{any, post};
use axum::{Extension, Router};
use http::Method;
use http::request::Parts;
use monocloud_runtime::hooks::{AccessDenied, HookError};
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Access, Denied, DeniedReason, MonoCloud, protect, protect_api};

use crate::fixtures::{Answer, ORIGIN, at_rest, call, lin, logged, mira, settings};

/// How often the application was asked.
#[derive(Clone, Default)]
struct Asked(Arc<AtomicUsize>);

/// An order belongs to whose name begins it.
async fn owns_order(access: &Access, request: &Parts) -> Result<(), HookError> {
    let Path(order) = Path::<String>::from_request_parts(&mut request.clone(), &()).await?;
    let asked = request.extensions.get::<Asked>().ok_or("no counter")?;
    asked.0.fetch_add(1, Ordering::Relaxed);
    let user = access.user().ok_or("nobody")?;
    if order.starts_with(user.sub()) {
        Ok(())
    } else {
        Err(AccessDenied::new("This order is <somebody> else's.").into())
    }
}

#[protect_api(groups = ["admin"], check = owns_order)]
async fn order(Path(order): Path<String>, body: String) -> String {
    format!("{order} {body}")
}

#[protect(check = owns_order)]
async fn page(Path(order): Path<String>) -> String {
    order
}

async fn hidden(denied: Denied) -> (http::StatusCode, String) {
    assert_eq!(denied.reason(), DeniedReason::CheckFailed);
    (
        http::StatusCode::NOT_FOUND,
        denied.words().unwrap_or("-").to_owned(),
    )
}

#[protect_api(check = owns_order, on_group_access_denied = hidden)]
async fn hidden_order() {}

async fn fails(_: &Access, _: &Parts) -> Result<(), std::fmt::Error> {
    Err(std::fmt::Error)
}

async fn panics(_: &Access, _: &Parts) -> Result<(), HookError> {
    panic!("as an application does")
}

async fn hangs(_: &Access, _: &Parts) -> Result<(), HookError> {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    Ok(())
}

fn plain(access: &Access, _: &Parts) -> impl Future<Output = Result<(), AccessDenied>> + Send + use<> {
    let session = access.session();
    async move { session.map(drop).ok_or(AccessDenied::new("no session")) }
}

/// Before there is a future.
fn panics_at_once(
    access: &Access,
    _: &Parts,
) -> impl Future<Output = Result<(), AccessDenied>> + Send + use<> {
    let claims = access.claims().expect("a token");
    async move { claims.client_id().map(drop).ok_or(AccessDenied::new("no client")) }
}

#[derive(Debug)]
struct Speechless;

impl std::fmt::Display for Speechless {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("no words for it")
    }
}

impl std::error::Error for Speechless {}

async fn has_no_words(_: &Access, _: &Parts) -> Result<(), Speechless> {
    Err(Speechless)
}

#[protect_api(check = has_no_words)]
async fn speechless() {}

#[protect_api(check = fails)]
async fn failing() {}

#[protect_api(check = panics)]
async fn panicking() {}

#[protect_api(check = panics_at_once)]
async fn panicking_at_once() {}

#[protect_api(check = hangs)]
async fn hanging() {}

#[protect(check = plain)]
async fn by_plain_function() -> &'static str {
    "inside"
}

fn app(auth: &MonoCloud, asked: &Asked) -> Router {
    Router::new()
        .route("/orders/{id}", post(order))
        .route("/pages/{id}", any(page))
        .route("/hidden/{id}", any(hidden_order))
        .route("/fails", any(failing))
        .route("/panics", any(panicking))
        .route("/panics/at-once", any(panicking_at_once))
        .route("/panics/speechless", any(speechless))
        .route("/hangs", any(hanging))
        .route("/plain", any(by_plain_function))
        .layer(Extension(asked.clone()))
        .layer(auth.layer())
}

async fn ask(app: &Router, cookie: &str, method: Method, path: &str) -> Answer {
    call(app, method, path, &[("cookie", cookie), ("origin", ORIGIN)]).await
}

#[tokio::test]
async fn it_sees_the_request_and_decides_before_the_handler() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth, &Asked::default());
    let cookie = session_cookie(&auth, mira());
    let own = ask(&app, &cookie, Method::POST, "/orders/mira-7").await;
    assert_eq!((own.status.as_u16(), own.body.as_str()), (200, "mira-7 "));
    let other = ask(&app, &cookie, Method::POST, "/orders/lin-7").await;
    assert_eq!(
        (other.status.as_u16(), other.body.as_str()),
        (403, r#"{"message":"forbidden"}"#)
    );
    assert_eq!(other.header("cache-control"), Some("private, no-store"));
    let plain = ask(&app, &cookie, Method::GET, "/plain").await;
    assert_eq!(plain.body, "inside");
}

#[tokio::test]
async fn who_is_denied_already_is_no_question() {
    let (auth, _) = at_rest(settings());
    let asked = Asked::default();
    let app = app(&auth, &asked);
    let out = ask(&app, "", Method::POST, "/orders/mira-7").await;
    assert_eq!(out.status, 401);
    let wrong_group = ask(&app, &session_cookie(&auth, lin()), Method::POST, "/orders/lin-7").await;
    assert_eq!(wrong_group.status, 403);
    let cross_site = call(
        &app,
        Method::POST,
        "/orders/mira-7",
        &[
            ("cookie", &session_cookie(&auth, mira())),
            ("origin", "https://evil.example"),
        ],
    )
    .await;
    assert_eq!(cross_site.status, 403);
    assert_eq!(asked.0.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn its_words_are_for_whoever_asks() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth, &Asked::default());
    let cookie = session_cookie(&auth, mira());
    let page = ask(&app, &cookie, Method::GET, "/pages/lin-7").await;
    assert_eq!(page.status, 403);
    assert!(
        page.body.contains("This order is &#60;somebody&#62; else"),
        "{page:?}"
    );
    let own = ask(&app, &cookie, Method::GET, "/hidden/lin-7").await;
    assert_eq!(
        (own.status.as_u16(), own.body.as_str()),
        (404, "This order is <somebody> else's.")
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_a_panic_and_a_delay_are_a_no_and_the_log_says_why() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth, &Asked::default());
    let cookie = session_cookie(&auth, mira());
    for (path, why) in [
        ("/fails", "an error occurred when formatting an argument"),
        ("/panics", "it panicked"),
        ("/panics/at-once", "it panicked"),
        ("/panics/speechless", "it panicked"),
        ("/hangs", "MONOCLOUD_AUTH_RESPONSE_TIMEOUT"),
    ] {
        let (answer, log) = logged(ask(&app, &cookie, Method::GET, path)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (403, r#"{"message":"forbidden"}"#)
        );
        assert!(log.contains(why) && log.contains("guards_check"), "{log}");
    }
}
