//! What protected routes cost a request, by how many of them there are: whole requests through a router in this
//! process.
//!
//! `cargo bench -p monocloud-runtime --features testing --bench protected_routes`; ten and a thousand are to cost the
//! same.

#![allow(missing_docs, clippy::unwrap_used)]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use divan::{Bencher, black_box};
use monocloud_runtime::Protect;
use monocloud_runtime::protected::{Pattern, ProtectedRoute, RouteRequest, regex, when};
use tower::ServiceExt as _;

#[allow(dead_code, clippy::unused_async, reason = "shared with other benchmarks")]
mod app;

use app::{client, now, plain, session};

const COUNTS: [usize; 3] = [1, 10, 1_000];

const OPEN: &str = "/shop/orders/2026/11/26/invoice";

/// Where most characters have two ways to be read.
const ODD: &str = "/x/..;a/%73hop//./section7/team%2fmembers/%2e%2e/list";

fn main() {
    divan::Divan::from_args().sample_count(1_000).main();
}

fn requests(bencher: Bencher<'_, '_>, app: &Router, path: &str, cookie: Option<&str>, status: StatusCode) {
    bencher
        .with_inputs(|| {
            let mut request = Request::get(path);
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

fn entries(count: usize, pattern: impl Fn(usize) -> Pattern) -> Vec<ProtectedRoute> {
    (0..count)
        .map(|number| Protect::new().groups(["admin"]).at([pattern(number)]))
        .collect()
}

fn app_with(routes: Vec<ProtectedRoute>) -> Router {
    let layer = client().layer().protected_routes(routes).unwrap();
    Router::new().fallback(get(plain)).layer(layer)
}

fn paths(count: usize) -> Router {
    app_with(entries(count, |number| {
        format!("/shop/section{number}/team").into()
    }))
}

fn expressions(count: usize) -> Router {
    app_with(entries(count, |number| {
        regex(format!("/shop/section{number}/(team|board)/[a-z]+/.*"))
    }))
}

#[divan::bench]
fn a_layer_alone(bencher: Bencher<'_, '_>) {
    let app = Router::new().fallback(get(plain)).layer(client().layer());
    requests(bencher, &app, OPEN, None, StatusCode::OK);
}

#[divan::bench(args = COUNTS)]
fn b_under_none_of_the_paths(bencher: Bencher<'_, '_>, count: usize) {
    requests(bencher, &paths(count), OPEN, None, StatusCode::OK);
}

#[divan::bench(args = COUNTS)]
fn c_under_none_of_the_expressions(bencher: Bencher<'_, '_>, count: usize) {
    requests(bencher, &expressions(count), OPEN, None, StatusCode::OK);
}

#[divan::bench(args = COUNTS)]
fn d_let_in_by_a_path(bencher: Bencher<'_, '_>, count: usize) {
    let cookie = session(2_000, 0);
    let path = "/shop/section0/team/members/list";
    requests(bencher, &paths(count), path, Some(&cookie), StatusCode::OK);
}

#[divan::bench(args = COUNTS)]
fn e_let_in_by_an_expression(bencher: Bencher<'_, '_>, count: usize) {
    let cookie = session(2_000, 0);
    let path = "/shop/section0/team/members/list";
    requests(bencher, &expressions(count), path, Some(&cookie), StatusCode::OK);
}

#[divan::bench(args = COUNTS)]
fn f_denied_by_a_path(bencher: Bencher<'_, '_>, count: usize) {
    let path = "/shop/section0/team/members/list";
    requests(bencher, &paths(count), path, None, StatusCode::SEE_OTHER);
}

#[divan::bench(args = COUNTS)]
fn g_an_odd_path_under_none_of_the_paths(bencher: Bencher<'_, '_>, count: usize) {
    let app = app_with(entries(count, |number| format!("/admin/section{number}").into()));
    requests(bencher, &app, ODD, None, StatusCode::OK);
}

#[divan::bench(args = COUNTS)]
fn h_an_odd_path_under_none_of_the_expressions(bencher: Bencher<'_, '_>, count: usize) {
    let app = app_with(entries(count, |number| {
        regex(format!("/admin/section{number}/[a-z]+"))
    }));
    requests(bencher, &app, ODD, None, StatusCode::OK);
}

#[divan::bench]
fn i_a_function_says_no(bencher: Bencher<'_, '_>) {
    // It has a time limit.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let asks = |request: &RouteRequest| request.is_below("/admin");
    let app = app_with(vec![Protect::new().at(when(asks))]);
    requests(bencher, &app, OPEN, None, StatusCode::OK);
}
