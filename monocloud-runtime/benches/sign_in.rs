//! What a sign-in costs here: its beginning and its end, beside what the issuer and the network do in between.
//!
//! `cargo bench -p monocloud-runtime --features testing --bench sign_in`; read the ratios, not the times. Most of the
//! callback is one signature that is checked.

#![allow(missing_docs, clippy::unwrap_used)]

use axum::Router;
use axum::body::Body;
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{Request, Response, StatusCode};
use divan::{Bencher, black_box};
use monocloud_runtime::{MonoCloud, monocloud_routes};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;
use url::Url;

mod issuer;

use issuer::{ISSUER, Issuer};

fn main() {
    divan::Divan::from_args().sample_count(2_000).main();
}

struct Bench {
    app: Router,
    issuer: Issuer,
    runtime: Runtime,
}

impl Bench {
    fn new(client_secret: &str) -> Self {
        let issuer = Issuer::new();
        let auth = MonoCloud::builder()
            .http_client(issuer.clone())
            .tenant_domain(ISSUER)
            .client_id("app")
            .client_secret(client_secret)
            .id_token_signing_alg("ES256")
            .app_url("http://localhost:3000")
            .cookie_secret("a secret of the benchmark, 32 bytes")
            .build()
            .unwrap();
        Self {
            app: Router::new().merge(monocloud_routes!(auth)).layer(auth.layer()),
            issuer,
            runtime: Builder::new_current_thread().enable_time().build().unwrap(),
        }
    }

    fn answer(&self, request: Request<Body>) -> Response<Body> {
        let response = self.runtime.block_on(self.app.clone().oneshot(request)).unwrap();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        response
    }

    /// The callback of a sign-in that has begun.
    fn callback(&self) -> Request<Body> {
        let begun = self.answer(sign_in());
        let location: Url = begun.headers()[LOCATION].to_str().unwrap().parse().unwrap();
        let sent = |name: &str| {
            let (_, value) = location.query_pairs().find(|(key, _)| key == name).unwrap();
            value.into_owned()
        };
        let code = self.issuer.code(&sent("nonce"));
        let cookie = begun.headers()[SET_COOKIE].to_str().unwrap();
        let (cookie, _) = cookie.split_once(';').unwrap();
        Request::get(format!("/api/auth/callback?code={code}&state={}", sent("state")))
            .header(COOKIE, cookie)
            .body(Body::empty())
            .unwrap()
    }

    fn callbacks(&self, bencher: Bencher<'_, '_>) {
        bencher
            .with_inputs(|| self.callback())
            .bench_local_values(|request| self.answer(black_box(request)));
    }
}

fn sign_in() -> Request<Body> {
    let request = Request::get("/api/auth/signin?return_url=/dashboard");
    request.body(Body::empty()).unwrap()
}

#[divan::bench]
fn a_sign_in_begins(bencher: Bencher<'_, '_>) {
    let bench = Bench::new("secret");
    bencher
        .with_inputs(sign_in)
        .bench_local_values(|request| bench.answer(black_box(request)));
}

#[divan::bench]
fn b_callback(bencher: Bencher<'_, '_>) {
    Bench::new("secret").callbacks(bencher);
}

/// With an assertion that is signed for the code exchange.
#[divan::bench]
fn c_callback_with_an_ed25519_key(bencher: Bencher<'_, '_>) {
    let client = monocloud_runtime::testing::ProviderClient::new("app")
        .private_key_jwt(monocloud_runtime::testing::SigningAlg::EdDsa);
    Bench::new(client.secret()).callbacks(bencher);
}
