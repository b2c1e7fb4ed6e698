//! What a guard costs: whole requests through a router in this process, beside a bare route and
//! beside axum-login with its memory store.
//!
//! `cargo bench -p monocloud-runtime --features testing --bench requests`; read the ratios, not the
//! times.

#![allow(missing_docs, clippy::unwrap_used)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use divan::{Bencher, black_box};
use monocloud_runtime::testing::{open_session, session_cookie};
use monocloud_runtime::{MonoCloud, User, monocloud_groups, protect};
use serde_json::json;
use tower::ServiceExt as _;

mod peer;

monocloud_groups! { Admin = "admin" }

const APP: &str = "http://localhost:3000";

fn main() {
    divan::Divan::from_args().sample_count(5_000).main();
}

async fn plain() -> &'static str {
    "ok"
}

#[protect]
async fn guarded() -> &'static str {
    "ok"
}

#[protect(groups = ["admin"])]
async fn for_admins() -> &'static str {
    "ok"
}

fn client() -> MonoCloud {
    MonoCloud::builder()
        .tenant_domain("http://127.0.0.1:9")
        .client_id("app")
        .client_secret("secret")
        .app_url(APP)
        .cookie_secret("a secret of the benchmark, 32 bytes")
        .build()
        .unwrap()
}

/// A user whose session record is about `bytes` long.
fn user(bytes: usize) -> User {
    let claims = json!({
        "sub": "auth|6f1b2c3d4e5f60718293a4b5",
        "name": "Mira Adler",
        "given_name": "Mira",
        "family_name": "Adler",
        "email": "mira@example.com",
        "email_verified": true,
        "picture": "https://cdn.example.com/avatars/6f1b2c3d4e5f60718293a4b5.png",
        "locale": "en",
        "sid": "9c1d2e3f4a5b6c7d8e9f",
        "groups": ["admin", "editor", "finance", {"id": "537e7c3d-a442-4b5b-b308-30837aa045a4", "name": "ops"}],
        "note": "x".repeat(bytes.saturating_sub(620)),
    });
    User::from_claims(claims.as_object().unwrap().clone())
}

/// Polls a future that never waits.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("a request that needs no I/O is answered at once"),
    }
}

fn requests(bencher: Bencher<'_, '_>, app: &Router, cookie: Option<&str>, status: StatusCode) {
    bencher
        .with_inputs(|| {
            let mut request = Request::get("/");
            if let Some(cookie) = cookie {
                request = request.header("cookie", cookie);
            }
            (app.clone(), request.body(Body::empty()).unwrap())
        })
        .bench_local_values(|(app, request)| {
            let response = now(app.oneshot(black_box(request))).unwrap();
            assert_eq!(response.status(), status);
            response
        });
}

fn guarded_app(client: &MonoCloud) -> Router {
    Router::new().route("/", get(guarded)).layer(client.layer())
}

fn with_session(bencher: Bencher<'_, '_>, bytes: usize, cookies: usize) {
    let client = client();
    let cookie = session_cookie(&client, user(bytes));
    assert_eq!(cookie.split("; ").count(), cookies);
    requests(bencher, &guarded_app(&client), Some(&cookie), StatusCode::OK);
}

#[divan::bench]
fn a_bare_route(bencher: Bencher<'_, '_>) {
    requests(
        bencher,
        &Router::new().route("/", get(plain)),
        None,
        StatusCode::OK,
    );
}

#[divan::bench]
fn b_public_route_with_an_empty_layer(bencher: Bencher<'_, '_>) {
    let app = Router::new().route("/", get(plain)).layer(peer::Nothing);
    requests(bencher, &app, None, StatusCode::OK);
}

#[divan::bench]
fn c_public_route_with_the_layer(bencher: Bencher<'_, '_>) {
    let app = Router::new().route("/", get(plain)).layer(client().layer());
    requests(bencher, &app, None, StatusCode::OK);
}

#[divan::bench]
fn d_guard_2_kb_in_one_cookie(bencher: Bencher<'_, '_>) {
    with_session(bencher, 2_000, 1);
}

#[divan::bench]
fn e_guard_2_kb_among_other_cookies(bencher: Bencher<'_, '_>) {
    let client = client();
    let session = session_cookie(&client, user(2_000));
    let cookie = format!("theme=dark; _ga=GA1.1.1234567890.1234567890; {session}; consent=all");
    requests(bencher, &guarded_app(&client), Some(&cookie), StatusCode::OK);
}

#[divan::bench]
fn f_guard_8_kb_in_three_cookies(bencher: Bencher<'_, '_>) {
    with_session(bencher, 8_000, 3);
}

#[divan::bench]
fn g_guard_with_a_group(bencher: Bencher<'_, '_>) {
    let client = client();
    let cookie = session_cookie(&client, user(2_000));
    let app = Router::new().route("/", get(for_admins)).layer(client.layer());
    requests(bencher, &app, Some(&cookie), StatusCode::OK);
}

#[divan::bench]
fn h_denied_without_a_session(bencher: Bencher<'_, '_>) {
    requests(bencher, &guarded_app(&client()), None, StatusCode::SEE_OTHER);
}

#[divan::bench]
fn i_axum_login_with_its_memory_store(bencher: Bencher<'_, '_>) {
    let (app, cookie) = peer::signed_in(2_000);
    requests(bencher, &app, Some(&cookie), StatusCode::OK);
}

#[divan::bench]
fn j_seal_2_kb(bencher: Bencher<'_, '_>) {
    let (client, user) = (client(), user(2_000));
    bencher.bench_local(|| session_cookie(black_box(&client), black_box(user.clone())));
}

#[divan::bench]
fn k_open_2_kb(bencher: Bencher<'_, '_>) {
    let client = client();
    let cookie = session_cookie(&client, user(2_000));
    bencher.bench_local(|| open_session(black_box(&client), black_box(&cookie)));
}

/// The parts of opening, on the library that is used and on the one that is in the graph anyway.
mod aead {
    use aes_gcm::aead::AeadInOut as _;
    use aes_gcm::{Aes256Gcm, Key, KeyInit as _, Nonce, Tag};
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce as AwsNonce, UnboundKey};
    use divan::{Bencher, black_box};

    const KEY: [u8; 32] = [7; 32];
    const NONCE: [u8; 12] = [9; 12];

    #[divan::bench]
    fn open_2_kb_aes_gcm(bencher: Bencher<'_, '_>) {
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(KEY));
        let mut sealed = vec![1; 2_000];
        let nonce = Nonce::from(NONCE);
        let tag: Tag = cipher
            .encrypt_inout_detached(&nonce, b"aad", sealed.as_mut_slice().into())
            .unwrap();
        bencher
            .with_inputs(|| sealed.clone())
            .bench_local_values(|mut sealed| {
                cipher
                    .decrypt_inout_detached(&nonce, b"aad", black_box(sealed.as_mut_slice()).into(), &tag)
                    .unwrap();
                sealed
            });
    }

    #[divan::bench]
    fn open_2_kb_aws_lc_rs(bencher: Bencher<'_, '_>) {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &KEY).unwrap());
        let mut sealed = vec![1; 2_000];
        key.seal_in_place_append_tag(
            AwsNonce::assume_unique_for_key(NONCE),
            Aad::from(b"aad"),
            &mut sealed,
        )
        .unwrap();
        bencher
            .with_inputs(|| sealed.clone())
            .bench_local_values(|mut sealed| {
                key.open_in_place(
                    AwsNonce::assume_unique_for_key(NONCE),
                    Aad::from(b"aad"),
                    black_box(&mut sealed),
                )
                .unwrap();
                sealed
            });
    }
}
