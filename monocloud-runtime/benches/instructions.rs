//! How many instructions one request costs, whatever else the machine does.
//!
//! The program answers one request a thousand times, and callgrind counts what happens meanwhile:
//! take a thousandth.
//!
//! ```text
//! cargo bench -p monocloud-runtime --features testing --bench instructions --no-run
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='*answer_one*' <the program> guard
//! ```
//!
//! The first argument is one of `bare`, `guard` (2 KB of claims), `profile` (the same, and the
//! handler takes `User` and a claim), `tokens` (2 KB of claims and 2 KB of tokens), `denied`, `memory`
//! (2 KB of claims in the memory store), and, of axum-login with its memory store, `login` (who signed
//! in) and `login-claims` (2 KB of claims beside that).

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{COOKIE, HeaderValue};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use monocloud_runtime::testing::session_cookie;
use tower::ServiceExt as _;

#[allow(dead_code, reason = "shared with the benchmark of whole requests")]
mod app;
#[allow(dead_code, reason = "shared with the benchmark of whole requests")]
mod peer;

use app::{client, clients_with, guarded_app, now, plain, profile, session, user};

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let kind = arguments.next().unwrap_or_else(|| "guard".to_owned());

    // Now and then the memory store is told that a session is in use, in a task.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _context = runtime.enter();

    let (app, cookie) = match kind.as_str() {
        "bare" => (Router::new().route("/", get(plain)), None),
        "denied" => (guarded_app(&client()), None),
        "profile" => {
            let app = Router::new().route("/", get(profile));
            (app.layer(client().layer()), Some(session(2_000, 0)))
        }
        "guard" => (guarded_app(&client()), Some(session(2_000, 0))),
        "tokens" => (guarded_app(&client()), Some(session(2_000, 2_000))),
        "memory" => {
            let (client, earlier) = clients_with(Arc::default());
            let cookie = session_cookie(&earlier, user(2_000));
            (guarded_app(&client), Some(cookie))
        }
        "login" | "login-claims" => {
            let claims = if kind == "login" { 0 } else { 2_000 };
            let (app, cookie) = peer::signed_in(2_000, claims);
            (app, Some(cookie))
        }
        other => panic!("nothing is called {other}"),
    };
    let cookie = cookie.map(|cookie| HeaderValue::try_from(cookie).unwrap());
    for _ in 0..1_000 {
        let mut request = Request::new(Body::empty());
        if let Some(cookie) = &cookie {
            request.headers_mut().insert(COOKIE, cookie.clone());
        }
        let status = answer_one(app.clone(), request);
        assert_eq!(status == StatusCode::SEE_OTHER, kind == "denied");
    }
}

#[inline(never)]
fn answer_one(app: Router, request: Request<Body>) -> StatusCode {
    now(app.oneshot(request)).unwrap().status()
}
