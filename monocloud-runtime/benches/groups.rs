//! What the groups of a guard cost, by how many it names and how many the user has: whole requests through a router in
//! this process.
//!
//! `cargo bench -p monocloud-runtime --features testing --bench groups`; read the ratios, not the times.

#![allow(missing_docs, clippy::unwrap_used)]

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::get;
use divan::{Bencher, black_box};
use monocloud_runtime::testing::MintedSession;
use monocloud_runtime::{Protect, User};
use serde_json::json;
use tower::ServiceExt as _;

#[allow(dead_code, clippy::unused_async, reason = "shared with other benchmarks")]
mod app;

use app::{client, now, plain};

const COUNTS: [usize; 3] = [1, 10, 200];

fn main() {
    divan::Divan::from_args().sample_count(2_000).main();
}

fn name(number: usize) -> String {
    format!("department-{number:03}")
}

/// Somebody in so many groups, at a page for so many others and the last of theirs.
fn requests(bencher: Bencher<'_, '_>, of_the_user: usize, of_the_guard: usize) {
    let client = client();
    let groups: Vec<_> = (0..of_the_user).map(name).collect();
    let last = groups.last().cloned();
    let claims = json!({ "sub": "mira", "name": "Mira Adler", "groups": groups });
    let user = User::from_claims(claims.as_object().unwrap().clone());
    let cookie = MintedSession::new(user).cookie(&client);
    let others = (1..of_the_guard).map(|number| name(1_000 + number));
    let wanted: Vec<_> = others.chain(last).take(of_the_guard).collect();
    let protect = if of_the_guard == 0 {
        Protect::new()
    } else {
        Protect::new().groups(wanted)
    };
    let layer = client.layer().protected_routes([protect.at("/page")]).unwrap();
    let app = Router::new().route("/page", get(plain)).layer(layer);
    bencher
        .with_inputs(|| {
            let request = Request::get("/page").header("cookie", &cookie);
            (app.clone(), request.body(Body::empty()).unwrap())
        })
        .bench_local_values(|(app, request)| {
            let response = now(app.oneshot(black_box(request))).unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            response
        });
}

#[divan::bench(args = COUNTS)]
fn a_user_with_groups_that_nobody_asks_for(bencher: Bencher<'_, '_>, of_the_user: usize) {
    requests(bencher, of_the_user, 0);
}

#[divan::bench(args = COUNTS)]
fn b_guard_with_groups_and_a_user_in_one(bencher: Bencher<'_, '_>, of_the_guard: usize) {
    requests(bencher, 1, of_the_guard);
}

#[divan::bench(args = COUNTS)]
fn c_guard_with_a_group_and_a_user_in_several(bencher: Bencher<'_, '_>, of_the_user: usize) {
    requests(bencher, of_the_user, 1);
}

#[divan::bench(args = COUNTS)]
fn d_as_many_of_both(bencher: Bencher<'_, '_>, count: usize) {
    requests(bencher, count, count);
}
