//! Wherever an identity comes out of a cookie, the request came from one of the app's own pages, or can change
//! nothing: not guards alone, also what handlers take by themselves.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::Method;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Auth, MonoCloud, Session, User, protect, protect_api};

use crate::fixtures::{ORIGIN, at_rest, call, get, logged, mira, settings};

const TRUSTED: &str = "https://www.example.com";

type Headers = Vec<(&'static str, &'static str)>;

/// In a header too: the answer to a CONNECT has no body.
fn said(what: impl Into<String>) -> impl IntoResponse {
    let what = what.into();
    ([("x-said", what.clone())], what)
}

async fn by_auth(auth: Auth) -> impl IntoResponse {
    let session = auth.session().await.is_some();
    let in_group = auth.is_user_in_group(["admin"]).await;
    said(format!("{} {session} {in_group}", auth.is_authenticated().await))
}

#[protect(csrf = false)]
async fn open_page(_: User, _: Session, user: Option<User>, auth: Auth) -> impl IntoResponse {
    said(format!("{} {}", user.is_some(), auth.is_authenticated().await))
}

#[protect_api(csrf = false)]
async fn open_api(_: User, _: Session, user: Option<User>, auth: Auth) -> impl IntoResponse {
    said(format!("{} {}", user.is_some(), auth.is_authenticated().await))
}

fn app(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/user", any(|_: User| async { said("in") }))
        .route("/session", any(|_: Session| async { said("in") }))
        .route(
            "/option/user",
            any(|user: Option<User>| async move { said(user.is_some().to_string()) }),
        )
        .route(
            "/option/session",
            any(|session: Option<Session>| async move { said(session.is_some().to_string()) }),
        )
        .route("/auth", any(by_auth))
        .route("/open/page", any(open_page))
        .route("/open/api", any(open_api))
        .layer(auth.layer())
}

/// Each way to say where a request comes from, and whether that is the app.
fn forms() -> Vec<(Headers, bool)> {
    let origins: &[&[&str]] = &[
        &[],
        &[ORIGIN],
        &[TRUSTED],
        &["https://evil.example"],
        &["null"],
        &[""],
        &["http://localhost:3000/"],
        &["http://localhost:3000.evil.example"],
        &["https://localhost:3000"],
        &["HTTP://LOCALHOST:3000"],
        &[ORIGIN, ORIGIN],
        &[ORIGIN, "https://evil.example"],
        &["http://localhost:3000, https://evil.example"],
    ];
    let sites: &[&[&str]] = &[
        &[],
        &["same-origin"],
        &["same-site"],
        &["cross-site"],
        &["none"],
        &[""],
        &["Same-Origin"],
        &["same-origin", "same-origin"],
        &["same-origin", "cross-site"],
        &["same-origin, cross-site"],
    ];
    let mut forms = Vec::new();
    for origin in origins {
        for site in sites {
            let headers: Headers = origin
                .iter()
                .map(|value| ("origin", *value))
                .chain(site.iter().map(|value| ("sec-fetch-site", *value)))
                .collect();
            let own = match (*origin, *site) {
                ([], []) => false,
                ([TRUSTED], [] | [_]) | ([] | [ORIGIN], [] | ["same-origin"]) => true,
                _ => false,
            };
            forms.push((headers, own));
        }
    }
    forms
}

/// Requests that can change something: methods, and handshakes by GET.
fn unsafe_requests() -> Vec<(Method, Headers)> {
    let methods = ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "get"];
    let mut requests: Vec<(Method, Headers)> =
        methods.map(|method| (method.parse().unwrap(), Vec::new())).into();
    for handshake in [
        vec![("connection", "Upgrade"), ("upgrade", "websocket")],
        vec![("connection", "keep-alive, upgrade"), ("upgrade", "websocket")],
        vec![
            ("connection", "keep-alive"),
            ("connection", "UPGRADE"),
            ("upgrade", "WebSocket"),
        ],
        vec![("connection", "upgrade"), ("upgrade", "h2c, websocket")],
        vec![
            ("connection", "upgrade"),
            ("upgrade", "h2c"),
            ("upgrade", "websocket"),
        ],
    ] {
        requests.push((Method::GET, handshake));
    }
    requests
}

