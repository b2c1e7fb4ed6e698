//! What a guard answers to who is signed out: a person is sent to sign in, whoever could do nothing with
//! a redirect gets 401.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get as on_get};
use http::Method;
use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Denied, DeniedReason, protect, protect_api};

use crate::fixtures::{Answer, ORIGIN, app, at_rest, call, damaged, get, lin, logged, mira, settings};

fn assert_unauthorized(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 401, "{what}: {answer:?}");
    assert_eq!(answer.body, r#"{"message":"unauthorized"}"#, "{what}");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{what}");
    assert_eq!(answer.header("location"), None, "{what}");
    assert!(answer.cookies().is_empty(), "{what}: {answer:?}");
}

#[tokio::test]
async fn an_api_answers_401_with_this_body_and_no_other() {
    let (auth, _) = at_rest(settings());
    for path in ["/api/me", "/api/admin"] {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::PUT] {
            let answer = call(&app(&auth), method.clone(), path, &[]).await;
            assert_unauthorized(&answer, &format!("{method} {path}"));
            assert_eq!(answer.header("www-authenticate"), None, "no scheme is on");
        }
    }
}

#[tokio::test]
async fn calls_that_can_do_nothing_with_a_redirect_get_401() {
    let (auth, _) = at_rest(settings());
    let calls: &[&[(&str, &str)]] = &[
        &[("sec-fetch-mode", "cors")],
        &[("sec-fetch-mode", "same-origin")],
        &[("sec-fetch-mode", "no-cors")],
        &[("sec-fetch-mode", "websocket")],
        &[("x-requested-with", "XMLHttpRequest")],
        &[("x-requested-with", "xmlhttprequest")],
        &[
            ("x-requested-with", "com.example.messenger"),
            ("sec-fetch-mode", "cors"),
        ],
        &[("connection", "Upgrade"), ("upgrade", "websocket")],
        &[
            ("connection", "keep-alive, upgrade"),
            ("upgrade", "websocket"),
            ("sec-fetch-mode", "navigate"),
        ],
        &[("sec-purpose", "prefetch")],
        &[
            ("sec-purpose", "prefetch;prerender"),
            ("sec-fetch-mode", "navigate"),
        ],
        &[("purpose", "prefetch")],
        &[("x-moz", "prefetch")],
    ];
    for headers in calls {
        assert_unauthorized(&get(&app(&auth), "/page", headers).await, &format!("{headers:?}"));
    }
}

#[tokio::test]
async fn a_page_is_sent_to_sign_in_and_back() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    for (asked, back) in [
        ("/page", "/page"),
        ("/page?a=1&b=2", "/page?a=1&b=2"),
        (
            "/page?next=https://evil.example/",
            "/page?next=https://evil.example/",
        ),
        ("/page?%23=%26", "/page?%23=%26"),
        ("/page?q=a+b%20c", "/page?q=a+b%20c"),
    ] {
        for headers in [&[][..], &[("sec-fetch-mode", "navigate")]] {
            let answer = get(&app, asked, headers).await;
            assert_eq!(answer.status, 303, "{answer:?}");
            assert!(
                answer
                    .location()
                    .starts_with(&format!("{ORIGIN}/api/auth/signin?return_url=%2Fpage")),
                "{answer:?}"
            );
            assert_eq!(answer.asked("return_url").as_deref(), Some(back));
        }
    }
}

#[tokio::test]
async fn a_navigation_is_sent_to_sign_in_whoever_shows_the_page() {
    let (auth, _) = at_rest(settings());
    let navigations: &[&[(&str, &str)]] = &[
        &[
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("x-requested-with", "com.example.messenger"),
        ],
        &[
            ("sec-fetch-mode", "navigate"),
            ("x-requested-with", "XMLHttpRequest"),
        ],
        &[
            ("sec-fetch-mode", "nested-navigate"),
            ("sec-fetch-dest", "iframe"),
        ],
        &[("x-requested-with", "com.example.messenger")],
        &[("x-requested-with", "")],
        &[("x-requested-with", "fetch")],
        &[("accept", "application/json")],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
    ];
    for headers in navigations {
        let answer = get(&app(&auth), "/page", headers).await;
        assert_eq!(answer.status, 303, "{headers:?}: {answer:?}");
        assert_eq!(answer.asked("return_url").as_deref(), Some("/page"));
    }
}

