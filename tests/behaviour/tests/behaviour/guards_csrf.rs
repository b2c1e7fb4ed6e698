//! Where a guard admits someone by cookie, another site cannot make the browser act for them; and whoever
//! is denied is denied before the body is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::routing::any;
use http::Method;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Auth, MonoCloud, Session, User, protect, protect_api};

use crate::fixtures::{ORIGIN, app, at_rest, call, lin, mira, send, settings};

#[protect(csrf = false)]
async fn open_page() -> &'static str {
    "inside"
}

#[protect_api(csrf = false, groups = ["admin"])]
async fn open_api() -> &'static str {
    "inside"
}

fn open_app(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/page", any(open_page))
        .route("/api/me", any(open_api))
        .layer(auth.layer())
}

const UNSAFE: [Method; 4] = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

const CROSS_SITE: &[&[(&str, &str)]] = &[
    &[],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "")],
    &[("origin", "http://localhost")],
    &[("origin", "http://localhost:3001")],
    &[("origin", "https://localhost:3000")],
    &[("origin", "http://localhost:3000/")],
    &[("origin", "http://localhost:3000.evil.example")],
    &[("origin", "HTTP://LOCALHOST:3000")],
    &[("referer", "http://localhost:3000/")],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "none")],
    &[("sec-fetch-site", "")],
    &[("sec-fetch-site", "Same-Origin")],
    &[("sec-fetch-site", "cross-site"), ("origin", ORIGIN)],
    &[("sec-fetch-site", "same-site"), ("origin", ORIGIN)],
    &[("x-requested-with", "XMLHttpRequest")],
    &[("content-type", "application/json")],
];

const SAME_ORIGIN: &[&[(&str, &str)]] = &[
    &[("sec-fetch-site", "same-origin")],
    &[("origin", ORIGIN)],
    &[("sec-fetch-site", "same-origin"), ("origin", ORIGIN)],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")],
];

#[tokio::test]
async fn another_site_cannot_act_for_who_is_signed_in() {
    let (auth, _) = at_rest(settings());
    let (app, open) = (app(&auth), open_app(&auth));
    let cookie = session_cookie(&auth, mira());
    for method in UNSAFE {
        for headers in CROSS_SITE {
            let mut headers = headers.to_vec();
            headers.push(("cookie", &cookie));
            for path in ["/page", "/admin"] {
                let page = call(&app, method.clone(), path, &headers).await;
                assert_eq!(page.status, 403, "{method} {path} {headers:?}");
                assert!(page.body.contains("Request refused"), "{page:?}");
            }
            let api = call(&app, method.clone(), "/api/me", &headers).await;
            assert_eq!(
                (api.status.as_u16(), api.body.as_str()),
                (403, r#"{"message":"forbidden"}"#)
            );
            for path in ["/page", "/api/me"] {
                let open = call(&open, method.clone(), path, &headers).await;
                assert_eq!(open.status, 200, "csrf = false: {method} {path} {headers:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_own_pages_may() {
    let (auth, _) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    for method in UNSAFE {
        for headers in SAME_ORIGIN {
            let mut headers = headers.to_vec();
            headers.push(("cookie", &cookie));
            for path in ["/page", "/admin", "/api/me", "/api/admin"] {
                let answer = call(&app(&auth), method.clone(), path, &headers).await;
                assert_eq!(answer.status, 200, "{method} {path} {headers:?}");
            }
        }
    }
}

#[tokio::test]
async fn links_of_other_sites_open_pages() {
    let (auth, _) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        for headers in CROSS_SITE {
            let mut headers = headers.to_vec();
            headers.push(("cookie", &cookie));
            let answer = call(&app(&auth), method.clone(), "/page", &headers).await;
            assert_eq!(answer.status, 200, "{method} {headers:?}");
        }
    }
}

#[tokio::test]
async fn a_websocket_of_another_site_gets_no_connection() {
    let (auth, _) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    let upgrade = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "websocket"),
        ("cookie", &cookie),
    ];
    for headers in CROSS_SITE {
        let headers = [&upgrade[..], headers].concat();
        let answer = call(&app(&auth), Method::GET, "/page", &headers).await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    for headers in SAME_ORIGIN {
        let headers = [&upgrade[..], headers].concat();
        assert_eq!(
            call(&app(&auth), Method::GET, "/page", &headers).await.status,
            200,
            "{headers:?}"
        );
    }
    // Over HTTP/2 it is a CONNECT (RFC 8441).
    let connect = call(
        &open_connect(&auth),
        Method::CONNECT,
        "/page",
        &[("cookie", &cookie)],
    )
    .await;
    assert_eq!(connect.status, 403);
}

fn open_connect(auth: &MonoCloud) -> Router {
    #[protect]
    async fn socket() {}
    Router::new().route("/page", any(socket)).layer(auth.layer())
}

#[tokio::test]
async fn csrf_off_opens_no_other_door() {
    let (auth, _) = at_rest(settings());
    let open = open_app(&auth);
    assert_eq!(call(&open, Method::POST, "/page", &[]).await.status, 303);
    assert_eq!(call(&open, Method::POST, "/api/me", &[]).await.status, 401);
    let lin = session_cookie(&auth, lin());
    assert_eq!(
        call(&open, Method::POST, "/api/me", &[("cookie", &lin)])
            .await
            .status,
        403
    );
}

/// Ten megabytes, and how many pieces of them were asked for.
fn counted_body() -> (Body, Arc<AtomicUsize>) {
    let polled = Arc::new(AtomicUsize::new(0));
    let count = polled.clone();
    let pieces = (0..160).map(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; 65_536]))
    });
    (Body::from_stream(futures_util::stream::iter(pieces)), polled)
}

