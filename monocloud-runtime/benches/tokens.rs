//! What a handler pays for the session's tokens: while they are good, and when a thousand requests at once find them
//! expired.
//!
//! `cargo bench -p monocloud-runtime --features testing --bench tokens`; read the ratios, not the times.

#![allow(missing_docs, clippy::unwrap_used)]

use std::future::Future;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use axum::routing::get;
use bytes::Bytes;
use divan::{Bencher, black_box};
use futures_util::future::join_all;
use monocloud_runtime::http_client::{BoxFuture, HttpClient, HttpError};
use monocloud_runtime::testing::MintedSession;
use monocloud_runtime::tokens::TokenRequest;
use monocloud_runtime::{Auth, MonoCloud, protect};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

#[allow(dead_code, clippy::unused_async, reason = "shared with other benchmarks")]
mod app;
#[allow(dead_code, reason = "shared with other benchmarks")]
mod issuer;

use app::{guarded, plain, user};
use issuer::{ISSUER, Issuer};

const AT_ONCE: usize = 1_000;

/// As browsers send them when a page is opened.
const HEADERS: [(&str, &str); 12] = [
    ("host", "app.example.com"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ),
    (
        "accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    ),
    ("accept-language", "en-US,en;q=0.5"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("referer", "https://app.example.com/"),
    ("connection", "keep-alive"),
    ("upgrade-insecure-requests", "1"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-site", "same-origin"),
    ("priority", "u=0, i"),
];

fn main() {
    divan::Divan::from_args().main();
}

#[protect]
async fn with_auth(auth: Auth) -> &'static str {
    if auth.is_authenticated().await {
        "ok"
    } else {
        "nobody"
    }
}

#[protect]
async fn with_tokens(auth: Auth) -> Result<&'static str, StatusCode> {
    let tokens = auth.tokens(TokenRequest::new()).await;
    let tokens = tokens.map_err(|_| StatusCode::BAD_GATEWAY)?;
    if tokens.access_token().is_empty() {
        Err(StatusCode::NOT_FOUND)
    } else {
        Ok("ok")
    }
}

/// Answers after all that are there have come.
#[derive(Clone)]
struct Slow(Issuer);

impl HttpClient for Slow {
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Result<Response<Vec<u8>>, HttpError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.call(request).await
        })
    }
}

/// As a server has them: pieces of the one buffer that it has read.
fn headers(cookie: &str) -> HeaderMap {
    let all = HEADERS.into_iter().chain([("cookie", cookie)]);
    let mut read = Bytes::from(all.clone().map(|(_, value)| value).collect::<String>());
    all.map(|(name, value)| {
        let value = HeaderValue::from_maybe_shared(read.split_to(value.len())).unwrap();
        (HeaderName::from_static(name), value)
    })
    .collect()
}

struct Bench {
    app: Router,
    client: MonoCloud,
    runtime: Runtime,
}

impl Bench {
    fn new() -> Self {
        let client = MonoCloud::builder()
            .http_client(Slow(Issuer::new()))
            .tenant_domain(ISSUER)
            .client_id("app")
            .client_secret("secret")
            .id_token_signing_alg("ES256")
            .app_url("http://localhost:3000")
            .cookie_secret("a secret of the benchmark, 32 bytes")
            .build()
            .unwrap();
        let app = Router::new()
            .route("/bare", get(plain))
            .route("/guarded", get(guarded))
            .route("/auth", get(with_auth))
            .route("/tokens", get(with_tokens))
            .layer(client.layer());
        Self {
            app,
            client,
            runtime: Builder::new_current_thread().enable_time().build().unwrap(),
        }
    }

    /// A session of its own each time, with tokens of 2 KB that are good for so long.
    fn cookie(&self, lifetime: Duration) -> String {
        MintedSession::new(user(1_000))
            .access_token("t".repeat(1_000))
            .access_token_expires_in(lifetime)
            .refresh_token("r".repeat(40))
            .cookie(&self.client)
    }

    fn send(&self, path: &str, cookie: &str) -> impl Future<Output = StatusCode> + use<> {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        *request.headers_mut() = headers(cookie);
        let app = self.app.clone();
        async move { app.oneshot(black_box(request)).await.unwrap().status() }
    }

    fn one(bencher: Bencher<'_, '_>, path: &str) {
        let bench = Self::new();
        let cookie = bench.cookie(Duration::from_secs(3_600));
        bencher
            .with_inputs(|| bench.send(path, &cookie))
            .bench_local_values(|request| assert_eq!(bench.runtime.block_on(request), StatusCode::OK));
    }

    fn many(bencher: Bencher<'_, '_>, lifetime: Duration) {
        let bench = Self::new();
        bencher
            .with_inputs(|| {
                let cookie = bench.cookie(lifetime);
                join_all((0..AT_ONCE).map(|_| bench.send("/tokens", &cookie)))
            })
            .bench_local_values(|requests| {
                for status in bench.runtime.block_on(requests) {
                    assert_eq!(status, StatusCode::OK);
                }
            });
    }
}

#[divan::bench(sample_count = 5_000)]
fn a_bare_route(bencher: Bencher<'_, '_>) {
    Bench::one(bencher, "/bare");
}

#[divan::bench(sample_count = 5_000)]
fn b_guard(bencher: Bencher<'_, '_>) {
    Bench::one(bencher, "/guarded");
}

#[divan::bench(sample_count = 5_000)]
fn c_guard_and_auth(bencher: Bencher<'_, '_>) {
    Bench::one(bencher, "/auth");
}

#[divan::bench(sample_count = 5_000)]
fn d_guard_and_tokens_that_are_good(bencher: Bencher<'_, '_>) {
    Bench::one(bencher, "/tokens");
}

#[divan::bench(sample_count = 50)]
fn e_a_thousand_at_once_with_tokens_that_are_good(bencher: Bencher<'_, '_>) {
    Bench::many(bencher, Duration::from_secs(3_600));
}

#[divan::bench(sample_count = 50)]
fn f_a_thousand_at_once_joined_to_one_refresh(bencher: Bencher<'_, '_>) {
    Bench::many(bencher, Duration::ZERO);
}
