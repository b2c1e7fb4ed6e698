//! Functions that say which requests are protected: what is not a clear no is a yes.

use std::future::pending;
use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use axum::routing::any;
use http::Method;
use monocloud_runtime::protected::{IntoProtectedRoutes, Pattern, RouteRequest, regex, when, when_async};
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{MonoCloud, Protect};

use crate::fixtures::{at_rest, call, get, lin, logged, mira, settings};

fn client() -> MonoCloud {
    at_rest(settings().response_timeout(Duration::from_millis(1_000))).0
}

fn app(auth: &MonoCloud, routes: impl IntoProtectedRoutes) -> Router {
    Router::new()
        .fallback(any(async || "inside"))
        .layer(auth.layer().protected_routes(routes).unwrap())
        .layer(Extension(7_u8))
}

#[tokio::test]
async fn what_it_says_yes_to_is_protected() {
    let auth = client();
    let drafts = |request: &RouteRequest| {
        request.method() == Method::GET && request.uri().query().is_some_and(|query| query.contains("draft"))
    };
    let later = |request: RouteRequest| async move {
        tokio::task::yield_now().await;
        request.headers().contains_key("x-preview")
    };
    let of_extension = |request: &RouteRequest| request.extensions().get() == Some(&8_u8);
    let routes = [when(drafts), when_async(later), when(of_extension)];
    let app = app(&auth, routes);
    for (path, headers, expected) in [
        ("/a", &[][..], 200),
        ("/a?draft", &[], 303),
        ("/a", &[("x-preview", "1")], 303),
        ("/api/a", &[("x-preview", "1")], 401),
    ] {
        let answer = get(&app, path, headers).await;
        assert_eq!(answer.status, expected, "{path} {headers:?}");
        let cookie = session_cookie(&auth, lin());
        let headers = [headers, &[("cookie", cookie.as_str())]].concat();
        assert_eq!(get(&app, path, &headers).await.body, "inside");
    }
    assert_eq!(call(&app, Method::POST, "/a?draft", &[]).await.status, 200);
}

#[tokio::test]
async fn it_is_told_where_a_request_is_however_that_is_written() {
    let auth = client();
    let below = app(&auth, when(|request: &RouteRequest| request.is_below("/Admin")));
    for path in [
        "/admin",
        "/admin/x",
        "/%61dmin",
        "//ADMIN",
        "/x/..;/admin",
        "/x/%2e%2e%2fadmin",
    ] {
        assert_eq!(get(&below, path, &[]).await.status, 303, "{path}");
    }
    for path in ["/", "/administrator", "/x/admin", "/admi"] {
        assert_eq!(get(&below, path, &[]).await.status, 200, "{path}");
    }
    let nested = Router::new().nest("/team", below);
    assert_eq!(get(&nested, "/team/admin", &[]).await.status, 303);
    assert_eq!(get(&nested, "/team/other", &[]).await.status, 200);
}

fn fails(request: &RouteRequest) -> Result<bool, std::io::Error> {
    if request.is_below("/fail") {
        Err(std::io::Error::other("the database is away"))
    } else {
        Ok(false)
    }
}

#[expect(clippy::manual_assert, reason = "a plain panic")]
fn panics(request: &RouteRequest) -> bool {
    if request.is_below("/fail") {
        panic!("on purpose")
    }
    false
}

fn fails_later() -> Pattern {
    when_async(|request: RouteRequest| async move { fails(&request) })
}

fn panics_later() -> Pattern {
    when_async(|request: RouteRequest| async move { panics(&request) })
}

fn panics_before_it_is_asked() -> Pattern {
    when_async(|request: RouteRequest| {
        let said = panics(&request);
        async move { said }
    })
}

fn never_answers() -> Pattern {
    when_async(|request: RouteRequest| async move {
        if request.is_below("/fail") {
            pending::<()>().await;
        }
        false
    })
}

#[tokio::test]
async fn an_error_a_panic_and_a_time_out_are_a_yes_and_the_log_says_so() {
    let auth = client();
    let cookie = session_cookie(&auth, lin());
    for (pattern, reason) in [
        (when(fails), "the database is away"),
        (when(panics), "it panicked"),
        (fails_later(), "the database is away"),
        (panics_later(), "it panicked"),
        (panics_before_it_is_asked(), "it panicked"),
        (never_answers(), "MONOCLOUD_AUTH_RESPONSE_TIMEOUT"),
    ] {
        let app = app(&auth, [Protect::new().groups(["admin"]).at(pattern)]);
        let (answer, log) = logged(get(&app, "/fail", &[])).await;
        assert_eq!(answer.status, 303, "{reason}");
        assert!(log.contains("ERROR") && log.contains(reason), "{log}");
        assert_eq!(get(&app, "/fail", &[("cookie", &cookie)]).await.status, 403);
        assert_eq!(get(&app, "/else", &[]).await.body, "inside");
    }
}

#[tokio::test]
async fn one_that_hangs_does_not_hold_up_who_may_pass_for_ever_and_opens_nothing_else() {
    let auth = client();
    let routes = [
        Protect::new().at(never_answers()),
        Protect::new().groups(["admin"]).at(fails_later()),
        Protect::new().groups(["press"]).at(regex("/fail/press")),
    ];
    let app = app(&auth, routes);
    let mira = session_cookie(&auth, mira());
    assert_eq!(get(&app, "/fail", &[("cookie", &mira)]).await.body, "inside");
    assert_eq!(get(&app, "/fail/press", &[("cookie", &mira)]).await.status, 403);
}
