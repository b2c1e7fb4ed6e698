//! Access tokens: opaque, and JWTs for the APIs that they were asked for.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::testing::{Endpoint, Fault, Provider, ProviderBuilder, ProviderClient, SigningAlg};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::relying_party::*;

const ORDERS: &str = "https://orders.example.com";
const STOCK: &str = "https://stock.example.com";

fn builder() -> ProviderBuilder {
    let client = ProviderClient::new("app").id_token_alg(SigningAlg::Es256);
    Provider::builder().default_client(client)
}

/// The token response of a sign-in that names both resources, and whose code is exchanged for these.
async fn exchanged(provider: &Provider, resources: &[&str]) -> Value {
    let asked = [
        ("scope", "openid offline_access orders:read"),
        ("resource", ORDERS),
        ("resource", STOCK),
        ("acr_values", "urn:mfa"),
    ];
    let code = Browser::new().code(provider, &asked).await;
    let mut form = exchange(&code);
    form.extend(resources.iter().map(|resource| ("resource", *resource)));
    good(token(provider, &form).await)
}

/// The same of a refresh.
async fn refreshed(provider: &Provider, tokens: &Value, form: &[(&str, &str)]) -> Value {
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let mut form = form.to_vec();
    form.extend([("grant_type", "refresh_token"), ("refresh_token", refresh_token)]);
    good(token(provider, &form).await)
}

fn good((status, tokens): (StatusCode, Value)) -> Value {
    assert_eq!(status, StatusCode::OK, "{tokens}");
    tokens
}

