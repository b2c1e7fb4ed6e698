//! What a guard costs: whole requests through a router in this process, beside a bare route and
//! beside axum-login with its memory store.
//!
//! `cargo bench -p monocloud-runtime --features testing --bench requests`; read the ratios, not the
//! times.

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::{MethodRouter, get};
use divan::{Bencher, black_box};
use monocloud_runtime::testing::{open_session, session_cookie};
use monocloud_runtime::{monocloud_groups, protect};
use tower::ServiceExt as _;

#[allow(dead_code, reason = "shared with the count of instructions")]
mod app;
mod peer;

use app::{client, clients_with, guarded, guarded_app, now, plain, profile, session, user};

monocloud_groups! { Admin = "admin" }

#[protect(groups = ["admin"])]
async fn for_admins() -> &'static str {
    "ok"
}

fn main() {
    divan::Divan::from_args().sample_count(5_000).main();
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

/// A page for somebody with claims and tokens of so many bytes.
fn with_session(bencher: Bencher<'_, '_>, page: MethodRouter, claims: usize, tokens: usize) {
    let client = client();
    let cookie = session(claims, tokens);
    let app = Router::new().route("/", page).layer(client.layer());
    requests(bencher, &app, Some(&cookie), StatusCode::OK);
}

#[divan::bench]
fn a_bare_route(bencher: Bencher<'_, '_>) {
    let app = Router::new().route("/", get(plain));
    requests(bencher, &app, None, StatusCode::OK);
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
fn d_axum_login_2_kb(bencher: Bencher<'_, '_>) {
    let (app, cookie) = peer::signed_in(2_000, 0);
    requests(bencher, &app, Some(&cookie), StatusCode::OK);
}

#[divan::bench]
fn d_axum_login_2_kb_of_claims_in_its_session(bencher: Bencher<'_, '_>) {
    let (app, cookie) = peer::signed_in(2_000, 2_000);
    requests(bencher, &app, Some(&cookie), StatusCode::OK);
}

#[divan::bench]
fn e_guard_2_kb(bencher: Bencher<'_, '_>) {
    with_session(bencher, get(guarded), 2_000, 0);
}

#[divan::bench]
fn f_guard_2_kb_with_user_and_a_claim(bencher: Bencher<'_, '_>) {
    with_session(bencher, get(profile), 2_000, 0);
}

#[divan::bench]
fn g_guard_2_kb_with_a_group(bencher: Bencher<'_, '_>) {
    with_session(bencher, get(for_admins), 2_000, 0);
}

#[divan::bench]
fn h_guard_2_kb_among_other_cookies(bencher: Bencher<'_, '_>) {
    let client = client();
    let session = session(2_000, 0);
    let cookie = format!("theme=dark; _ga=GA1.1.1234567890.1234567890; {session}; consent=all");
    requests(bencher, &guarded_app(&client), Some(&cookie), StatusCode::OK);
}

#[divan::bench]
fn i_guard_2_kb_and_2_kb_of_tokens(bencher: Bencher<'_, '_>) {
    with_session(bencher, get(guarded), 2_000, 2_000);
}

#[divan::bench]
fn j_guard_2_kb_and_2_kb_of_tokens_with_user_and_a_claim(bencher: Bencher<'_, '_>) {
    with_session(bencher, get(profile), 2_000, 2_000);
}

#[divan::bench]
fn k_guard_8_kb_of_claims(bencher: Bencher<'_, '_>) {
    with_session(bencher, get(guarded), 8_000, 0);
}

#[divan::bench]
fn l_guard_2_kb_and_6_kb_of_tokens(bencher: Bencher<'_, '_>) {
    with_session(bencher, get(guarded), 2_000, 6_000);
}

#[divan::bench]
fn m_axum_login_8_kb(bencher: Bencher<'_, '_>) {
    let (app, cookie) = peer::signed_in(8_000, 0);
    requests(bencher, &app, Some(&cookie), StatusCode::OK);
}

#[divan::bench]
fn n_denied_without_a_session(bencher: Bencher<'_, '_>) {
    requests(bencher, &guarded_app(&client()), None, StatusCode::SEE_OTHER);
}

/// A page for somebody with 2 KB of claims in the memory store.
fn in_memory(bencher: Bencher<'_, '_>, page: MethodRouter) {
    // Now and then the store is told that a session is in use, in a task.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _context = runtime.enter();
    let (client, earlier) = clients_with(Arc::default());
    let cookie = session_cookie(&earlier, user(2_000));
    let app = Router::new().route("/", page).layer(client.layer());
    requests(bencher, &app, Some(&cookie), StatusCode::OK);
}

#[divan::bench]
fn n_guard_2_kb_in_the_memory_store(bencher: Bencher<'_, '_>) {
    in_memory(bencher, get(guarded));
}

#[divan::bench]
fn n_guard_2_kb_in_the_memory_store_with_user_and_a_claim(bencher: Bencher<'_, '_>) {
    in_memory(bencher, get(profile));
}

#[divan::bench]
fn o_seal_2_kb(bencher: Bencher<'_, '_>) {
    let (client, user) = (client(), user(2_000));
    bencher.bench_local(|| session_cookie(black_box(&client), black_box(user.clone())));
}

#[divan::bench]
fn p_open_2_kb(bencher: Bencher<'_, '_>) {
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
