//! What the authorization endpoint refuses, and whom it tells.

use monocloud_runtime::testing::{Provider, ProviderClient};
use reqwest::StatusCode;

use crate::relying_party::*;

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let client = ProviderClient::new("app").redirect_uri(CALLBACK);
    let registered = Provider::builder().default_client(client).start().await.unwrap();
    let open = Provider::builder().start().await.unwrap();
    let cases = [
        (&registered, "http://localhost:3000/api/auth/callback/"),
        (&registered, "http://localhost:3001/api/auth/callback"),
        (&open, "https://evil.example/callback"),
        (&open, "http://localhost.evil.example/"),
        (&open, "http://localhost@evil.example/"),
        (&open, "http://user@localhost/"),
        (&open, "http://localhost/#fragment"),
        (&open, "http://192.168.1.1/"),
        (&open, "javascript:alert(1)"),
        (&open, "/relative"),
        (&open, ""),
    ];
    for (provider, uri) in cases {
        let page = Browser::new().authorize(provider, &[("redirect_uri", uri)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{uri}");
        assert!(!page.headers.contains_key("location"));
    }
    for uri in [
        "http://127.0.0.1:1/x",
        "http://[::1]/x",
        "https://app.localhost:3000/x?y=z",
    ] {
        let page = Browser::new().authorize(&open, &[("redirect_uri", uri)]).await;
        assert_eq!(page.status, StatusCode::OK, "{uri}");
    }
    let page = Browser::new().authorize(&open, &[("client_id", "nobody")]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let twice = format!(
        "{}&redirect_uri=http%3A%2F%2Flocalhost",
        authorize_url(&open, &[])
    );
    assert_eq!(Browser::new().get(&twice).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn wrong_authorization_requests_are_answered_with_an_error() {
    let provider = Provider::builder().start().await.unwrap();
    let cases = [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "profile", "invalid_scope"),
        ("scope", "", "invalid_scope"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "dance", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("request", "a.b.c", "request_not_supported"),
        ("request_uri", "urn:x", "request_uri_not_supported"),
        ("id_token_hint", "a.b.c", "invalid_request"),
    ];
    for (name, value, error) in cases {
        let page = Browser::new().authorize(&provider, &[(name, value)]).await;
        assert_eq!(page.sent("error").as_deref(), Some(error), "{name}={value}");
        assert_eq!(page.sent("state").as_deref(), Some("the state"));
        assert_eq!(page.sent("iss").as_deref(), Some(provider.issuer()));
        assert!(page.sent("code").is_none());
    }
}