fn access_token(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

fn is_opaque(tokens: &Value) -> bool {
    !access_token(tokens).contains('.')
}

#[tokio::test]
async fn a_token_for_a_resource_is_a_jwt_that_the_published_key_signed() {
    let provider = builder().start().await.unwrap();
    let tokens = exchanged(&provider, &[ORDERS]).await;
    let (header, claims) = decoded(access_token(&tokens));
    let jwks = fetch(&provider, Endpoint::Jwks).await;
    let key = &jwks["keys"][0];
    assert_eq!(
        Value::Object(header),
        json!({ "typ": "at+jwt", "alg": "ES256", "kid": key["kid"] })
    );
    let (_, of_id_token) = id_token(&tokens);
    let expected = json!({
        "iss": provider.issuer(),
        "sub": "mira",
        "aud": ORDERS,
        "client_id": "app",
        "scope": "openid offline_access orders:read",
        "iat": of_id_token["iat"],
        "exp": of_id_token["iat"].as_i64().unwrap() + 3_600,
        "jti": claims["jti"],
        "auth_time": of_id_token["auth_time"],
        "groups": ["admin", "editor"],
        "acr": "urn:mfa",
    });
    assert_eq!(Value::Object(claims), expected);
    assert!(expected["jti"].as_str().is_some_and(|jti| jti.len() >= 16));

    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let point = [vec![4], number("x"), number("y")].concat();
    let (signed, signature) = access_token(&tokens).rsplit_once('.').unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .unwrap();
}

#[tokio::test]
async fn a_refresh_gives_tokens_for_other_resources_and_scopes() {
    let provider = builder().start().await.unwrap();
    let first = exchanged(&provider, &[]).await;
    assert!(is_opaque(&first), "no resource was named");
    let both = [
        ("resource", ORDERS),
        ("resource", STOCK),
        ("scope", "orders:read"),
    ];
    let second = refreshed(&provider, &first, &both).await;
    let (_, claims) = decoded(access_token(&second));
    assert_eq!(claims["aud"], json!([ORDERS, STOCK]));
    assert_eq!(claims["scope"], "orders:read");
    let third = refreshed(&provider, &second, &[("resource", STOCK)]).await;
    let (_, of_third) = decoded(access_token(&third));
    assert_eq!(of_third["aud"], STOCK);
    assert_ne!(of_third["jti"], claims["jti"]);
    let fourth = refreshed(&provider, &third, &[]).await;
    assert!(is_opaque(&fourth));
}

#[tokio::test]
async fn a_resource_may_want_opaque_tokens() {
    let provider = builder().opaque_resources([STOCK]).start().await.unwrap();
    for (resources, expected) in [
        (vec![STOCK], true),
        (vec![ORDERS], false),
        (vec![ORDERS, STOCK], true),
    ] {
        let tokens = exchanged(&provider, &resources).await;
        assert_eq!(is_opaque(&tokens), expected, "{resources:?}");
    }
}

#[tokio::test]
async fn an_audience_is_an_api_of_any_name_for_the_whole_sign_in() {
    let provider = builder().start().await.unwrap();
    let asked = [("audience", "orders"), ("scope", "openid offline_access")];
    let code = Browser::new().code(&provider, &asked).await;
    let first = good(token(&provider, &exchange(&code)).await);
    assert_eq!(decoded(access_token(&first)).1["aud"], "orders");
    let second = refreshed(&provider, &first, &[]).await;
    assert_eq!(decoded(access_token(&second)).1["aud"], "orders");
    let third = refreshed(&provider, &second, &[("audience", "orders")]).await;
    assert_eq!(decoded(access_token(&third)).1["aud"], "orders");
    let other = [
        ("grant_type", "refresh_token"),
        ("refresh_token", third["refresh_token"].as_str().unwrap()),
        ("audience", "stock"),
    ];
    let (status, body) = token(&provider, &other).await;
    assert_eq!(
        (status, &body["error"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_target"))
    );
}

#[tokio::test]
async fn a_token_for_an_api_needs_no_sign_in_to_the_client() {
    let provider = builder().start().await.unwrap();
    let asked = [("resource", ORDERS), ("scope", "orders:read")];
    let code = Browser::new().code(&provider, &asked).await;
    let mut form = exchange(&code);
    form.push(("resource", ORDERS));
    let tokens = good(token(&provider, &form).await);
    assert!(tokens.get("id_token").is_none(), "{tokens}");
    let (_, claims) = decoded(access_token(&tokens));
    assert_eq!(
        (&claims["sub"], &claims["scope"]),
        (&json!("mira"), &json!("orders:read"))
    );
    assert_eq!(userinfo(&provider, &tokens).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn groups_are_told_unless_the_provider_tells_none() {
    for told in [true, false] {
        let provider = builder().groups_claim(told).start().await.unwrap();
        let (_, claims) = decoded(&provider.access_token("tomas", ORDERS, &[]));
        assert_eq!(
            claims.get("groups"),
            told.then_some(&json!(["editor"])),
            "{claims:?}"
        );
    }
}

#[tokio::test]
async fn a_token_without_a_flow_is_like_one_of_a_flow() {
    let provider = builder().opaque_resources([STOCK]).start().await.unwrap();
    let of_flow = exchanged(&provider, &[ORDERS]).await;
    let straight = provider.access_token("mira", ORDERS, &["openid", "offline_access", "orders:read"]);
    let [(header, of_flow), (same, mut straight_claims)] = [access_token(&of_flow), &straight].map(decoded);
    assert_eq!(header, same);
    straight_claims.insert("acr".into(), json!("urn:mfa"));
    for varies in ["iat", "exp", "auth_time", "jti"] {
        assert!(straight_claims.contains_key(varies), "{varies}");
        straight_claims.insert(varies.into(), of_flow[varies].clone());
    }
    assert_eq!(straight_claims, of_flow);
    let opaque = json!({ "access_token": provider.access_token("mira", STOCK, &["openid"]) });
    assert!(is_opaque(&opaque));
    assert_eq!(userinfo(&provider, &opaque).await.0, StatusCode::OK);
    provider.revoke(access_token(&opaque));
    assert_eq!(userinfo(&provider, &opaque).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
#[should_panic(expected = "there is no user `nobody`")]
async fn nobody_gets_no_token() {
    let provider = builder().start().await.unwrap();
    provider.access_token("nobody", ORDERS, &[]);
}

#[tokio::test]
async fn a_jwt_is_known_to_the_provider_as_any_token_is() {
    let provider = builder().start().await.unwrap();
    let tokens = exchanged(&provider, &[ORDERS]).await;
    let (status, user) = userinfo(&provider, &tokens).await;
    assert_eq!((status, &user["sub"]), (StatusCode::OK, &json!("mira")));
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    good(token(&provider, &form).await);
    // The refresh token comes back, and the whole family is over.
    assert_eq!(token(&provider, &form).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(userinfo(&provider, &tokens).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_jwt_has_no_kid_where_nothing_has_one() {
    let provider = builder().start().await.unwrap();
    provider.fault(Fault::NoKid);
    let (header, _) = decoded(access_token(&exchanged(&provider, &[ORDERS]).await));
    assert!(!header.contains_key("kid"));
}
