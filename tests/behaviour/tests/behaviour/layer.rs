//! The layer: without it everything is closed, two act as one, and it says what caches may keep.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use http::request::Parts;
use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Auth, MonoCloud, Session, User, monocloud_routes, protect, protect_api};

use crate::fixtures::{ORIGIN, app, at_rest, damaged, get, logged, mira, parameter, settings};

#[protect]
async fn page() -> &'static str {
    "inside"
}

#[protect_api]
async fn api() -> &'static str {
    "inside"
}

/// A client whose sessions slide at every chance, and a cookie that is due.
fn due() -> (MonoCloud, Clock, String) {
    let (auth, clock) = at_rest(settings().session_lifetime(SessionLifetime::new().sliding(true)));
    let cookie = session_cookie(&auth, mira());
    clock.advance(3_600);
    (auth, clock, cookie)
}

#[tokio::test]
async fn without_the_layer_everything_is_closed_and_the_log_says_why() {
    let (auth, _) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    let app: Router = Router::new()
        .route("/page", on_get(page))
        .route("/api", on_get(api))
        .route("/user", on_get(|_: User| async {}))
        .route("/user/option", on_get(|_: Option<User>| async {}))
        .route("/session", on_get(|_: Session| async {}))
        .route("/session/option", on_get(|_: Option<Session>| async {}))
        .route("/auth", on_get(|_: Auth| async {}));
    for path in [
        "/page",
        "/api",
        "/user",
        "/user/option",
        "/session",
        "/session/option",
        "/auth",
    ] {
        for headers in [&[][..], &[("cookie", cookie.as_str())]] {
            let (answer, log) = logged(get(&app, path, headers)).await;
            assert_eq!(answer.status, 500, "{path}: {answer:?}");
            let kind = answer.header("content-type").unwrap();
            assert_eq!(kind.starts_with("text/html"), path == "/page", "{path}: {kind}");
            assert!(
                !answer.body.contains("layer"),
                "the reason is for the log: {answer:?}"
            );
            assert!(
                log.contains("ERROR") && log.contains(".layer(auth.layer())") && log.contains(path),
                "{path}: {log}"
            );
        }
    }
}

#[tokio::test]
async fn a_route_added_after_the_layer_is_closed() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .route("/before", on_get(page))
        .layer(auth.layer())
        .route("/after", on_get(page));
    let cookie = session_cookie(&auth, mira());
    assert_eq!(get(&app, "/before", &[("cookie", &cookie)]).await.status, 200);
    assert_eq!(get(&app, "/after", &[("cookie", &cookie)]).await.status, 500);
}

/// A middleware of the application's own that asks who is there.
async fn asks(auth: Auth, request: Request, next: Next) -> Response {
    assert!(auth.is_authenticated().await);
    next.run(request).await
}

#[tokio::test]
async fn two_layers_act_as_one_also_when_somebody_asks_in_between() {
    let (auth, _, cookie) = due();
    let app: Router = Router::new()
        .route("/page", on_get(page))
        .route(
            "/out",
            on_get(|auth: Auth| async move { auth.destroy_session().await }),
        )
        .layer(auth.layer())
        .layer(from_fn(asks))
        .layer(auth.clone().layer());
    let answer = get(&app, "/page", &[("cookie", &cookie)]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.cookies().len(), 1, "{answer:?}");
    assert_eq!(answer.vary(), "Cookie");
    assert_eq!(answer.headers.get_all("cache-control").iter().count(), 1);
    let out = get(&app, "/out", &[("cookie", &cookie)]).await;
    assert_eq!(
        (out.cookies().len(), out.deleted()),
        (1, vec!["session".to_owned()]),
        "{out:?}"
    );
}

#[tokio::test]
async fn layers_of_two_apps_do_not_mix() {
    let (inner, _) = at_rest(settings());
    let (outer, _) = at_rest(settings().cookie_secret("the secret of the app around it, 123"));
    let app: Router = Router::new()
        .route("/page", on_get(page))
        .layer(inner.layer())
        .layer(outer.layer());
    let theirs = get(&app, "/page", &[("cookie", &session_cookie(&outer, mira()))]).await;
    assert_eq!(
        theirs.status, 303,
        "the outer app's session is none of the inner one"
    );
    let ours = get(&app, "/page", &[("cookie", &session_cookie(&inner, mira()))]).await;
    assert_eq!((ours.status.as_u16(), ours.cookies().len()), (200, 0));
}

#[tokio::test]
async fn the_routes_work_inside_and_outside_of_the_layer() {
    let (auth, _) = at_rest(settings());
    let inside: Router = Router::new()
        .route("/page", on_get(page))
        .merge(monocloud_routes!(auth))
        .layer(auth.layer());
    let outside = Router::new()
        .route("/page", on_get(page))
        .layer(auth.layer())
        .merge(monocloud_routes!(auth));
    for (place, app) in [("inside", inside), ("outside", outside)] {
        let cookie = session_cookie(&auth, mira());
        assert_eq!(
            get(&app, "/page", &[("cookie", &cookie)]).await.status,
            200,
            "{place}"
        );
        let me = get(&app, "/api/auth/userinfo", &[("cookie", &cookie)]).await;
        assert_eq!(
            (me.status.as_u16(), me.json()["sub"].as_str()),
            (200, Some("mira")),
            "{place}"
        );
        assert_eq!(me.header("cache-control"), Some("private, no-store"));
        let out = get(&app, "/api/auth/signout", &[("cookie", &cookie)]).await;
        assert_eq!(out.deleted(), ["session"], "{place}: once");
        assert_eq!(
            get(&app, "/page", &[("cookie", &cookie)]).await.status,
            303,
            "{place}"
        );
    }
}

