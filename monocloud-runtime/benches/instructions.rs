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
//! handler takes `User` and a claim), `tokens` (2 KB of claims and 2 KB of tokens) and `denied`.

#![allow(missing_docs, clippy::unwrap_used)]

use axum::Router;
use axum::body::Body;
use axum::http::header::{COOKIE, HeaderValue};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use tower::ServiceExt as _;

#[allow(dead_code, reason = "shared with the benchmark of whole requests")]
mod app;

use app::{client, guarded, now, plain, profile, session};

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let kind = arguments.next().unwrap_or_else(|| "guard".to_owned());

    let client = client();
    let tokens = if kind == "tokens" { 2_000 } else { 0 };
    let (page, cookie) = match kind.as_str() {
        "bare" => (get(plain), None),
        "denied" => (get(guarded), None),
        "profile" => (get(profile), Some(session(2_000, 0))),
        "guard" | "tokens" => (get(guarded), Some(session(2_000, tokens))),
        other => panic!("nothing is called {other}"),
    };
    let mut app = Router::new().route("/", page);
    if kind != "bare" {
        app = app.layer(client.layer());
    }
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
