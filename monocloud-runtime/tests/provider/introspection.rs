//! What the introspection endpoint tells, to whom, and of which tokens it tells nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use monocloud_runtime::testing::{ClientAuth, Endpoint, Provider, ProviderClient, ProviderUser, SigningAlg};
use reqwest::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::assertions;
use crate::relying_party::*;

pub(crate) const ORDERS: &str = "https://orders.example.com";
const STOCK: &str = "https://stock.example.com";
/// The clients' secret, which is long enough for an HMAC.
pub(crate) const SECRET: &str = "a-secret-that-the-site-the-API-and-a-stranger-all-have";

/// A site, the API `orders`, and a client that has nothing to do with either.
pub(crate) async fn provider() -> Provider {
    let client = |id| {
        ProviderClient::new(id)
            .secret_value(SECRET)
            .id_token_alg(SigningAlg::Es256)
    };
    Provider::builder()
        .default_client(client("site"))
        .client(client("orders-api").audience(ORDERS))
        .client(client("stranger"))
        .opaque_resources([ORDERS])
        .start()
        .await
        .unwrap()
}

pub(crate) fn request(provider: &Provider, form: &[(&str, &str)]) -> RequestBuilder {
    post(provider, Endpoint::Introspection, form)
}

/// What a client is told of a token.
pub(crate) async fn told(provider: &Provider, client: &str, token: &str) -> Value {
    let request = request(provider, &[("token", token)]).basic_auth(client, Some(SECRET));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["cache-control"], "no-store");
    json(response).await
}

async fn is_inactive(provider: &Provider, client: &str, token: &str) {
    let told = told(provider, client, token).await;
    assert_eq!(told, json!({ "active": false }), "{client}: {token}");
}

#[tokio::test]
async fn a_token_is_told_to_its_client_and_to_the_api_that_it_is_for() {
    let provider = provider().await;
    let opaque = provider.access_token("mira", ORDERS, &["orders:read", "orders:write"]);
    for client in ["site", "orders-api"] {
        let told = told(&provider, client, &opaque).await;
        let expected = json!({
            "active": true,
            "token_type": "Bearer",
            "iss": provider.issuer(),
            "sub": "mira",
            "aud": ORDERS,
            "client_id": "site",
            "scope": "orders:read orders:write",
            "iat": told["iat"],
            "exp": told["iat"].as_i64().unwrap() + 3_600,
            "jti": told["jti"],
            "auth_time": told["auth_time"],
            "groups": ["admin", "editor"],
        });
        assert_eq!(told, expected);
    }
    is_inactive(&provider, "stranger", &opaque).await;
    is_inactive(
        &provider,
        "orders-api",
        &provider.access_token("mira", STOCK, &[]),
    )
    .await;
}

#[tokio::test]
async fn of_a_jwt_is_told_what_stands_in_it() {
    let provider = provider().await;
    for jwt in [
        provider.access_token("mira", STOCK, &["stock:read"]),
        provider.client_credentials(STOCK, &["stock:read"]),
    ] {
        let (_, mut claims) = decoded(&jwt);
        claims.insert("active".into(), json!(true));
        claims.insert("token_type".into(), json!("Bearer"));
        assert_eq!(told(&provider, "site", &jwt).await, Value::Object(claims));
    }
}

#[tokio::test]
async fn what_is_over_is_inactive() {
    let clock = Arc::new(AtomicI64::new(1_900_000_000));
    let told_by = Arc::clone(&clock);
    let client = ProviderClient::new("site").secret_value(SECRET);
    let provider = Provider::builder()
        .default_client(client)
        .opaque_resources([ORDERS])
        .clock(Arc::new(move || told_by.load(Ordering::SeqCst)))
        .start()
        .await
        .unwrap();
    let issue = || provider.access_token("mira", ORDERS, &[]);
    let (expires, revoked, revoked_here) = (issue(), issue(), issue());
    let refreshed = tokens(&provider, &[("scope", "openid offline_access")]).await;
    let of = |name: &str| refreshed[name].as_str().unwrap().to_owned();
    for token in [&expires, &revoked, &revoked_here, &of("access_token")] {
        assert_eq!(told(&provider, "site", token).await["active"], true);
    }

    provider.revoke(&revoked);
    is_inactive(&provider, "site", &revoked).await;
    let form = [("token", revoked_here.as_str())];
    let request = post(&provider, Endpoint::Revocation, &form);
    let request = request.basic_auth("site", Some(SECRET));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    is_inactive(&provider, "site", &revoked_here).await;

    provider.revoke(&of("refresh_token"));
    is_inactive(&provider, "site", &of("refresh_token")).await;
    is_inactive(&provider, "site", &of("access_token")).await;

    clock.fetch_add(3_600, Ordering::SeqCst);
    is_inactive(&provider, "site", &expires).await;

    provider.put_user(ProviderUser::new("leaves"));
    let of_user = provider.access_token("leaves", ORDERS, &[]);
    provider.remove_user("leaves");
    is_inactive(&provider, "site", &of_user).await;
}

