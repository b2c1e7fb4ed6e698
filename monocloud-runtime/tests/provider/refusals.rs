//! What the token and userinfo endpoints refuse, and how.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use monocloud_runtime::testing::{ClientAuth, Endpoint, Provider, ProviderClient};
use reqwest::StatusCode;
use serde_json::Value;

use crate::relying_party::*;

/// Replaces one field of a form; an empty value takes it away.
fn changed<'a>(form: Pairs<'a>, (name, value): (&'a str, &'a str)) -> Pairs<'a> {
    let mut form: Pairs = form.into_iter().filter(|(key, _)| *key != name).collect();
    form.extend((!value.is_empty()).then_some((name, value)));
    form
}

fn is_error((status, body): &(StatusCode, Value), expected: u16, error: &str) {
    assert_eq!(status.as_u16(), expected, "{body}");
    assert_eq!(body["error"], error, "{body}");
    assert!(body["error_description"].is_string());
}

#[tokio::test]
async fn a_code_is_good_for_one_exact_exchange() {
    let provider = Provider::builder().start().await.unwrap();
    let wrong = [
        (
            "code_verifier",
            "another-verifier-that-is-also-long-enough-for-pkce",
        ),
        ("code_verifier", ""),
        ("redirect_uri", "http://localhost:3000/other"),
        ("redirect_uri", ""),
    ];
    for change in wrong {
        let code = Browser::new().code(&provider, &[]).await;
        let answer = token(&provider, &changed(exchange(&code), change)).await;
        is_error(&answer, 400, "invalid_grant");
        // The failed try has burnt the code.
        is_error(&token(&provider, &exchange(&code)).await, 400, "invalid_grant");
    }
    is_error(
        &token(&provider, &exchange("unknown")).await,
        400,
        "invalid_grant",
    );
    let missing = changed(exchange("x"), ("code", ""));
    is_error(&token(&provider, &missing).await, 400, "invalid_request");
    let other = changed(exchange("x"), ("grant_type", "password"));
    is_error(&token(&provider, &other).await, 400, "unsupported_grant_type");
    let twice = [exchange("x"), vec![("code", "y")]].concat();
    is_error(&token(&provider, &twice).await, 400, "invalid_request");
}

#[tokio::test]
async fn a_code_used_twice_takes_its_tokens_along() {
    let provider = Provider::builder().start().await.unwrap();
    let code = Browser::new().code(&provider, &[]).await;
    let (_, tokens) = token(&provider, &exchange(&code)).await;
    assert_eq!(userinfo(&provider, &tokens).await.0, StatusCode::OK);
    is_error(&token(&provider, &exchange(&code)).await, 400, "invalid_grant");
    is_error(&userinfo(&provider, &tokens).await, 401, "invalid_token");
}

#[tokio::test]
async fn codes_and_tokens_expire() {
    let now = Arc::new(AtomicI64::new(1_900_000_000));
    let clock = Arc::clone(&now);
    let provider = Provider::builder()
        .clock(Arc::new(move || clock.load(Ordering::Relaxed)))
        .access_token_lifetime(Duration::from_mins(5))
        .start()
        .await
        .unwrap();
    let code = Browser::new().code(&provider, &[]).await;
    now.fetch_add(60, Ordering::Relaxed);
    is_error(&token(&provider, &exchange(&code)).await, 400, "invalid_grant");
    let tokens = tokens(&provider, &[]).await;
    now.fetch_add(299, Ordering::Relaxed);
    assert_eq!(userinfo(&provider, &tokens).await.0, StatusCode::OK);
    now.fetch_add(1, Ordering::Relaxed);
    is_error(&userinfo(&provider, &tokens).await, 401, "invalid_token");
}

