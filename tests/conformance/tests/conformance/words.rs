//! The log says what is wrong: the member at fault or the issuer's own words, and never a value or a secret.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use monocloud_runtime::testing::{Endpoint, Fault};
use serde_json::json;

use crate::http_client::Changed;
use crate::logging::{collect, failures};
use crate::rp::{CLIENT_SECRET, Rp, Setup};

/// Refuses one of the calls with this answer, and tells the status and the log.
async fn refused(
    path: &'static str,
    status: u16,
    body: &'static str,
    challenge: Option<&'static str>,
) -> (u16, String) {
    let log = collect();
    let rp = Setup::new()
        .settings(move |settings| {
            settings.http_client(Changed::new(move |asked, response| {
                if asked.starts_with(path) {
                    *response.status_mut() = StatusCode::from_u16(status).unwrap();
                    *response.body_mut() = body.into();
                    response.headers_mut().clear();
                    if let Some(challenge) = challenge {
                        let challenge = HeaderValue::from_static(challenge);
                        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                    }
                }
            }))
        })
        .start()
        .await;
    let page = rp.sign_in().await;
    assert!(!rp.has_session());
    for words in ["AADSTS", "maintenance"] {
        assert!(!page.body.contains(words), "{page:?}");
    }
    (page.status.as_u16(), log.text())
}

const DISCOVERY: &str = "/.well-known/";
const ENDPOINTS: [&str; 4] = [DISCOVERY, "/keys/", "/token", "/userinfo"];

#[tokio::test]
async fn what_the_issuer_says_is_in_the_log_at_every_endpoint() {
    for path in ENDPOINTS {
        let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: wrong","error_uri":"https://x.test/7"}"#;
        let (status, text) = refused(path, 401, body, None).await;
        assert_eq!(status, 502, "{path}");
        assert!(
            text.contains("invalid_client: AADSTS7000215: wrong (see https://x.test/7)"),
            "{path}: {text}"
        );
        // Also where the service is away.
        let body = r#"{"error":"temporarily_unavailable","error_description":"maintenance until noon"}"#;
        let (status, text) = refused(path, 503, body, None).await;
        assert_eq!(status, 503, "{path}");
        assert!(
            text.contains("503 Service Unavailable: temporarily_unavailable: maintenance until noon"),
            "{path}: {text}"
        );
    }
}

#[tokio::test]
async fn whatever_the_body_what_can_be_said_is_said() {
    for (body, words) in [
        ("", "400 Bad Request: the body is empty"),
        ("no such client", "400 Bad Request: no such client"),
        (
            "<html><title>Blocked</title></html>",
            "400 Bad Request: a page with the title",
        ),
        ("{}", "400 Bad Request"),
        (
            r#"{"message":"unknown tenant"}"#,
            "400 Bad Request: unknown tenant",
        ),
        (
            "error=invalid_client&error_description=wrong+secret",
            "invalid_client: wrong secret",
        ),
        (
            r#"{"error":"invalid_client","error_description":"cut off \ud83d","at":1e999}"#,
            "invalid_client: cut off",
        ),
        (
            r#"{"fault":{"faultstring":"unknown application"}}"#,
            "400 Bad Request: unknown application",
        ),
    ] {
        for path in ENDPOINTS {
            let (_, text) = refused(path, 400, body, None).await;
            assert!(text.contains(words), "{path} {body}: {text}");
        }
    }
}

/// The code's own error keeps its status and gains its reason.
/// Some issuers say 200 to everything.
#[tokio::test]
async fn an_error_under_a_status_of_success_is_in_the_log_at_every_endpoint() {
    for body in [
        r#"{"ok":false,"error":"invalid_client","error_description":"AADSTS7: wrong"}"#,
        r#"{"error":"invalid_client","error_description":"AADSTS7: wrong","sub":null,"issuer":null}"#,
    ] {
        for path in ENDPOINTS {
            let (status, text) = refused(path, 200, body, None).await;
            assert_eq!(status, 502, "{path}");
            assert!(
                text.contains("it says 200, and yet an error: invalid_client: AADSTS7: wrong"),
                "{path}: {text}"
            );
        }
    }
}

/// Such as of a site that answers every address with its start page.
#[tokio::test]
async fn a_page_in_place_of_the_metadata_says_what_to_look_at() {
    let (status, text) = refused(DISCOVERY, 200, "<!doctype html><title>Shop</title>", None).await;
    assert_eq!(status, 502);
    assert!(
        text.contains("it is not JSON") && text.contains("MONOCLOUD_AUTH_TENANT_DOMAIN"),
        "{text}"
    );
}

#[tokio::test]
async fn a_code_that_was_not_accepted_says_why() {
    let body = r#"{"error":"invalid_grant","error_description":"AADSTS54005: already redeemed"}"#;
    let (status, text) = refused("/token", 400, body, None).await;
    assert_eq!(status, 400);
    assert!(text.contains("AADSTS54005: already redeemed"), "{text}");
}

