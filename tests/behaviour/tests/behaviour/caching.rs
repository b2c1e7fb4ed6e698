//! What is answered to somebody is nobody else's: not even when the handler says so to caches.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::Method;
use monocloud_runtime::testing::{MintedSession, session_cookie};
use monocloud_runtime::tokens::TokenRequest;
use monocloud_runtime::{Auth, Failure, MonoCloud, Session, User, monocloud_routes, protect, protect_api};

use crate::fixtures::{ORIGIN, app, at_rest, call, get, lin, mira, settings};

const OF_SHARED_CACHES: [&str; 10] = [
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "netlify-cdn-cache-control",
    "vercel-cdn-cache-control",
    "some-new-network-cdn-cache-control",
    "akamai-cache-control",
    "x-litespeed-cache-control",
    "x-accel-expires",
    "edge-control",
    "surrogate-control",
];

/// As an application answers that means every cache there is.
fn for_all() -> impl IntoResponse {
    let mut response = "kept".into_response();
    let headers = response.headers_mut();
    headers.append("cache-control", "public, max-age=3600".parse().unwrap());
    headers.append("cache-control", "S-MaxAge=86400".parse().unwrap());
    for name in OF_SHARED_CACHES {
        headers.insert(name, "max-age=3600".parse().unwrap());
    }
    response
}

#[protect]
async fn page() -> impl IntoResponse {
    for_all()
}

#[protect_api(groups = ["admin"])]
async fn api() -> impl IntoResponse {
    for_all()
}

#[protect(csrf = false)]
async fn open() -> impl IntoResponse {
    for_all()
}

fn router(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/page", any(page))
        .route("/api", any(api))
        .route("/open", any(open))
        .route("/user", any(|_: User| async { for_all() }))
        .route("/session", any(|_: Session| async { for_all() }))
        .route("/option", any(|_: Option<User>| async { for_all() }))
        .route("/auth", any(|_: Auth| async { for_all() }))
        .layer(auth.layer())
}

#[tokio::test]
async fn what_only_somebody_let_in_may_see_is_for_their_own_browser() {
    let (auth, _) = at_rest(settings());
    let app = router(&auth);
    let cookie = session_cookie(&auth, mira());
    for path in ["/page", "/api", "/open", "/user", "/session"] {
        for method in [Method::GET, Method::POST] {
            let headers = [("cookie", cookie.as_str()), ("origin", ORIGIN)];
            let answer = call(&app, method, path, &headers).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "kept"));
            assert_eq!(
                answer.header("cache-control"),
                Some("private, max-age=3600"),
                "{path}"
            );
            assert_eq!(answer.headers.get_all("cache-control").iter().count(), 1);
            for name in OF_SHARED_CACHES {
                assert_eq!(answer.header(name), None, "{path}: {answer:?}");
            }
            assert_eq!(answer.vary(), "Cookie");
        }
    }
    // Nobody had to be let in there: what the application says holds, also about who is signed in.
    for path in ["/option", "/auth"] {
        let answer = get(&app, path, &[("cookie", &cookie)]).await;
        assert_eq!(
            (answer.header("cache-control"), answer.vary().as_str()),
            (Some("public, max-age=3600"), "Cookie")
        );
    }
}

/// Whoever has a person's tokens answers with what is that person's.
#[tokio::test]
async fn what_is_made_with_somebodys_tokens_is_for_their_own_browser() {
    async fn orders(auth: Auth) -> Response {
        match auth.tokens(TokenRequest::new()).await {
            Ok(_) => for_all().into_response(),
            Err(error) => error.into_response(),
        }
    }
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new().route("/orders", any(orders)).layer(auth.layer());
    let session = MintedSession::new(mira()).access_token("opaque").cookie(&auth);
    let answer = get(&app, "/orders", &[("cookie", &session)]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "kept"));
    assert_eq!(answer.header("cache-control"), Some("private, max-age=3600"));
    for name in OF_SHARED_CACHES {
        assert_eq!(answer.header(name), None, "{answer:?}");
    }
    let answer = get(&app, "/orders", &[]).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
}

async fn own_answer(_: Failure) -> Response {
    "my own page".into_response()
}

#[tokio::test]
async fn every_answer_of_the_library_says_what_caches_may_keep() {
    let (auth, _) = at_rest(settings().federated_sign_out(false));
    let own: Router = Router::new().merge(monocloud_routes!(auth, on_error = own_answer));
    let app = app(&auth);
    let (mira, lin) = (session_cookie(&auth, mira()), session_cookie(&auth, lin()));
    for (method, path, headers, status) in [
        (Method::GET, "/page", vec![], 303),
        (Method::GET, "/page", vec![("sec-fetch-mode", "cors")], 401),
        (Method::GET, "/page", vec![("hx-request", "true")], 401),
        (Method::GET, "/page", vec![("sec-purpose", "prefetch")], 401),
        (Method::GET, "/api/me", vec![], 401),
        (Method::GET, "/admin", vec![("cookie", lin.as_str())], 403),
        (Method::GET, "/api/admin", vec![("cookie", lin.as_str())], 403),
        (Method::POST, "/page", vec![("cookie", mira.as_str())], 403),
        (Method::GET, "/api/auth/userinfo", vec![], 204),
        (
            Method::GET,
            "/api/auth/userinfo",
            vec![("cookie", mira.as_str())],
            200,
        ),
        (Method::DELETE, "/api/auth/userinfo", vec![], 405),
        (
            Method::GET,
            "/api/auth/userinfo",
            vec![("sec-purpose", "prefetch")],
            401,
        ),
        (Method::HEAD, "/api/auth/signin", vec![], 405),
        (Method::GET, "/api/auth/signin", vec![], 503),
        (Method::GET, "/api/auth/callback", vec![], 400),
        (Method::GET, "/api/auth/callback?state=x&code=y", vec![], 400),
        (Method::PUT, "/api/auth/callback", vec![], 405),
        (Method::GET, "/api/auth/signout", vec![], 303),
        (
            Method::GET,
            "/api/auth/signout",
            vec![("sec-fetch-site", "cross-site")],
            200,
        ),
        (Method::POST, "/api/auth/signout", vec![], 403),
    ] {
        let answer = call(&app, method.clone(), path, &headers).await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert_eq!(
            answer.header("cache-control"),
            Some("private, no-store"),
            "{method} {path}"
        );
    }
    let answer = get(&own, "/api/auth/callback", &[]).await;
    assert_eq!(
        (answer.body.as_str(), answer.header("cache-control")),
        ("my own page", Some("private, no-store"))
    );
}
