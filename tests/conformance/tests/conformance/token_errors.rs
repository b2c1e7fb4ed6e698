//! Errors of the token endpoint: their bodies may be anything (RFC 6749 5.2 says what they should be).

use http::{Request, Response, StatusCode};
use monocloud_runtime::testing::Endpoint;

use crate::http_client::TokenEndpoint;
use crate::logging::collect;
use crate::rp::{Rp, Setup};

async fn answered(
    answer: impl Fn(&Request<Vec<u8>>) -> Response<Vec<u8>> + Clone + Send + Sync + 'static,
) -> (Rp, support::Page) {
    let rp = Setup::new()
        .settings(move |settings| settings.http_client(TokenEndpoint::new(answer.clone())))
        .start()
        .await;
    let page = rp.sign_in().await;
    assert_eq!(rp.calls(Endpoint::Userinfo), 0);
    (rp, page)
}

fn response(status: u16, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

#[tokio::test]
async fn an_error_whose_body_is_anything_is_an_answer_that_cannot_be_used() {
    let bodies: [&[u8]; 14] = [
        b"",
        b"<html><body>Bad Request</body></html>",
        b"null",
        b"[]",
        b"{}",
        b"7",
        b"{\"error\":7}",
        b"{\"error\":null}",
        b"{\"error\":\"\"}",
        b"{\"error\":{\"code\":\"invalid_grant\"}}",
        b"{\"error\":\"a code\\nof two lines\",\"error_description\":[]}",
        b"{\"error\":\"invalid_client\",\"error_uri\":\"not a url\"}",
        b"\xff\xfe\x00",
        b"{\"access_token\":\"x\",\"token_type\":\"Bearer\",\"id_token\":\"e30.e30.\"}",
    ];
    for body in bodies {
        for status in [400, 401, 418] {
            let (rp, page) = answered(move |_| response(status, body)).await;
            rp.assert_refused(&page, 502);
        }
    }
}

/// Neither is a success that has nothing to say, nor a redirect.
#[tokio::test]
async fn a_status_that_is_no_answer_is_one_that_cannot_be_used() {
    for status in [201, 202, 204, 206, 301, 302, 303, 307, 308] {
        let (rp, page) = answered(move |_| response(status, "")).await;
        rp.assert_refused(&page, 502);
    }
    let (rp, page) = answered(|_| response(200, "")).await;
    rp.assert_refused(&page, 502);
    let (rp, page) = answered(|_| response(200, "{\"error\":\"invalid_grant\"}")).await;
    rp.assert_refused(&page, 502);
}

/// An error body of a service that is away is not read at all.
#[tokio::test]
async fn a_service_that_is_away_is_away_whatever_it_says() {
    for body in ["", "<html>", "{\"error\":\"invalid_grant\"}"] {
        for status in [429, 500, 502, 503, 504] {
            let (rp, page) = answered(move |_| response(status, body)).await;
            rp.assert_refused(&page, 503);
        }
    }
}

/// An issuer may repeat in its error what it was sent. That must not end up in the log.
#[tokio::test]
async fn an_error_that_repeats_the_request_is_not_logged() {
    let log = collect();
    let sent: std::sync::Arc<std::sync::Mutex<Vec<String>>> = std::sync::Arc::default();
    let seen = sent.clone();
    let (rp, page) = answered(move |request| {
        let form: Vec<(String, String)> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        let code = form.iter().find(|(name, _)| name == "code").unwrap().1.clone();
        let verifier = form
            .iter()
            .find(|(name, _)| name == "code_verifier")
            .unwrap()
            .1
            .clone();
        let body = serde_json::json!({ "error": code, "error_description": verifier }).to_string();
        seen.lock().unwrap().extend([code, verifier]);
        response(400, body)
    })
    .await;
    rp.assert_refused(&page, 502);
    let text = log.text();
    assert!(text.contains("the token endpoint refused the call"), "{text}");
    let sent = sent.lock().unwrap();
    assert_eq!(sent.len(), 2);
    for secret in sent.iter() {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