#[tokio::test]
async fn userinfo_that_does_not_take_the_token_names_the_setting() {
    for (body, challenge, words) in [
        ("", None, "401 Unauthorized"),
        (
            "",
            Some(r#"Bearer error="invalid_token", error_description="AADSTS50000: audience""#),
            "invalid_token: AADSTS50000: audience",
        ),
        (
            r#"{"error":"InvalidAuthenticationToken"}"#,
            None,
            "InvalidAuthenticationToken",
        ),
        ("<html>", None, "a page without a title"),
        ("", Some("Negotiate"), "the body is empty"),
    ] {
        let (status, text) = refused("/userinfo", 401, body, challenge).await;
        assert_eq!(status, 502);
        assert!(
            text.contains(words) && text.contains("MONOCLOUD_AUTH_USER_INFO=false"),
            "{text}"
        );
    }
}

/// Once signed in, it only means that the access token is over: the user is told as known.
#[tokio::test]
async fn a_refetch_with_an_access_token_that_is_over_tells_what_is_known() {
    let rp = Rp::start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp.provider.fault(Fault::Status(Endpoint::Userinfo, 401));
    for query in ["", "?refetch=true"] {
        let page = rp
            .agent
            .fetch(
                http::Method::GET,
                &rp.app.at(&format!("/api/auth/userinfo{query}")),
            )
            .await;
        assert_eq!(page.status, 200, "{page:?}");
        assert_eq!(page.json()["name"], "Mira Adler");
    }
    assert_eq!(rp.calls(Endpoint::Userinfo), 2);
}

/// An error that comes by way of the browser (RFC 6749 4.1.2.1).
#[tokio::test]
async fn a_refused_authorization_says_why_in_the_log_alone() {
    let log = collect();
    for (description, uri) in [
        (
            "AADSTS9002325: PKCE is required",
            Some("https://login.example.test/9002325"),
        ),
        ("two\nlines \u{202e}and\u{2028}more", None),
    ] {
        let rp = Rp::start().await;
        let page = rp.begin(&rp.agent).await;
        let asked = rp.provider.last_request(Endpoint::Authorize).unwrap();
        let state = asked.query("state").unwrap().to_owned();
        let mut callback = url::Url::parse(&rp.app.at("/api/auth/callback")).unwrap();
        callback
            .query_pairs_mut()
            .append_pair("error", "invalid_request")
            .append_pair(
                "error_description",
                &format!("{description}, {state} {}", "x".repeat(9_000)),
            )
            .append_pair("state", &state)
            .append_pair("iss", rp.provider.issuer());
        if let Some(uri) = uri {
            callback.query_pairs_mut().append_pair("error_uri", uri);
        }
        let page = rp.agent.follow(&page, callback.as_str()).await;
        rp.assert_refused(&page, 400);
        assert!(
            !page.body.contains("AADSTS") && !page.body.contains("lines"),
            "{page:?}"
        );
        let failed = failures(&log.text());
        assert!(!failed.contains(&state), "{failed}");
        assert!(!failed.contains(&"x".repeat(1_000)), "{failed}");
    }
    let failed = failures(&log.text());
    assert!(
        failed.contains("invalid_request: AADSTS9002325: PKCE is required"),
        "{failed}"
    );
    assert!(failed.contains("https://login.example.test/9002325"), "{failed}");
    assert!(failed.contains("two lines and more"), "{failed}");
}

/// Whatever was sent may come back in an error, and in any encoding.
#[tokio::test]
async fn what_was_sent_does_not_come_back_into_the_log() {
    for encode in [
        |secret: &str| secret.to_owned(),
        |secret: &str| url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>(),
        |secret: &str| {
            secret
                .bytes()
                .fold(String::new(), |text, byte| format!("{text}%{byte:02x}"))
        },
    ] {
        let log = collect();
        let rp = Setup::new()
            .settings(move |settings| {
                settings.http_client(crate::http_client::TokenEndpoint::new(move |request| {
                    let form: Vec<(String, String)> =
                        url::form_urlencoded::parse(request.body()).into_owned().collect();
                    let mut sent = vec![CLIENT_SECRET.to_owned()];
                    let basic = request.headers()["authorization"].to_str().unwrap();
                    sent.push(basic.strip_prefix("Basic ").unwrap().to_owned());
                    let secret = |(name, _): &&(String, String)| name == "code" || name == "code_verifier";
                    sent.extend(form.iter().filter(secret).map(|(_, value)| value.clone()));
                    assert_eq!(sent.len(), 4);
                    let echo = sent
                        .iter()
                        .map(|secret| encode(secret))
                        .collect::<Vec<_>>()
                        .join(" / ");
                    let body =
                        json!({ "error": "invalid_request", "error_description": echo, "error_uri": echo });
                    let mut response = http::Response::new(body.to_string().into_bytes());
                    *response.status_mut() = StatusCode::BAD_REQUEST;
                    response
                }))
            })
            .start()
            .await;
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 502);
        let failed = failures(&log.text());
        assert!(
            failed.contains("invalid_request: [cut] / [cut] / [cut] / [cut]"),
            "{failed}"
        );
    }
}
