//! Requests to routes that the layer protects, and what is done for them: other sites, preflights, bodies, answers of the
//! application's own, the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::any;
use http::{Method, Request, StatusCode};
use monocloud_runtime::protected::{All, ProtectedRoute};
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Denied, DeniedReason, Protect, User, protect};

use crate::fixtures::{ORIGIN, call, get, lin, logged, mira, send};
use crate::protected_routes::{app, assert_forbidden, client, internal, status};

#[tokio::test]
async fn another_site_cannot_act_for_who_is_signed_in() {
    let auth = client();
    let routes = [
        ProtectedRoute::from("/page"),
        ProtectedRoute::from("/api"),
        Protect::new().csrf(false).at("/hook"),
    ];
    let app = app(&auth, routes);
    let cookie = session_cookie(&auth, mira());
    let cross: &[&[(&str, &str)]] = &[
        &[],
        &[("origin", "https://evil.example")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", ORIGIN)],
    ];
    for headers in cross {
        let headers = [&[("cookie", cookie.as_str())], *headers].concat();
        for method in [Method::POST, Method::DELETE, Method::from_bytes(b"BREW").unwrap()] {
            let page = call(&app, method.clone(), "/page", &headers).await;
            assert_eq!(page.status, 403, "{method} {headers:?}");
            assert!(page.body.contains("Request refused"), "{page:?}");
            assert_forbidden(&call(&app, method.clone(), "/api/x", &headers).await);
            assert_eq!(
                call(&app, method, "/hook", &headers).await.status,
                200,
                "{headers:?}"
            );
        }
        let socket = [
            &headers[..],
            &[("connection", "upgrade"), ("upgrade", "websocket")],
        ]
        .concat();
        assert_eq!(get(&app, "/page", &socket).await.status, 403, "{headers:?}");
        assert_eq!(
            get(&app, "/page", &headers).await.status,
            200,
            "a link: {headers:?}"
        );
    }
    let own = [("cookie", cookie.as_str()), ("origin", ORIGIN)];
    assert_eq!(call(&app, Method::POST, "/page", &own).await.status, 200);
}

#[tokio::test]
async fn a_preflight_reaches_no_handler_and_allows_nothing() {
    let auth = client();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let handler = any(move || {
        count.fetch_add(1, Ordering::SeqCst);
        async { "inside" }
    });
    let app = Router::new()
        .route("/api/orders", handler.clone())
        .route("/open", handler)
        .layer(auth.layer().protected_routes(["/api"]).unwrap());
    let cookie = session_cookie(&auth, mira());
    let preflight = [
        ("origin", "https://www.example.com"),
        ("access-control-request-method", "POST"),
    ];
    for headers in [
        &preflight[..],
        &[&preflight[..], &[("cookie", cookie.as_str())]].concat(),
    ] {
        let answer = call(&app, Method::OPTIONS, "/api/orders", headers).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
        let allows = answer
            .headers
            .keys()
            .any(|name| name.as_str().starts_with("access-control"));
        assert!(!allows, "{answer:?}");
    }
    assert_eq!(
        call(&app, Method::OPTIONS, "/api/orders", &preflight[..1])
            .await
            .status,
        401
    );
    assert_eq!(
        call(&app, Method::GET, "/api/orders", &preflight).await.status,
        401
    );
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    assert_eq!(call(&app, Method::OPTIONS, "/open", &preflight).await.status, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn answers_of_the_application_take_the_place_of_the_librarys() {
    let auth = client();
    let layer = auth
        .layer()
        .protected_routes([Protect::new().groups(["admin"]).at(All)])
        .unwrap()
        .on_access_denied(async |denied: Denied| {
            assert_eq!(denied.reason(), DeniedReason::SignedOut);
            (StatusCode::IM_A_TEAPOT, denied.sign_in_url())
        })
        .on_group_access_denied(async |denied: Denied| {
            let user = denied.user().map(|user| user.sub().to_owned());
            format!("{user:?} {:?} {:?}", denied.groups(), denied.reason())
        });
    let app = Router::new().fallback(any(async || "inside")).layer(layer);
    let out = get(&app, "/a?b", &[]).await;
    assert_eq!(out.status, StatusCode::IM_A_TEAPOT);
    assert!(
        out.body.ends_with("/api/auth/signin?return_url=%2Fa%3Fb"),
        "{out:?}"
    );
    assert_eq!(out.header("cache-control"), Some("private, no-store"));
    let lin = session_cookie(&auth, lin());
    let wrong = get(&app, "/a", &[("cookie", &lin)]).await;
    assert_eq!(wrong.body, r#"Some("lin") ["admin"] WrongGroup"#);
    let cross = call(&app, Method::POST, "/a", &[("cookie", &lin)]).await;
    assert_eq!(cross.status, 403, "the library answers that by itself");
    assert_eq!(get(&app, "/%00", &[]).await.status, 400);
}

/// So many bytes, and how many pieces of them were asked for.
fn counted_body() -> (Body, Arc<AtomicUsize>) {
    let polled = Arc::new(AtomicUsize::new(0));
    let count = polled.clone();
    let pieces = (0..160).map(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; 65_536]))
    });
    (Body::from_stream(futures_util::stream::iter(pieces)), polled)
}

