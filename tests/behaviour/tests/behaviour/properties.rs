//! Random input, made of the pieces that parsers disagree about: no return URL leaves the app's origin, and no
//! cookie is an error of the server.

use http::HeaderValue;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::fixtures::{app, at_rest, settings};
use crate::return_urls::{Flow, apps, fits_a_header, through_headers, through_post_logout_url};

/// Strings of the pieces that parsers disagree about, and of anything else.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "/",
        "/",
        "//",
        "\\",
        "/\\",
        ":",
        "@",
        "?",
        "#",
        ".",
        "..",
        "/..",
        "/.",
        ";",
        "&",
        "=",
        "%",
        "%2f",
        "%5c",
        "%2e",
        "%00",
        "%09",
        "%0d%0a",
        "%40",
        "%3a",
        "\t",
        "\n",
        "\r",
        "\0",
        "\u{b}",
        "\u{7f}",
        " ",
        "http:",
        "https:",
        "HTTPS:",
        "http://",
        "https://",
        "javascript:",
        "data:",
        "blob:",
        "file:",
        "evil.example",
        "localhost",
        "localhost:3000",
        "app.example.com",
        "example.com",
        "/app",
        "user",
        "[::1]",
        "127.0.0.1",
        "\u{a0}",
        "\u{ff0f}",
        "\u{2215}",
        "\u{3002}",
        "\u{ff0e}",
        "\u{202e}",
        "ü",
        "é",
        "/api/auth/signout",
        "/page",
        "xn--",
        "\u{ad}",
        "\u{200b}",
        "\u{feff}",
    ]);
    let any_piece =
        prop_oneof![8 => pieces.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(any_piece, 0..9).prop_map(|pieces| pieces.concat())
}

fn run<V: std::fmt::Debug>(cases: u32, values: &impl Strategy<Value = V>, check: impl Fn(V)) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(values, |value| {
        check(value);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn three_thousand_random_ones_as_a_post_logout_url() {
    let (runtime, apps) = (runtime(), apps());
    run(3_000, &hostile(), |given| {
        for (auth, app) in &apps {
            runtime.block_on(through_post_logout_url(auth, app, &given));
        }
    });
}

#[test]
fn a_thousand_random_ones_as_the_page_of_a_script_or_a_form() {
    let (runtime, apps) = (runtime(), apps());
    run(
        1_000,
        &hostile().prop_filter("headers", |given| fits_a_header(given)),
        |given| {
            for (auth, app) in &apps {
                runtime.block_on(through_headers(auth, app, &given));
            }
        },
    );
}

#[test]
fn sixteen_hundred_random_ones_through_a_whole_sign_in() {
    let runtime = runtime();
    let flow = runtime.block_on(Flow::new());
    run(1_600, &hostile(), |given| runtime.block_on(flow.end(&given)));
}

/// Anything that a `Cookie` header can carry, often close to ours.
fn cookies() -> impl Strategy<Value = Vec<u8>> {
    let byte = any::<u8>().prop_filter("headers", |byte| {
        *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f)
    });
    let junk = prop::collection::vec(byte, 0..40);
    let piece = prop_oneof![
        2 => junk,
        3 => prop::sample::select(vec![
            "session=", "session.1=", "session.2=", "; ", ";", "=", "state.", "state.AAAAAAAAAAAAAAAA=", "AQE",
            "AQMA", "AQIAAAAA", "AgE", "AAAA", "____", "session.99=", "session.100=",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

#[test]
fn arbitrary_cookies_are_never_an_error_of_the_server() {
    let runtime = runtime();
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    run(3_000, &cookies(), |cookie| {
        for path in [
            "/",
            "/page",
            "/api/me",
            "/update",
            "/destroy",
            "/api/auth/userinfo",
            "/api/auth/signout",
            "/api/auth/callback?code=x&state=y",
        ] {
            let mut request = http::Request::get(path).body(axum::body::Body::empty()).unwrap();
            request
                .headers_mut()
                .insert("cookie", HeaderValue::from_bytes(&cookie).unwrap());
            let answer = runtime.block_on(crate::fixtures::send(&app, request));
            assert!(!answer.status.is_server_error(), "{path}: {answer:?}");
            assert_ne!((path, answer.status.as_u16()), ("/page", 200), "nobody gets in");
        }
    });
}
