//! An API that takes access tokens of an authorization server of other hands, which it introspects.
#![allow(clippy::unwrap_used)]

mod service;

use monocloud_runtime::settings::ClientAuthMethod;
use reqwest::{Method, StatusCode};
use serde_json::json;
use support::call;

use service::{ORDERS, Service};

const SCOPES: &str = "orders:read orders:write";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_the_api_passes_whichever_way_the_api_proves_who_it_is() {
    let service = Service::start().await;
    for method in [
        ClientAuthMethod::ClientSecretPost,
        ClientAuthMethod::ClientSecretBasic,
    ] {
        let api = service
            .api(|settings| settings.api_client_auth_method(method))
            .await;
        let good = service.tokens_of_user(ORDERS, SCOPES).await.access;
        for verb in [Method::GET, Method::POST] {
            let answer = call(&api, verb, "/orders", Some(&good)).await;
            answer.assert_has(&[("client_id", "site"), ("username", "ada")]);
            assert_eq!(answer.body["aud"], json!([ORDERS]));
        }
        // It tells no `sub`, and without one nobody is there.
        let me = call(&api, Method::GET, "/me", Some(&good)).await;
        assert_ne!(me.status, StatusCode::OK, "{me:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_clients_own_passes() {
    let service = Service::start().await;
    let api = service.api(|settings| settings).await;
    let own = service.token_of_client(ORDERS, "orders:read").await;
    let answer = call(&api, Method::GET, "/orders", Some(&own)).await;
    answer.assert_has(&[("client_id", "robot")]);
    let answer = call(&api, Method::POST, "/orders", Some(&own)).await;
    answer.assert_lacks("orders:write");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_would_not_have_either_is_refused() {
    let mut service = Service::start().await;
    let api = service.api(|settings| settings).await;
    let tokens = service.tokens_of_user(ORDERS, "openid orders:read").await;
    let [expired, revoked, of_family] = [
        service.token_of_client(ORDERS, SCOPES).await,
        service.token_of_client(ORDERS, SCOPES).await,
        tokens.access,
    ];
    service.peer.expire(&expired);
    service.revoke("robot", &revoked).await;
    service.revoke("site", &of_family).await;
    for wrong in [
        &expired,
        &revoked,
        &of_family,
        &tokens.refresh,
        &tokens.id,
        "garbage",
        "a.b.c",
    ] {
        let answer = call(&api, Method::GET, "/orders", Some(wrong)).await;
        answer.assert_is_invalid_token();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_api_or_for_none_is_refused() {
    let service = Service::start().await;
    let api = service.api(|settings| settings).await;
    for audience in ["https://stock.example.com", ""] {
        let wrong = service.token_of_client(audience, SCOPES).await;
        call(&api, Method::GET, "/orders", Some(&wrong))
            .await
            .assert_is_invalid_token();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_gone_is_no_fault_of_the_token() {
    let service = Service::start().await;
    let api = service.api(|settings| settings).await;
    let good = service.token_of_client(ORDERS, SCOPES).await;
    drop(service);
    let answer = call(&api, Method::GET, "/orders", Some(&good)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
}
