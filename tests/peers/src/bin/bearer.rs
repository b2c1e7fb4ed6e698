//! What a token costs that is seen for the first time, and one that was seen before: whole requests in this process.
//!
//! `cargo run --release --bin bearer`; read the ratios, not the times.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use axum::Router;
use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::testing::Endpoint;
use peers::{Apps, median, nanoseconds};
use serde_json::Value;
use tower::ServiceExt as _;

/// Everything is measured so often, in turns; the median counts.
const ROUNDS: usize = 15;
/// So many tokens that were not seen before in each round.
const NEW: usize = 100;
/// So many requests with one that was.
const AGAIN: usize = 20_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let apps = Apps::start().await;
    let key = key(&apps).await;
    let known = apps.token();
    // The first request of all fetches metadata and keys.
    for app in [&apps.guarded, &apps.peer] {
        time(app, std::slice::from_ref(&known), 1).await;
    }
    let mut of: [Vec<f64>; 6] = Default::default();
    for _ in 0..ROUNDS {
        let new: Vec<String> = (0..NEW).map(|_| apps.token()).collect();
        let known = std::slice::from_ref(&known);
        for (times, time) in of.iter_mut().zip([
            time(&apps.bare, known, AGAIN).await,
            time(&apps.guarded, known, AGAIN).await,
            time(&apps.peer, known, NEW).await,
            time(&apps.guarded, &new, 1).await,
            time(&apps.peer, &new, 1).await,
            verification(&key, &new),
        ]) {
            times.push(time);
        }
    }
    let [bare, again, peer_again, first, peer_first, signature] = of.map(median);
    println!("{:42} {:>10} {:>8} {:>9}", "", "µs", "× bare", "× peer");
    let line = |name: &str, time: f64, peer: f64| {
        println!(
            "{name:42} {:10.2} {:8.2} {:9.3}",
            time / 1e3,
            time / bare,
            time / peer
        );
    };
    line("bare route", bare, peer_again);
    line("seen before, this library", again, peer_again);
    line(
        "seen before, tower-oauth2-resource-server",
        peer_again,
        peer_again,
    );
    line("first seen, this library", first, peer_first);
    line("first seen, tower-oauth2-resource-server", peer_first, peer_first);
    line("the signature alone (RS256, 2,048 bits)", signature, peer_first);
    println!(
        "\nfirst seen, beyond the bare route: {:.3} × the signature; the peer {:.3} ×",
        (first - bare) / signature,
        (peer_first - bare) / signature
    );
}

/// Nanoseconds of a request, with each of these tokens so often.
async fn time(app: &Router, tokens: &[String], times: usize) -> f64 {
    let request = |token: &String| {
        let request = Request::get("/").header(AUTHORIZATION, format!("Bearer {token}"));
        (app.clone(), request.body(Body::empty()).expect("a request"))
    };
    let mut spent = Duration::ZERO;
    for token in tokens {
        // A request is made outside of what is measured, and not all are kept at once.
        for _ in 0..times {
            let (app, request) = request(token);
            let began = Instant::now();
            let response = app.oneshot(black_box(request)).await.expect("it answers");
            spent += began.elapsed();
            assert_eq!(response.status(), StatusCode::OK);
        }
    }
    nanoseconds(spent, tokens.len() * times)
}

/// Nanoseconds of a signature's verification.
fn verification(key: &RsaPublicKeyComponents<Vec<u8>>, tokens: &[String]) -> f64 {
    let mut spent = Duration::ZERO;
    for token in tokens {
        let (signed, signature) = token.rsplit_once('.').expect("a JWT");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let began = Instant::now();
        key.verify(
            &RSA_PKCS1_2048_8192_SHA256,
            black_box(signed.as_bytes()),
            &signature,
        )
        .expect("the issuer's");
        spent += began.elapsed();
    }
    nanoseconds(spent, tokens.len())
}

/// The issuer's public key.
async fn key(apps: &Apps) -> RsaPublicKeyComponents<Vec<u8>> {
    let jwks = reqwest::get(apps.provider.url(Endpoint::Jwks))
        .await
        .expect("the issuer answers");
    let jwks: Value = serde_json::from_slice(&jwks.bytes().await.expect("a body")).expect("JSON");
    let number = |name: &str| {
        let text = jwks["keys"][0][name].as_str().expect("an RSA key");
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    RsaPublicKeyComponents {
        n: number("n"),
        e: number("e"),
    }
}