#[tokio::test]
async fn nested_routers_send_back_to_the_original_address() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .nest(
            "/a",
            Router::new().nest("/b", Router::new().route("/page", on_get(page))),
        )
        .layer(auth.layer());
    let answer = get(&app, "/a/b/page?x=1&y=%2F", &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.asked("return_url").as_deref(), Some("/a/b/page?x=1&y=%2F"));
}

#[tokio::test]
async fn a_guarded_fallback_sends_back_to_what_was_asked_for() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new().fallback(page).layer(auth.layer());
    let answer = get(&app, "/no/such/page?q", &[]).await;
    assert_eq!(answer.asked("return_url").as_deref(), Some("/no/such/page?q"));
    let hostile = get(&app, "//evil.example/x", &[]).await;
    assert_eq!(parameter(hostile.location(), "return_url").as_deref(), Some("/"));
}

/// An extractor of an application's own that asks in between, and lets time pass.
struct Later;

impl<S: Send + Sync> FromRequestParts<S> for Later {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let first = Option::<User>::from_request_parts(parts, state).await;
        assert!(first.is_ok_and(|user| user.is_some()));
        parts.extensions.get::<Clock>().unwrap().advance(1_000_000);
        Ok(Self)
    }
}

#[tokio::test]
async fn a_session_is_resolved_once_however_many_ask() {
    let (auth, clock) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let app: Router = Router::new()
        .route(
            "/",
            on_get(
                move |_: Later, user: Option<User>, session: Option<Session>, auth: Auth| async move {
                    counter.fetch_add(1, Ordering::SeqCst);
                    let again = auth.session().await;
                    assert_eq!(session, again, "what was resolved before it expired");
                    format!("{} {}", user.is_some(), auth.is_authenticated().await)
                },
            ),
        )
        .layer(auth.layer())
        .layer(axum::Extension(clock));
    let answer = get(&app, "/", &[("cookie", &cookie)]).await;
    assert_eq!(
        (answer.body.as_str(), asked.load(Ordering::SeqCst)),
        ("true true", 1)
    );
    let next = app.clone();
    let second = tokio::spawn(async move { get(&next, "/", &[("cookie", &cookie)]).await.status });
    assert!(second.await.is_err(), "the next request sees that it has expired");
}

#[tokio::test]
async fn a_public_route_is_left_alone() {
    let (auth, _, cookie) = due();
    for headers in [
        &[][..],
        &[("cookie", cookie.as_str())],
        &[("cookie", "session=garbage")],
    ] {
        let answer = get(&app(&auth), "/public", headers).await;
        assert_eq!(answer.body, "public");
        for name in ["cache-control", "vary", "set-cookie"] {
            assert_eq!(answer.header(name), None, "{headers:?}");
        }
    }
}

#[tokio::test]
async fn whoever_asks_gets_an_answer_that_no_cache_may_share() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    for path in ["/", "/page", "/api/me", "/admin", "/api/auth/userinfo"] {
        for headers in [&[][..], &[("cookie", cookie.as_str())]] {
            let answer = get(&app, path, headers).await;
            assert_eq!(
                answer.header("cache-control"),
                Some("private, no-store"),
                "{path}"
            );
            assert_eq!(answer.vary(), "Cookie", "{path}");
        }
    }
}

/// A page that says how long it may be kept.
async fn cached(user: Option<User>) -> impl IntoResponse {
    let headers = [
        ("cache-control", "public, max-age=3600"),
        ("cdn-cache-control", "max-age=3600"),
        ("expires", "Thu, 01 Jan 2037 00:00:00 GMT"),
        ("vary", "Accept-Encoding"),
        ("set-cookie", "theirs=1"),
    ];
    (headers, if user.is_some() { "in" } else { "out" })
}

#[tokio::test]
async fn what_a_handler_says_to_caches_holds_until_a_cookie_is_set() {
    let (auth, _, cookie) = due();
    let app: Router = Router::new().route("/", on_get(cached)).layer(auth.layer());
    let without = get(&app, "/", &[]).await;
    assert_eq!(without.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(without.vary(), "Accept-Encoding, Cookie");

    for cookie in [cookie.as_str(), &damaged(&auth)] {
        let with = get(&app, "/", &[("cookie", cookie)]).await;
        assert_eq!(with.cookies().len(), 2, "theirs and ours: {with:?}");
        assert_eq!(with.header("cache-control"), Some("private, no-store"));
        assert_eq!(with.headers.get_all("cache-control").iter().count(), 1);
        assert_eq!(
            (with.header("cdn-cache-control"), with.header("expires")),
            (None, None)
        );
        assert_eq!(with.vary(), "Accept-Encoding, Cookie");
    }
}

#[tokio::test]
async fn a_vary_that_covers_cookies_is_not_repeated() {
    let (auth, _) = at_rest(settings());
    for vary in ["Cookie", "accept, cookie", "*"] {
        let app: Router = Router::new()
            .route(
                "/",
                on_get(move |_: Option<User>| async move { [("vary", vary)] }),
            )
            .layer(auth.layer());
        assert_eq!(get(&app, "/", &[]).await.vary(), vary);
    }
}

#[tokio::test]
async fn forwarded_headers_and_host_have_no_say() {
    let (auth, _) = at_rest(settings());
    let forged = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "444"),
        ("forwarded", "host=evil.example;proto=https"),
    ];
    let answer = get(&app(&auth), "/page", &forged).await;
    assert_eq!(
        answer.location(),
        format!("{ORIGIN}/api/auth/signin?return_url=%2Fpage")
    );
}
