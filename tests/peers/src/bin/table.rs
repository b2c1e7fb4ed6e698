//! What a table of a thousand routes costs a request, beside a router of axum with the same routes.
//!
//! `cargo run --release --bin table`; read the ratio, not the times.

use std::hint::black_box;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use peers::{client, median, nanoseconds, thousand};
use tower::ServiceExt as _;

const ROUNDS: usize = 31;
const REQUESTS: usize = 5_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let table = thousand::table(&client("https://issuer.example.com"));
    let routes = thousand::routes();
    let mut of: [Vec<f64>; 2] = Default::default();
    for _ in 0..ROUNDS {
        for (times, app) in of.iter_mut().zip([&table, &routes]) {
            times.push(time(app).await);
        }
    }
    let [table, routes] = of.map(median);
    println!("a table of 1,000 routes      {table:8.0} ns");
    println!("the same as axum has them    {routes:8.0} ns, {:.3} ×", table / routes);
}

async fn time(app: &Router) -> f64 {
    let requests: Vec<_> = (0..REQUESTS)
        .map(|number| {
            let request = Request::get(format!("/part/{}/7", number % 1_000));
            (app.clone(), request.body(Body::empty()).expect("a request"))
        })
        .collect();
    let began = Instant::now();
    for (app, request) in requests {
        let response = app.oneshot(black_box(request)).await.expect("it answers");
        assert_eq!(response.status(), StatusCode::OK);
    }
    nanoseconds(began.elapsed(), REQUESTS)
}
