//! Clients with access tokens.

use reqwest::Method;
use serde_json::{Value, json};

use crate::site::Site;

/// What a client is answered: status, challenge and JSON.
async fn call(site: &Site, method: Method, path: &str, token: &str) -> (u16, String, Value) {
    let request = reqwest::Client::new()
        .request(method.clone(), site.at(path))
        .header("authorization", format!("Bearer {token}"));
    let request = if method == Method::POST {
        request
            .header("content-type", "application/json")
            .body(r#"{"item":7}"#)
    } else {
        request
    };
    let answer = request.send().await.unwrap();
    let challenge = answer.headers().get("www-authenticate");
    let challenge = challenge.map_or("", |value| value.to_str().unwrap()).to_owned();
    let status = answer.status().as_u16();
    let body = answer.bytes().await.unwrap();
    (
        status,
        challenge,
        serde_json::from_slice(&body).unwrap_or_default(),
    )
}

#[tokio::test]
async fn an_order_is_for_whoever_may_write_orders() {
    let site = Site::start().await;
    let audience = site.at("");
    let writes = site.provider.access_token("lin", &audience, &["orders:write"]);
    let (status, _, order) = call(&site, Method::POST, "/api/orders", &writes).await;
    assert_eq!((status, order), (201, json!({ "item": 7 })));
    let on_its_own = site.provider.client_credentials(&audience, &["orders:write"]);
    assert_eq!(call(&site, Method::POST, "/api/orders", &on_its_own).await.0, 201);
    let reads = site.provider.access_token("lin", &audience, &["orders:read"]);
    let (status, challenge, _) = call(&site, Method::POST, "/api/orders", &reads).await;
    assert_eq!(status, 403);
    assert!(
        challenge.contains("insufficient_scope") && challenge.contains("orders:write"),
        "{challenge}"
    );
    let elsewhere = site
        .provider
        .access_token("lin", "https://orders.example.com", &["orders:write"]);
    let (status, challenge, _) = call(&site, Method::POST, "/api/orders", &elsewhere).await;
    assert_eq!(status, 401);
    assert!(challenge.contains("invalid_token"), "{challenge}");
}

#[tokio::test]
async fn a_session_writes_orders_too() {
    let site = Site::with("mira").await;
    let order = json!({ "item": 7 });
    let answer = site.fetch(Method::POST, "/api/orders", Some(order.clone())).await;
    assert_eq!(answer, (201, order));
    let (status, mistake) = site.fetch(Method::POST, "/api/orders", Some(json!([1]))).await;
    assert_eq!((status, &mistake["error"]), (400, &json!("invalid_request")));
    let site = Site::start().await;
    assert_eq!(
        site.fetch(Method::POST, "/api/orders", Some(json!({}))).await.0,
        401
    );
}

#[tokio::test]
async fn what_is_for_clients_is_for_no_session() {
    let site = Site::with("mira").await;
    let (status, challenge) = site.challenge("/api/bearer").await;
    assert_eq!(status, 401);
    let metadata = challenge
        .split('"')
        .find(|part| part.contains("/.well-known/"))
        .unwrap();
    let (status, document) = site.get(metadata.strip_prefix(&site.at("")).unwrap()).await;
    assert_eq!((status, &document["resource"]), (200, &json!(site.at(""))));
    // Those of every guard in the program, which here has the tests' own beside it.
    let scopes = document["scopes_supported"].as_array().unwrap();
    assert!(scopes.contains(&json!("orders:write")), "{document}");
    let token = site.provider.access_token("lin", &site.at(""), &[]);
    let (status, _, claims) = call(&site, Method::GET, "/api/bearer", &token).await;
    assert_eq!((status, &claims["sub"]), (200, &json!("lin")));
}

#[tokio::test]
async fn the_token_that_the_session_gets_for_this_site_works_here() {
    let site = Site::with("tomas").await;
    let query = format!("/api/tokens?resource={}&scopes=orders:write", site.at(""));
    let (status, tokens) = site.get(&query).await;
    assert_eq!(status, 200, "{tokens}");
    let token = tokens["accessToken"].as_str().unwrap();
    let (status, _, claims) = call(&site, Method::GET, "/api/bearer", token).await;
    assert_eq!(
        (status, &claims["sub"], &claims["scope"]),
        (200, &json!("tomas"), &json!("orders:write"))
    );
}