#[tokio::test]
async fn a_refresh_token_has_no_type_and_is_told_to_its_client_alone() {
    let provider = provider().await;
    let tokens = tokens(&provider, &[("scope", "openid offline_access")]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let told = told(&provider, "site", token).await;
    assert_eq!((&told["active"], &told["sub"]), (&json!(true), &json!("mira")));
    assert!(
        told.get("token_type").is_none() && told.get("aud").is_none(),
        "{told}"
    );
    is_inactive(&provider, "stranger", token).await;
}

#[tokio::test]
async fn what_is_no_token_of_the_provider_is_inactive() {
    let provider = provider().await;
    let other = Provider::builder().start().await.unwrap();
    let id_token = tokens(&provider, &[]).await["id_token"]
        .as_str()
        .unwrap()
        .to_owned();
    for token in [
        "garbage",
        "a.b.c",
        &id_token,
        &other.access_token("mira", ORDERS, &[]),
    ] {
        is_inactive(&provider, "site", token).await;
    }
}

#[tokio::test]
async fn only_clients_that_prove_who_they_are_may_ask() {
    let provider = provider().await;
    let token = provider.access_token("mira", ORDERS, &[]);
    let form = [("token", token.as_str())];
    let nobody = request(&provider, &form).send().await.unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    for wrong in [
        request(&provider, &form).basic_auth("site", Some("a guess")),
        request(&provider, &form).header(AUTHORIZATION, format!("Bearer {token}")),
    ] {
        let response = wrong.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(response.headers().contains_key(WWW_AUTHENTICATE));
        assert_eq!(json(response).await["error"], "invalid_client");
    }
    for form in [vec![], vec![("token", "a"), ("token", "b")]] {
        let request = request(&provider, &form).basic_auth("site", Some(SECRET));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(json(response).await["error"], "invalid_request");
    }
    let get = http().get(provider.url(Endpoint::Introspection)).send().await;
    assert_eq!(get.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn every_method_of_the_token_endpoint_is_one_here() {
    let key = assertions::Key::new();
    for client in [
        ProviderClient::new("site").auth_method(ClientAuth::SecretBasic),
        ProviderClient::new("site").auth_method(ClientAuth::SecretPost),
        ProviderClient::new("site").auth_method(ClientAuth::SecretJwt),
        ProviderClient::new("site").public_key(key.jwk()),
    ] {
        let provider = assertions::provider(client.secret_value(SECRET)).await;
        let token = provider.access_token("mira", ORDERS, &[]);
        let secret = assertions::with_secret(SECRET, &assertions::claims(&provider, "1"));
        let header = json!({ "alg": "ES256", "kid": "1" });
        let private = key.sign(&header, &assertions::claims(&provider, "1"));
        let form = |more: &[(&str, &str)]| request(&provider, &[&[("token", token.as_str())], more].concat());
        let with_assertion = |assertion| {
            form(&[
                ("client_assertion_type", assertions::TYPE),
                ("client_assertion", assertion),
            ])
        };
        let mut accepted = 0;
        for request in [
            form(&[]).basic_auth("site", Some(SECRET)),
            form(&[("client_id", "site"), ("client_secret", SECRET)]),
            with_assertion(&secret),
            with_assertion(&private),
        ] {
            let response = request.send().await.unwrap();
            if response.status() == StatusCode::OK {
                assert_eq!(json(response).await["active"], true);
                accepted += 1;
            } else {
                assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
            }
        }
        assert_eq!(accepted, 1, "the one that is registered");
    }
}

#[tokio::test]
async fn the_metadata_tells_where_and_how_to_ask() {
    let metadata = fetch(&provider().await, Endpoint::Discovery).await;
    assert!(
        metadata["introspection_endpoint"]
            .as_str()
            .unwrap()
            .ends_with("/introspect")
    );
    for what in ["auth_methods", "auth_signing_alg_values"] {
        let of = |endpoint: &str| &metadata[format!("{endpoint}_endpoint_{what}_supported")];
        assert!(of("token").is_array());
        assert_eq!(of("introspection"), of("token"));
    }
    let algs = metadata["introspection_signing_alg_values_supported"].as_array();
    assert!(algs.unwrap().contains(&json!("ES256")));

    let without = Provider::builder().without_endpoint(Endpoint::Introspection);
    let without = without.start().await.unwrap();
    let metadata = fetch(&without, Endpoint::Discovery).await;
    let members = metadata.as_object().unwrap().keys();
    assert_eq!(
        members
            .filter(|name| name.starts_with("introspection_endpoint"))
            .count(),
        0
    );
    let gone = request(&without, &[("token", "a")]).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}
