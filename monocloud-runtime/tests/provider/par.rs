//! Pushed authorization requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use monocloud_runtime::testing::{Endpoint, Fault, Provider, ProviderClient};
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;
use url::Url;

use crate::relying_party::*;

/// Pushes the usual request with these changes, as the default client.
async fn push(provider: &Provider, changes: &[(&str, &str)]) -> (StatusCode, Value) {
    push_as(provider, provider.client_id(), provider.client_secret(), changes).await
}

async fn push_as(
    provider: &Provider,
    id: &str,
    secret: &str,
    changes: &[(&str, &str)],
) -> (StatusCode, Value) {
    let url = Url::parse(&authorize_url(provider, changes)).unwrap();
    let response = http()
        .post(provider.url(Endpoint::PushedAuthorization))
        .header(
            AUTHORIZATION,
            format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))),
        )
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(url.query().unwrap().to_owned())
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    (response.status(), json(response).await)
}

async fn open(browser: &mut Browser, provider: &Provider, pairs: &[(&str, &str)]) -> Page {
    browser
        .get(&format!(
            "{}?{}",
            provider.url(Endpoint::Authorize),
            encode(pairs)
        ))
        .await
}

#[tokio::test]
async fn a_pushed_request_signs_in_once() {
    let provider = Provider::builder().require_par(true).start().await.unwrap();
    let (status, body) = push(&provider, &[("login_hint", "mira")]).await;
    assert_eq!((status, &body["expires_in"]), (StatusCode::CREATED, &60.into()));
    let request_uri = body["request_uri"].as_str().unwrap();
    assert!(request_uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    let pairs = [("client_id", provider.client_id()), ("request_uri", request_uri)];
    let mut browser = Browser::new();
    let page = open(&mut browser, &provider, &pairs).await;
    let page = browser.answer(&provider, &page, &[("user", "mira")]).await;
    assert_eq!(page.sent("state").as_deref(), Some("the state"));
    let code = page.sent("code").unwrap();
    assert_eq!(token(&provider, &exchange(&code)).await.0, StatusCode::OK);

    let again = open(&mut browser, &provider, &pairs).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.body.contains("was used"), "{}", again.body);
}

#[tokio::test]
async fn a_request_uri_is_the_clients_own_and_stands_with_its_id_alone() {
    let other = ProviderClient::new("other");
    let provider = Provider::builder().client(other).start().await.unwrap();
    let id = provider.client_id();
    let (_, body) = push(&provider, &[]).await;
    let request_uri = body["request_uri"].as_str().unwrap();
    for pairs in [
        vec![("client_id", "other"), ("request_uri", request_uri)],
        vec![("request_uri", request_uri)],
        vec![
            ("client_id", id),
            ("request_uri", request_uri),
            ("scope", "openid"),
        ],
        vec![
            ("client_id", id),
            ("request_uri", request_uri),
            ("request_uri", request_uri),
        ],
        vec![
            ("client_id", id),
            ("request_uri", "urn:ietf:params:oauth:request_uri:x"),
        ],
        vec![("client_id", id), ("request_uri", "https://example.com/request")],
    ] {
        let page = open(&mut Browser::new(), &provider, &pairs).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{pairs:?}");
    }
    // None of them has used it up.
    let good = [("client_id", id), ("request_uri", request_uri)];
    assert_eq!(
        open(&mut Browser::new(), &provider, &good).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_request_uri_expires() {
    let now = Arc::new(AtomicI64::new(1_900_000_000));
    let clock = Arc::clone(&now);
    let builder = Provider::builder().clock(Arc::new(move || clock.load(Ordering::Relaxed)));
    let provider = builder.start().await.unwrap();
    let (_, body) = push(&provider, &[]).await;
    now.fetch_add(60, Ordering::Relaxed);
    let pairs = [
        ("client_id", provider.client_id()),
        ("request_uri", body["request_uri"].as_str().unwrap()),
    ];
    let page = open(&mut Browser::new(), &provider, &pairs).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_pushed_is_checked_at_once() {
    let provider = Provider::builder().require_pkce(true).start().await.unwrap();
    for (changes, error) in [
        (vec![("scope", "profile")], "invalid_scope"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (
            vec![("redirect_uri", "https://elsewhere.example.com")],
            "invalid_request",
        ),
        (
            vec![("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        (vec![("request_uri", "urn:x")], "invalid_request"),
        (vec![("client_id", "other")], "invalid_request"),
        (vec![("client_id", "")], "invalid_request"),
    ] {
        let (status, body) = push(&provider, &changes).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{changes:?}");
        assert_eq!(body["error"], error, "{changes:?} {body}");
    }
    let (status, body) = push_as(&provider, provider.client_id(), "wrong", &[]).await;
    assert_eq!(
        (status, &body["error"]),
        (StatusCode::UNAUTHORIZED, &"invalid_client".into())
    );
    let get = Browser::new()
        .get(&provider.url(Endpoint::PushedAuthorization))
        .await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_request_that_was_not_pushed_is_refused_where_that_is_required() {
    let provider = Provider::builder().require_par(true).start().await.unwrap();
    let metadata = fetch(&provider, Endpoint::Discovery).await;
    assert_eq!(metadata["require_pushed_authorization_requests"], true);
    assert_eq!(
        metadata["pushed_authorization_request_endpoint"],
        provider.url(Endpoint::PushedAuthorization)
    );
    let page = Browser::new().authorize(&provider, &[]).await;
    assert_eq!(page.sent("error").as_deref(), Some("invalid_request"));
    let usual = Provider::builder().start().await.unwrap();
    let metadata = fetch(&usual, Endpoint::Discovery).await;
    assert_eq!(metadata["require_pushed_authorization_requests"], false);
    assert_eq!(Browser::new().authorize(&usual, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn its_faults_are_its_own() {
    let provider = Provider::builder().start().await.unwrap();
    provider.fault(Fault::PushedAuthorizationError("access_denied".into()));
    let (status, body) = push(&provider, &[]).await;
    assert_eq!(
        (status, &body["error"]),
        (StatusCode::BAD_REQUEST, &"access_denied".into())
    );
    assert_eq!(
        Browser::new().authorize(&provider, &[]).await.status,
        StatusCode::OK
    );
    provider.clear_faults();
    provider.tamper_par_response(|body| body["request_uri"] = 7.into());
    assert_eq!(push(&provider, &[]).await.1["request_uri"], 7);
    provider.clear_faults();
    assert!(push(&provider, &[]).await.1["request_uri"].is_string());
}