#[tokio::test]
async fn a_head_request_is_answered_as_its_get_would_be() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new().route("/page", on_get(fixed)).layer(auth.layer());
    assert_eq!(call(&app, Method::HEAD, "/page", &[]).await.status, 303);
}

#[tokio::test]
async fn what_can_not_be_asked_for_again_is_sent_back_to_where_it_came_from() {
    let (auth, _) = at_rest(settings());
    for (referer, back) in [
        (None, "/"),
        (Some("http://localhost:3000/form?id=7"), "/form?id=7"),
        (Some("http://localhost:3000"), "/"),
        (Some("https://localhost:3000/form"), "/"),
        (Some("http://localhost:3001/form"), "/"),
        (Some("http://localhost:3000.evil.example/form"), "/"),
        (Some("http://localhost:3000@evil.example/form"), "/"),
        (Some("https://evil.example/http://localhost:3000/"), "/"),
        (Some("http://localhost:3000/api/auth/signout"), "/"),
        (Some("/form"), "/"),
        (Some("//evil.example/"), "/"),
        (Some("not a url"), "/"),
    ] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let headers: Vec<_> = referer.map(|referer| ("referer", referer)).into_iter().collect();
            let answer = call(&app(&auth), method.clone(), "/page?secret=1", &headers).await;
            assert_eq!(answer.status, 303, "{answer:?}");
            assert_eq!(
                answer.asked("return_url").as_deref(),
                Some(back),
                "{method} {referer:?}"
            );
        }
    }
}

#[protect(return_url = "/fixed?tab=2#part")]
async fn fixed() -> &'static str {
    "fixed"
}

#[tokio::test]
async fn the_guards_return_url_wins() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new().route("/page", any(fixed)).layer(auth.layer());
    let back = Some("/fixed?tab=2#part");
    let asked = get(&app, "/page?x=1", &[]).await;
    assert_eq!(asked.asked("return_url").as_deref(), back);
    let referer = [("referer", "http://localhost:3000/form")];
    let posted = call(&app, Method::POST, "/page", &referer).await;
    assert_eq!(posted.asked("return_url").as_deref(), back);
    let headers = [
        ("hx-request", "true"),
        ("hx-current-url", "http://localhost:3000/list"),
    ];
    let htmx = get(&app, "/page", &headers).await;
    let redirect = htmx.header("hx-redirect").unwrap();
    assert_eq!(
        crate::fixtures::parameter(redirect, "return_url").as_deref(),
        back
    );
}

#[tokio::test]
async fn a_return_url_lies_below_where_the_app_is_mounted() {
    let (auth, _) = at_rest(settings().app_url("https://example.com/app"));
    let app: Router = Router::new().route("/page", any(fixed)).layer(auth.layer());
    let answer = get(&app, "/page", &[]).await;
    assert!(
        answer
            .location()
            .starts_with("https://example.com/app/api/auth/signin?"),
        "{answer:?}"
    );
    assert_eq!(
        answer.asked("return_url").as_deref(),
        Some("/app/fixed?tab=2#part")
    );
}

#[tokio::test]
async fn htmx_is_told_where_to_go_and_the_page_is_checked() {
    let (auth, _) = at_rest(settings());
    for (page, back) in [
        (None, "/"),
        (Some("http://localhost:3000/list?x=1"), "/list?x=1"),
        (Some("https://evil.example/list"), "/"),
        (Some("//evil.example/"), "/"),
        (Some("javascript:alert(1)"), "/"),
        (Some("http://localhost:3000/api/auth/signout"), "/"),
    ] {
        for method in [Method::GET, Method::POST] {
            let mut headers = vec![("hx-request", "true")];
            headers.extend(page.map(|page| ("hx-current-url", page)));
            let answer = call(&app(&auth), method, "/page?part=1", &headers).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("location")),
                (401, None),
                "{answer:?}"
            );
            let redirect = answer.header("hx-redirect").unwrap();
            assert!(
                redirect.starts_with(&format!("{ORIGIN}/api/auth/signin?")),
                "{redirect}"
            );
            assert_eq!(
                crate::fixtures::parameter(redirect, "return_url").as_deref(),
                Some(back),
                "{page:?}"
            );
        }
    }
    let api = get(&app(&auth), "/api/me", &[("hx-request", "true")]).await;
    assert_unauthorized(&api, "an API is for programs");
}