#[tokio::test]
async fn a_challenge_cannot_be_taken_away() {
    let provider = Provider::builder().start().await.unwrap();
    let plain = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = Browser::new().code(&provider, &plain).await;
    is_error(&token(&provider, &exchange(&code)).await, 400, "invalid_grant");
    let code = Browser::new().code(&provider, &plain).await;
    let form = changed(exchange(&code), ("code_verifier", ""));
    assert_eq!(token(&provider, &form).await.0, StatusCode::OK);

    let strict = Provider::builder().require_pkce(true).start().await.unwrap();
    let page = Browser::new().authorize(&strict, &plain).await;
    assert_eq!(page.sent("error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn only_the_registered_client_authentication_is_accepted() {
    let post = ProviderClient::new("post")
        .secret_value("secret")
        .auth_method(ClientAuth::SecretPost);
    let provider = Provider::builder().client(post).start().await.unwrap();
    let url = provider.url(Endpoint::Token);
    let (id, secret) = (provider.client_id(), provider.client_secret());
    let mut browser = Browser::new();

    for (id, secret) in [(id, "wrong"), ("nobody", secret), ("post", "secret"), (id, "")] {
        let answer = token_as(&provider, id, secret, &exchange("code")).await;
        assert!(
            answer.headers()["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Basic ")
        );
        let answer = (answer.status(), json(answer).await);
        is_error(&answer, 401, "invalid_client");
    }
    for (id, secret) in [
        (id, secret),
        ("post", "wrong"),
        ("nobody", "secret"),
        ("post", ""),
    ] {
        let form = [
            exchange("code"),
            vec![("client_id", id), ("client_secret", secret)],
        ]
        .concat();
        let page = browser.post(&url, &form).await;
        assert!(!page.headers.contains_key("www-authenticate"));
        let answer = (page.status, serde_json::from_str(&page.body).unwrap());
        is_error(&answer, 401, "invalid_client");
    }
    let both = [
        exchange("code"),
        vec![("client_id", id), ("client_secret", secret)],
    ]
    .concat();
    is_error(&token(&provider, &both).await, 400, "invalid_request");
    let answer = browser
        .post_with(&url, &exchange("code"), &[("authorization", "Basic %%%")])
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn codes_and_refresh_tokens_belong_to_their_client() {
    let other = ProviderClient::new("other").secret_value("secret");
    let provider = Provider::builder().client(other).start().await.unwrap();
    let code = Browser::new().code(&provider, &[]).await;
    let answer = token_as(&provider, "other", "secret", &exchange(&code)).await;
    assert_eq!(json(answer).await["error"], "invalid_grant");

    let tokens = tokens(&provider, &[("scope", "openid offline_access")]).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let answer = token_as(&provider, "other", "secret", &form).await;
    assert_eq!(json(answer).await["error"], "invalid_grant");
    assert_eq!(token(&provider, &form).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_the_family() {
    let provider = Provider::builder().start().await.unwrap();
    let first = tokens(&provider, &[("scope", "openid offline_access")]).await;
    let form = |tokens: &Value| {
        let token = tokens["refresh_token"].as_str().unwrap().to_owned();
        [
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", token),
        ]
    };
    let refresh = async |tokens: &Value| {
        let fields = form(tokens);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        token(&provider, &fields).await
    };
    let (_, second) = refresh(&first).await;
    is_error(&refresh(&first).await, 400, "invalid_grant");
    is_error(&refresh(&second).await, 400, "invalid_grant");
    for tokens in [&first, &second] {
        is_error(&userinfo(&provider, tokens).await, 401, "invalid_token");
    }
}

#[tokio::test]
async fn a_refresh_cannot_widen_the_scope() {
    let provider = Provider::builder().start().await.unwrap();
    let tokens = tokens(&provider, &[("scope", "openid offline_access")]).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("scope", "openid email"),
    ];
    is_error(&token(&provider, &form).await, 400, "invalid_scope");
}

#[tokio::test]
async fn userinfo_takes_the_token_in_the_header_only() {
    let provider = Provider::builder().start().await.unwrap();
    let tokens = tokens(&provider, &[]).await;
    let access = tokens["access_token"].as_str().unwrap();
    let url = provider.url(Endpoint::Userinfo);
    let mut browser = Browser::new();
    let bare = browser.get(&url).await;
    assert_eq!(bare.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bare.headers["www-authenticate"], "Bearer realm=\"userinfo\"");
    let query = browser.get(&format!("{url}?access_token={access}")).await;
    assert_eq!(query.status, StatusCode::BAD_REQUEST);
    let form = browser.post(&url, &[("access_token", access)]).await;
    assert_eq!(form.status, StatusCode::BAD_REQUEST);
    let wrong = browser
        .post_with(&url, &[], &[("authorization", "Bearer wrong")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let challenge = wrong.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    let header = format!("bearer {access}");
    let right = browser.post_with(&url, &[], &[("authorization", &header)]).await;
    assert_eq!(right.status, StatusCode::OK);
    provider.remove_user("mira");
    assert_eq!(userinfo(&provider, &tokens).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn methods_hosts_and_paths_are_checked() {
    let provider = Provider::builder().start().await.unwrap();
    let token = http().get(provider.url(Endpoint::Token)).send().await.unwrap();
    assert_eq!(
        (
            token.status().as_u16(),
            token.headers()["allow"].to_str().unwrap()
        ),
        (405, "POST")
    );
    let head = http().head(authorize_url(&provider, &[])).send().await.unwrap();
    assert_eq!(head.status().as_u16(), 405);
    let elsewhere = http()
        .get(format!("{}/nowhere", provider.issuer()))
        .send()
        .await
        .unwrap();
    assert_eq!(elsewhere.status().as_u16(), 404);
    let rebound = http()
        .get(provider.url(Endpoint::Discovery))
        .header("host", "evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(rebound.status().as_u16(), 421);
    let large = http()
        .post(provider.url(Endpoint::Token))
        .body(vec![b'x'; 70_000]);
    assert_eq!(large.send().await.unwrap().status().as_u16(), 413);
}

#[tokio::test]
async fn without_openid_there_is_neither_id_token_nor_userinfo() {
    let provider = Provider::builder().start().await.unwrap();
    let first = tokens(&provider, &[("scope", "openid email offline_access")]).await;
    let refresh = first["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("scope", "email"),
    ];
    let (_, second) = token(&provider, &form).await;
    assert!(second.get("id_token").is_none());
    is_error(&userinfo(&provider, &second).await, 403, "insufficient_scope");
}
