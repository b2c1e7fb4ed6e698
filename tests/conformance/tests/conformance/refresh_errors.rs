//! How an issuer may refuse a refresh: the session ends where it says that the refresh token is no good, in whatever
//! shape, and for nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use monocloud_runtime::testing::{Endpoint, SigningAlg};
use reqwest::Method;

use crate::http_client::Changed;
use crate::rp::{Rp, Setup};

const JSON: &str = "application/json";
const REFUSED: (u16, &str) = (401, "refresh_refused");
const ENDPOINT: (u16, &str) = (502, "endpoint_error");
const MALFORMED: (u16, &str) = (502, "malformed_answer");
const AWAY: (u16, &str) = (503, "unreachable");

/// Somebody who is signed in at an issuer that answers every refresh like this.
async fn answering(answer: impl Fn(&mut Response<Vec<u8>>) + Send + Sync + 'static) -> Rp {
    let on = Arc::new(AtomicBool::new(false));
    let is_on = Arc::clone(&on);
    let answer = Arc::new(answer);
    let rp = Setup::new()
        .alg(SigningAlg::Es256)
        .settings(move |settings| {
            let (is_on, answer) = (Arc::clone(&is_on), Arc::clone(&answer));
            settings
                .scopes("openid profile offline_access")
                .http_client(Changed::new(move |path, response| {
                    if path == "/token" && is_on.load(Ordering::SeqCst) {
                        answer(response);
                    }
                }))
        })
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    on.store(true, Ordering::SeqCst);
    rp
}

async fn assert_answers(rp: &Rp, expected: (u16, &str), ends: bool, shape: &str) {
    let tokens = rp.app.at("/api/tokens");
    let page = rp.agent.fetch(Method::POST, &tokens).await;
    assert_eq!(page.status.as_u16(), expected.0, "{shape}: {page:?}");
    if expected.0 != 401 {
        assert_eq!(page.json()["error"], expected.1, "{shape}");
    }
    assert_eq!(rp.has_session(), !ends, "{shape}");
    // What is known is not asked again at once.
    rp.agent.fetch(Method::POST, &tokens).await;
    assert_eq!(rp.calls(Endpoint::Token), 2, "{shape}");
    assert_eq!(rp.has_session(), !ends, "{shape}");
}

#[tokio::test]
async fn the_session_ends_where_the_refresh_token_is_no_good_in_whatever_shape_that_is_said() {
    let good_as_new = r#"{"error":"invalid_grant"}"#;
    for (status, kind, body, expected, ends) in [
        (400, JSON, good_as_new, REFUSED, true),
        (401, JSON, good_as_new, REFUSED, true),
        (403, JSON, good_as_new, REFUSED, true),
        (400, "text/html", good_as_new, REFUSED, true),
        (
            400,
            JSON,
            "\u{feff} {\"error\":\"invalid_grant\",\"error_description\":7,\"error_uri\":null}",
            REFUSED,
            true,
        ),
        (
            400,
            JSON,
            r#"{"error":"invalid_grant","error":"invalid_grant"}"#,
            REFUSED,
            true,
        ),
        (
            400,
            "application/x-www-form-urlencoded",
            "error_description=x&error=invalid_grant",
            REFUSED,
            true,
        ),
        // It is said, and something else is as well.
        (400, JSON, r#"{"error":"INVALID_GRANT"}"#, ENDPOINT, false),
        (400, JSON, r#"{"error":"invalid_grants"}"#, ENDPOINT, false),
        (400, JSON, r#"{"error":["invalid_grant"]}"#, ENDPOINT, false),
        (
            400,
            JSON,
            r#"{"error":{"code":"invalid_grant"}}"#,
            ENDPOINT,
            false,
        ),
        (400, JSON, r#"{"error_code":"invalid_grant"}"#, ENDPOINT, false),
        (
            400,
            JSON,
            r#"{"error":"invalid_request","error_description":"invalid_grant"}"#,
            ENDPOINT,
            false,
        ),
        (400, JSON, r#"["invalid_grant"]"#, ENDPOINT, false),
        (400, JSON, r#""invalid_grant""#, ENDPOINT, false),
        (400, JSON, r#"{"error":"invalid_grant""#, ENDPOINT, false),
        (400, JSON, r#"{"error":null}"#, ENDPOINT, false),
        (400, JSON, r#"{"error":""}"#, ENDPOINT, false),
        (400, JSON, "{}", ENDPOINT, false),
        (400, "text/plain", "invalid_grant", ENDPOINT, false),
        (400, "text/html", "<title>invalid_grant</title>", ENDPOINT, false),
        (400, JSON, "", ENDPOINT, false),
        (401, JSON, "", ENDPOINT, false),
        (404, JSON, "{}", ENDPOINT, false),
        (418, JSON, "null", ENDPOINT, false),
        // Nobody looked at the token, or nobody knows.
        (500, JSON, good_as_new, AWAY, false),
        (502, "text/html", "<h1>Bad gateway</h1>", AWAY, false),
        (503, JSON, good_as_new, AWAY, false),
        (429, JSON, good_as_new, AWAY, false),
        (200, JSON, good_as_new, MALFORMED, false),
        (200, JSON, "", MALFORMED, false),
        (200, JSON, "null", MALFORMED, false),
        (200, JSON, "[]", MALFORMED, false),
        (200, JSON, "\"token\"", MALFORMED, false),
        (200, "text/html", "<p>Sign in</p>", MALFORMED, false),
        (204, JSON, "", ENDPOINT, false),
        (302, "text/html", "", ENDPOINT, false),
    ] {
        let rp = answering(move |response| {
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            *response.body_mut() = body.as_bytes().to_vec();
        })
        .await;
        assert_answers(&rp, expected, ends, &format!("{status} {kind} {body}")).await;
    }
}

#[tokio::test]
async fn what_a_challenge_says_counts_where_the_body_says_nothing() {
    for (challenge, body, expected, ends) in [
        ("Basic error=\"invalid_grant\"", "", REFUSED, true),
        ("Bearer realm=\"x\", error=invalid_grant", "{}", REFUSED, true),
        (
            "Basic error=\"invalid_grant\"",
            r#"{"error":"invalid_client"}"#,
            ENDPOINT,
            false,
        ),
        ("Basic realm=\"invalid_grant\"", "", ENDPOINT, false),
    ] {
        let rp = answering(move |response| {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            *response.body_mut() = body.as_bytes().to_vec();
        })
        .await;
        assert_answers(&rp, expected, ends, challenge).await;
    }
}
