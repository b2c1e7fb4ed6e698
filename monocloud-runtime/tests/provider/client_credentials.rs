//! Tokens that a client gets for itself.

use monocloud_runtime::testing::{Endpoint, Provider, ProviderClient, SigningAlg};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::relying_party::*;

const ORDERS: &str = "https://orders.example.com";

async fn provider() -> Provider {
    let client = ProviderClient::new("robot")
        .id_token_alg(SigningAlg::Es256)
        .client_credentials(["orders:read", "orders:write"]);
    Provider::builder().default_client(client).start().await.unwrap()
}

async fn asked(provider: &Provider, fields: &[(&str, &str)]) -> (StatusCode, Value) {
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(fields);
    token(provider, &form).await
}

#[tokio::test]
async fn a_client_gets_a_token_that_speaks_for_itself_and_nothing_to_renew_it_with() {
    let provider = provider().await;
    let fields = [("resource", ORDERS), ("scope", "orders:read")];
    let (status, tokens) = asked(&provider, &fields).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!(tokens["scope"], "orders:read");
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    let (header, claims) = decoded(tokens["access_token"].as_str().unwrap());
    assert_eq!(header["typ"], "at+jwt");
    let expected = json!({
        "iss": provider.issuer(),
        "sub": "robot",
        "aud": ORDERS,
        "client_id": "robot",
        "scope": "orders:read",
        "iat": claims["iat"],
        "exp": claims["iat"].as_i64().unwrap() + 3_600,
        "jti": claims["jti"],
    });
    assert_eq!(Value::Object(claims), expected);
    // Nobody is behind it whom userinfo could tell of.
    assert_eq!(userinfo(&provider, &tokens).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn scopes_are_those_asked_for_that_the_client_may_have() {
    let provider = provider().await;
    for (scope, granted) in [
        ("", "orders:read orders:write"),
        ("orders:write", "orders:write"),
        ("orders:write orders:delete openid offline_access", "orders:write"),
        ("orders:write orders:read", "orders:read orders:write"),
    ] {
        let (status, tokens) = asked(&provider, &[("scope", scope), ("audience", "orders")]).await;
        assert_eq!((status, &tokens["scope"]), (StatusCode::OK, &json!(granted)));
        let (_, claims) = decoded(tokens["access_token"].as_str().unwrap());
        assert_eq!(
            (&claims["scope"], &claims["aud"]),
            (&json!(granted), &json!("orders"))
        );
    }
}

#[tokio::test]
async fn what_is_not_allowed_gets_no_token() {
    let provider = provider().await;
    provider.put_client(ProviderClient::new("site").secret_value("of the site"));
    let grant = ("grant_type", "client_credentials");
    let site = token_as(&provider, "site", "of the site", &[grant]).await;
    assert_eq!(site.status(), StatusCode::BAD_REQUEST);
    assert_eq!(json(site).await["error"], "unauthorized_client");
    let stranger = token_as(&provider, "robot", "a guess", &[grant]).await;
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    for (fields, error) in [
        (vec![("scope", "orders:delete")], "invalid_scope"),
        (vec![("resource", "orders")], "invalid_target"),
        (
            vec![("scope", "orders:read"), ("scope", "orders:write")],
            "invalid_request",
        ),
        (vec![("audience", "a"), ("audience", "b")], "invalid_request"),
    ] {
        let (status, body) = asked(&provider, &fields).await;
        assert_eq!((status, &body["error"]), (StatusCode::BAD_REQUEST, &json!(error)));
    }
}

#[tokio::test]
async fn a_token_without_a_flow_is_the_same() {
    let provider = provider().await;
    let (_, of_flow) = asked(&provider, &[("resource", ORDERS)]).await;
    let (_, mut of_flow) = decoded(of_flow["access_token"].as_str().unwrap());
    let straight = provider.client_credentials(ORDERS, &["orders:read", "orders:write"]);
    let (_, straight) = decoded(&straight);
    for varies in ["iat", "exp", "jti"] {
        of_flow.insert(varies.into(), straight[varies].clone());
    }
    assert_eq!(of_flow, straight);
}

#[tokio::test]
async fn the_metadata_lists_the_grant() {
    let metadata = fetch(&provider().await, Endpoint::Discovery).await;
    let grants = metadata["grant_types_supported"].as_array().unwrap();
    assert!(grants.contains(&json!("client_credentials")));
}