#[tokio::test]
async fn a_denied_post_with_ten_megabytes_is_answered_before_the_body_is_read() {
    let auth = client();
    let app = Router::new()
        .fallback(any(async |body: Bytes| body.len().to_string()))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(
            auth.layer()
                .protected_routes([Protect::new().groups(["admin"]).at(All)])
                .unwrap(),
        );
    let (mira, lin) = (session_cookie(&auth, mira()), session_cookie(&auth, lin()));
    for (path, cookie, status, pieces) in [
        ("/x", "other=1", 303, 0),
        ("/api/x", "other=1", 401, 0),
        ("/x", &lin, 403, 0),
        ("/%00", &mira, 400, 0),
        ("/x", &mira, 200, 160),
    ] {
        let (body, polled) = counted_body();
        let request = Request::post(path)
            .header("cookie", cookie)
            .header("origin", ORIGIN);
        let answer = send(&app, request.body(body).unwrap()).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert_eq!(polled.load(Ordering::SeqCst), pieces, "{path}");
    }
}

#[protect(groups = ["editor"])]
async fn for_editors(user: User) -> String {
    user.sub().to_owned()
}

#[tokio::test]
async fn guards_of_handlers_still_ask() {
    let auth = client();
    let app = Router::new().route("/team/articles", any(for_editors)).layer(
        auth.layer()
            .protected_routes([Protect::new().groups(["admin"]).at("/team")])
            .unwrap(),
    );
    for (groups, expected) in [(["admin"], 403), (["editor"], 403)] {
        let cookie = session_cookie(&auth, lin().groups(groups));
        assert_eq!(status(&app, "/team/articles", &cookie).await, expected);
    }
    let cookie = session_cookie(&auth, mira());
    let answer = get(&app, "/team/articles", &[("cookie", &cookie)]).await;
    assert_eq!(answer.body, "mira");
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
}

#[tokio::test]
async fn the_log_names_the_entry_and_never_the_query() {
    let auth = client();
    let app = app(&auth, internal());
    let cookie = session_cookie(&auth, lin());
    let (_, log) = logged(get(&app, "/internal/x?token=secret", &[("cookie", &cookie)])).await;
    assert!(
        log.contains("by=\"protected_routes /internal, /api/internal\""),
        "{log}"
    );
    assert!(
        log.contains("wrong group") && !log.contains("token=secret"),
        "{log}"
    );
}

#[tokio::test]
async fn an_entry_that_lets_other_sites_in_opens_no_guard_of_a_handler() {
    let auth = client();
    let routes = [Protect::new().csrf(false).at("/team")];
    let app = Router::new()
        .route("/team/articles", any(for_editors))
        .layer(auth.layer().protected_routes(routes).unwrap());
    let cookie = session_cookie(&auth, mira());
    let headers = [("cookie", cookie.as_str()), ("origin", "https://evil.example")];
    assert_eq!(
        call(&app, Method::POST, "/team/articles", &headers).await.status,
        403
    );
}