#[tokio::test]
async fn no_extractor_tells_another_site_who_is_signed_in() {
    let (auth, _) = at_rest(settings().trusted_origins([TRUSTED]));
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    for (method, kind) in unsafe_requests() {
        for (form, own) in forms() {
            let mut headers: Vec<(&str, &str)> = [kind.as_slice(), form.as_slice()].concat();
            headers.push(("cookie", &cookie));
            for (path, inside, outside) in [
                ("/user", (200, "in"), (403, r#"{"message":"forbidden"}"#)),
                ("/session", (200, "in"), (403, r#"{"message":"forbidden"}"#)),
                ("/option/user", (200, "true"), (200, "false")),
                ("/option/session", (200, "true"), (200, "false")),
                ("/auth", (200, "true true true"), (200, "false false false")),
                ("/open/page", (200, "true true"), (200, "true true")),
                ("/open/api", (200, "true true"), (200, "true true")),
            ] {
                let answer = call(&app, method.clone(), path, &headers).await;
                let said = answer.header("x-said").unwrap_or(&answer.body);
                assert_eq!(
                    (answer.status.as_u16(), said),
                    if own { inside } else { outside },
                    "{method} {path} {kind:?} {form:?}"
                );
                for header in answer.headers.keys() {
                    assert!(!header.as_str().starts_with("access-control-"), "{answer:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_changes_nothing_is_answered_whoever_links_to_it() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        for (form, _) in forms() {
            let mut headers: Vec<(&str, &str)> = form.clone();
            headers.push(("cookie", &cookie));
            for path in ["/user", "/session", "/option/user", "/auth"] {
                let answer = call(&app, method.clone(), path, &headers).await;
                assert_eq!(answer.status, 200, "{method} {path} {form:?}");
            }
        }
    }
}

#[tokio::test]
async fn who_is_signed_out_is_told_so_whatever_the_site() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    for (form, _) in forms() {
        let answer = call(&app, Method::POST, "/user", &form).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (401, r#"{"message":"unauthorized"}"#)
        );
        assert_eq!(
            call(&app, Method::POST, "/option/user", &form).await.body,
            "false"
        );
    }
}

#[tokio::test]
async fn another_site_changes_and_ends_no_session() {
    async fn changes(auth: Auth) -> String {
        let session = auth.session().await;
        auth.destroy_session().await.unwrap();
        format!("{}", session.is_some())
    }
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new().route("/", any(changes)).layer(auth.layer());
    let cookie = session_cookie(&auth, mira());
    let theirs = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
    let answer = call(&app, Method::POST, "/", &theirs).await;
    assert_eq!(
        (answer.body.as_str(), answer.cookies().len()),
        ("false", 0),
        "{answer:?}"
    );
    let ours = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let answer = call(&app, Method::POST, "/", &ours).await;
    assert_eq!(
        (answer.body.as_str(), answer.deleted()),
        ("true", vec!["session".to_owned()])
    );
}

/// A middleware of the application's own, which asks before the guard does.
async fn asks_first(auth: Auth, request: Request, next: Next) -> Response {
    let asked = auth.is_authenticated().await;
    let mut response = next.run(request).await;
    let after = auth.is_authenticated().await;
    response
        .headers_mut()
        .insert("x-asked", format!("{asked} {after}").parse().unwrap());
    response
}

#[tokio::test]
async fn a_guard_decides_for_its_own_request_and_no_other() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth).layer(from_fn(asks_first)).layer(auth.layer());
    let cookie = session_cookie(&auth, mira());
    let headers = [("cookie", cookie.as_str())];
    let open = call(&app, Method::POST, "/open/api", &headers).await;
    assert_eq!(
        (open.body.as_str(), open.header("x-asked")),
        ("true true", Some("false true"))
    );
    let closed = call(&app, Method::POST, "/option/user", &headers).await;
    assert_eq!(
        (closed.body.as_str(), closed.header("x-asked")),
        ("false", Some("false false"))
    );
}

#[tokio::test]
async fn the_log_says_who_was_refused_and_how_to_be_let_in() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    let lengthy = format!("https://evil.example/{}\u{202e}", "x".repeat(5_000));
    let headers = [("cookie", cookie.as_str()), ("origin", lengthy.as_str())];
    for path in [
        "/user?code=in-the-query",
        "/session",
        "/option/user",
        "/option/session",
        "/auth",
    ] {
        let (_, log) = logged(call(&app, Method::POST, path, &headers)).await;
        assert!(
            log.contains("WARN") && log.contains("evil.example") && log.contains("app_origin"),
            "{path}: {log}"
        );
        assert!(
            log.contains("TRUSTED_ORIGINS") && log.contains(path.split('?').next().unwrap()),
            "{path}: {log}"
        );
        assert!(!log.contains("in-the-query") && !log.contains(&cookie), "{log}");
        assert!(log.len() < 2_500, "{} bytes", log.len());
    }
    // Where there was nobody to keep back, there is nothing to say.
    let (_, log) = logged(call(&app, Method::POST, "/option/user", &[("origin", "null")])).await;
    assert!(!log.contains("WARN"), "{log}");
    let (_, log) = logged(get(&app, "/user", &[])).await;
    assert!(
        log.contains("INFO") && log.contains("signed out") && log.contains("/user"),
        "{log}"
    );
}