#[protect_api(groups = ["admin"])]
async fn takes_bytes(body: Bytes) -> String {
    body.len().to_string()
}

#[protect(groups = ["admin"])]
async fn takes_request(request: Request) -> String {
    axum::body::to_bytes(request.into_body(), usize::MAX)
        .await
        .unwrap()
        .len()
        .to_string()
}

async fn takes_user(_: User, body: Bytes) -> String {
    body.len().to_string()
}

async fn takes_session(_: Session, body: Bytes) -> String {
    body.len().to_string()
}

#[tokio::test]
async fn a_denied_post_with_ten_megabytes_is_answered_before_the_body_is_read() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .route("/bytes", any(takes_bytes))
        .route("/request", any(takes_request))
        .route("/user", any(takes_user))
        .route("/session", any(takes_session))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(auth.layer());
    let (mira, lin) = (session_cookie(&auth, mira()), session_cookie(&auth, lin()));
    let own: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];
    let (signed_out, wrong_group) = ("other=1", lin.as_str());
    for (path, cookie, headers, status) in [
        ("/bytes", signed_out, own, 401),
        ("/bytes", wrong_group, own, 403),
        ("/bytes", mira.as_str(), &[], 403),
        ("/request", signed_out, own, 303),
        ("/request", wrong_group, own, 403),
        ("/request", mira.as_str(), &[], 403),
        ("/user", signed_out, own, 401),
        ("/session", signed_out, own, 401),
    ] {
        let (body, polled) = counted_body();
        let mut request = Request::post(path).header("cookie", cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = send(&app, request.body(body).unwrap()).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert_eq!(polled.load(Ordering::SeqCst), 0, "{path}: the body was read");
    }
    for path in ["/bytes", "/request", "/user", "/session"] {
        let (body, polled) = counted_body();
        let request = Request::post(path)
            .header("cookie", &mira)
            .header("sec-fetch-site", "same-origin");
        let answer = send(&app, request.body(body).unwrap()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (200, "10485760"),
            "{path}"
        );
        assert_eq!(polled.load(Ordering::SeqCst), 160);
    }
}

#[tokio::test]
async fn every_extractor_answers_as_it_says() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .route("/user", any(|user: User| async move { user.sub().to_owned() }))
        .route(
            "/session",
            any(|session: Session| async move { session.user().sub().to_owned() }),
        )
        .route(
            "/option/user",
            any(|user: Option<User>| async move { user.is_some().to_string() }),
        )
        .route(
            "/option/session",
            any(|user: Option<Session>| async move { user.is_some().to_string() }),
        )
        .route(
            "/auth",
            any(|auth: Auth| async move {
                let session = auth
                    .session()
                    .await
                    .map(|session| session.user().sub().to_owned());
                format!("{session:?} {}", auth.is_user_in_group(["admin", "other"]).await)
            }),
        )
        .layer(auth.layer());
    let cookie = session_cookie(&auth, mira());
    for (path, without, with) in [
        ("/user", (401, r#"{"message":"unauthorized"}"#), "mira"),
        ("/session", (401, r#"{"message":"unauthorized"}"#), "mira"),
        ("/option/user", (200, "false"), "true"),
        ("/option/session", (200, "false"), "true"),
        ("/auth", (200, "None false"), "Some(\"mira\") true"),
    ] {
        for bad in ["other=1", "session=garbage"] {
            let answer = call(&app, Method::GET, path, &[("cookie", bad)]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.body.as_str()),
                without,
                "{path} {bad}"
            );
        }
        let answer = call(&app, Method::GET, path, &[("cookie", &cookie)]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (200, with),
            "{path}"
        );
    }
}
