//! The same-origin rule where a middleware gives a request another method: what was decided about a link says nothing
//! about the deletion that became of it.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{any, delete};
use http::Method;
use monocloud_runtime::protected::All;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Auth, MonoCloud, Session, User, protect, protect_api};

use crate::fixtures::{ORIGIN, at_rest, call, mira, settings};

/// Links and forms know two methods, so the query says another.
async fn override_method(mut request: Request, next: Next) -> Response {
    let method = request
        .uri()
        .query()
        .and_then(|query| query.strip_prefix("_method="));
    if let Some(method) = method.and_then(|method| method.parse().ok()) {
        *request.method_mut() = method;
    }
    next.run(request).await
}

/// Asks who it is while the request is a link still.
async fn greet(auth: Auth, request: Request, next: Next) -> Response {
    let greets = auth.is_authenticated().await.to_string();
    let mut response = next.run(request).await;
    response.headers_mut().insert("x-greets", greets.parse().unwrap());
    response
}

#[protect]
async fn page() -> &'static str {
    "done"
}

#[protect_api]
async fn api() -> &'static str {
    "done"
}

#[protect_api(csrf = false)]
async fn open_to_every_site() -> &'static str {
    "done"
}

async fn by_user(_: User) -> &'static str {
    "done"
}

async fn by_session(_: Session) -> &'static str {
    "done"
}

async fn by_auth(auth: Auth) -> String {
    auth.is_authenticated().await.to_string()
}

fn handlers() -> Router {
    Router::new()
        .route("/page", delete(page).get(page))
        .route("/api", delete(api).get(api))
        .route("/user", any(by_user))
        .route("/session", any(by_session))
        .route("/auth", any(by_auth))
        .route("/open", any(open_to_every_site))
}

/// Around the router, which then chooses by the new method.
fn overriding() -> Router {
    Router::new()
        .fallback_service(handlers())
        .layer(from_fn(override_method))
}

/// Both ask before the method changes.
fn apps(auth: &MonoCloud) -> [Router; 2] {
    [
        overriding().layer(auth.layer().protected_routes(All).unwrap()),
        overriding().layer(from_fn(greet)).layer(auth.layer()),
    ]
}

const FORBIDDEN: (u16, &str) = (403, r#"{"message":"forbidden"}"#);

#[tokio::test]
async fn a_link_of_another_site_changes_nothing_whatever_its_method_becomes() {
    let (auth, _) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    let cross_site: [&[(&str, &str)]; 4] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
    ];
    for app in apps(&auth) {
        for headers in cross_site {
            let headers = [headers, &[("cookie", cookie.as_str())]].concat();
            for method in ["DELETE", "POST", "PATCH", "PURGE"] {
                for (path, expected) in [
                    ("/user", FORBIDDEN),
                    ("/session", FORBIDDEN),
                    ("/auth", (200, "false")),
                    ("/open", (200, "done")),
                ] {
                    let path = format!("{path}?_method={method}");
                    let answer = call(&app, Method::GET, &path, &headers).await;
                    assert_eq!(
                        (answer.status.as_u16(), answer.body.as_str()),
                        expected,
                        "{path} {headers:?}"
                    );
                }
            }
            for path in ["/page", "/api"] {
                let answer = call(&app, Method::GET, &format!("{path}?_method=DELETE"), &headers).await;
                assert_eq!(answer.status, 403, "{path} {headers:?}");
                let answer = call(&app, Method::GET, path, &headers).await;
                assert_eq!(answer.body, "done", "{path} {headers:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_ones_own_goes_on_changing_what_it_wants() {
    let (auth, _) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    let own: [&[(&str, &str)]; 2] = [&[("sec-fetch-site", "same-origin")], &[("origin", ORIGIN)]];
    for app in apps(&auth) {
        for headers in own {
            let headers = [headers, &[("cookie", cookie.as_str())]].concat();
            for path in ["/page", "/api", "/user", "/session", "/open"] {
                for method in [Method::GET, Method::POST] {
                    let path = format!("{path}?_method=DELETE");
                    let answer = call(&app, method, &path, &headers).await;
                    assert_eq!(
                        (answer.status.as_u16(), answer.body.as_str()),
                        (200, "done"),
                        "{path} {headers:?}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_form_of_another_site_is_none_of_ones_own_though_it_becomes_a_link() {
    let (auth, _) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    let headers = [("cookie", cookie.as_str()), ("origin", "https://evil.example")];
    let [protected, greeting] = apps(&auth);
    let answer = call(&protected, Method::POST, "/page?_method=GET", &headers).await;
    assert_eq!(answer.status, 403);
    let answer = call(&greeting, Method::POST, "/user?_method=GET", &headers).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("x-greets")),
        (403, Some("false"))
    );
}
