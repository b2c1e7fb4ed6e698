//! How many instructions one request costs, whatever else the machine does.
//!
//! The program answers one request as often as it is told, so two counts of callgrind give the cost
//! of one: run it with 1000 and with 2000, and take a thousandth of the difference.
//!
//! ```text
//! cargo bench -p monocloud-runtime --features testing --bench instructions --no-run
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null <the program> guard 1000
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null <the program> guard 2000
//! ```
//!
//! The first argument is one of `bare`, `guard` (2 KB of claims), `profile` (the same, and the
//! handler takes `User` and a claim), `tokens` (2 KB of claims and 2 KB of tokens) and `denied`.

#![allow(missing_docs, clippy::unwrap_used)]

use axum::Router;
use axum::body::Body;
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
    let times: u32 = arguments.next().map_or(1, |times| times.parse().unwrap());

    let client = client();
    let tokens = if kind == "tokens" { 2_000 } else { 0 };
    let (page, cookie) = match kind.as_str() {
        "bare" => (get(plain), None),
        "denied" => (get(guarded), None),
        "profile" => (get(profile), Some(session(&client, 2_000, 0))),
        "guard" | "tokens" => (get(guarded), Some(session(&client, 2_000, tokens))),
        other => panic!("nothing is called {other}"),
    };
    let mut app = Router::new().route("/", page);
    if kind != "bare" {
        app = app.layer(client.layer());
    }
    for _ in 0..times {
        let mut request = Request::get("/");
        if let Some(cookie) = &cookie {
            request = request.header("cookie", cookie);
        }
        let response = now(app.clone().oneshot(request.body(Body::empty()).unwrap())).unwrap();
        let denied = response.status() == StatusCode::SEE_OTHER;
        assert_eq!(denied, kind == "denied");
    }
}