#[tokio::test]
async fn a_very_long_address_is_not_carried_along() {
    let (auth, _) = at_rest(settings());
    let long = format!("/page?q={}", "x".repeat(2_100));
    let answer = get(&app(&auth), &long, &[]).await;
    assert_eq!(answer.asked("return_url").as_deref(), Some("/"));
}

async fn please_sign_in(denied: Denied) -> Response {
    assert_eq!(
        (denied.reason(), denied.user().is_none()),
        (DeniedReason::SignedOut, true)
    );
    let text = format!("{} {} → {}", denied.method(), denied.uri(), denied.sign_in_url());
    ([("x-denied", "page")], text).into_response()
}

async fn the_default(denied: Denied) -> Denied {
    denied
}

async fn nobody(_: Denied) -> Response {
    panic!("this is for the wrong group");
}

#[protect(groups = ["admin"], on_access_denied = please_sign_in, on_group_access_denied = nobody)]
async fn with_handler() -> &'static str {
    "inside"
}

#[protect_api(on_access_denied = the_default)]
async fn api_default() -> &'static str {
    "inside"
}

#[protect(on_access_denied = the_default)]
async fn page_default() -> &'static str {
    "inside"
}

#[tokio::test]
async fn on_access_denied_answers_who_is_signed_out() {
    let (auth, _) = at_rest(settings().session_lifetime(SessionLifetime::new().sliding(true)));
    let nested = Router::new().route("/page", on_get(with_handler));
    let app: Router = Router::new()
        .nest("/in", nested)
        .route("/api", on_get(api_default))
        .route("/default", on_get(page_default))
        .layer(auth.layer());
    let answer = get(&app, "/in/page?x=1", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("x-denied")),
        (200, Some("page"))
    );
    assert_eq!(
        answer.body,
        format!("GET /in/page?x=1 → {ORIGIN}/api/auth/signin?return_url=%2Fin%2Fpage%3Fx%3D1")
    );
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));

    assert_unauthorized(&get(&app, "/api", &[]).await, "the default, by hand");
    let default = get(&app, "/default", &[]).await;
    assert_eq!(default.asked("return_url").as_deref(), Some("/default"));
    let unreadable = get(&app, "/default", &[("cookie", &damaged(&auth))]).await;
    assert_eq!(
        (unreadable.status.as_u16(), unreadable.deleted()),
        (303, vec!["session".to_owned()])
    );

    let inside = get(&app, "/in/page", &[("cookie", &session_cookie(&auth, mira()))]).await;
    assert_eq!(inside.body, "inside");
}

#[tokio::test]
async fn a_denial_is_logged_with_its_guard_and_reason_and_without_secrets() {
    let (auth, _) = at_rest(settings());
    let headers = [("cookie", "session=sealed-thing")];
    let (_, log) = logged(get(&app(&auth), "/page?code=in-the-query", &headers)).await;
    assert!(log.contains("INFO") && log.contains("signed out"), "{log}");
    assert!(
        log.contains("fixtures::app::page") && log.contains("/page"),
        "{log}"
    );
    assert!(
        !log.contains("sealed-thing") && !log.contains("in-the-query"),
        "{log}"
    );

    let cookie = session_cookie(&auth, lin());
    let (_, log) = logged(get(&app(&auth), "/api/admin", &[("cookie", &cookie)])).await;
    for said in [
        "INFO",
        "wrong group",
        "fixtures::app::api_admin",
        "sub=\"lin\"",
        "admin",
        "GET",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }

    // Also where the application answers by itself.
    let own: Router = Router::new()
        .route("/own", on_get(api_default))
        .layer(auth.layer());
    let (_, log) = logged(get(&own, "/own", &[])).await;
    assert!(log.contains("api_default") && log.contains("signed out"), "{log}");
}
