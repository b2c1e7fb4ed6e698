//! RP-initiated logout.

use monocloud_runtime::testing::{Endpoint, Fault, Provider, ProviderClient};
use reqwest::StatusCode;

use crate::relying_party::*;

const HOME: &str = "http://localhost:3000/";

/// Signs in, and returns the browser with the ID token.
async fn signed_in(provider: &Provider) -> (Browser, String) {
    let mut browser = Browser::new();
    let code = browser.code(provider, &[]).await;
    let (_, tokens) = token(provider, &exchange(&code)).await;
    let id_token = tokens["id_token"].as_str().unwrap().to_owned();
    (browser, id_token)
}

async fn sign_out(browser: &mut Browser, provider: &Provider, query: &[(&str, &str)]) -> Page {
    browser
        .get(&format!(
            "{}?{}",
            provider.url(Endpoint::EndSession),
            encode(query)
        ))
        .await
}

async fn is_signed_in(browser: &mut Browser, provider: &Provider) -> bool {
    let page = browser.authorize(provider, &[("prompt", "none")]).await;
    page.sent("code").is_some()
}

#[tokio::test]
async fn a_hint_ends_the_session_and_leads_back() {
    let provider = Provider::builder().start().await.unwrap();
    let (mut browser, hint) = signed_in(&provider).await;
    let query = [
        ("id_token_hint", hint.as_str()),
        ("client_id", provider.client_id()),
        ("post_logout_redirect_uri", HOME),
        ("state", "a b"),
    ];
    let page = sign_out(&mut browser, &provider, &query).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(page.location().as_str(), "http://localhost:3000/?state=a+b");
    assert!(!is_signed_in(&mut browser, &provider).await);
    let login = browser.authorize(&provider, &[]).await;
    assert_eq!(login.status, StatusCode::OK);
}

#[tokio::test]
async fn hints_of_expired_tokens_and_withdrawn_keys_count_and_aud_may_be_a_list() {
    let provider = Provider::builder().start().await.unwrap();
    provider.fault(Fault::Expired);
    provider.tamper_id_token(|_, claims| {
        claims.insert("aud".into(), [claims["aud"].clone()].into_iter().collect());
    });
    let (mut browser, hint) = signed_in(&provider).await;
    provider.rotate_keys();
    let page = sign_out(&mut browser, &provider, &[("id_token_hint", &hint)]).await;
    assert!(page.body.contains("You are signed out"));
    assert!(!is_signed_in(&mut browser, &provider).await);
}

#[tokio::test]
async fn a_post_works_too() {
    let provider = Provider::builder().start().await.unwrap();
    let (mut browser, hint) = signed_in(&provider).await;
    let form = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", HOME),
    ];
    let page = browser.post(&provider.url(Endpoint::EndSession), &form).await;
    assert_eq!(page.location().as_str(), HOME);
}

#[tokio::test]
async fn without_a_good_hint_the_person_is_asked() {
    let provider = Provider::builder().start().await.unwrap();
    let (mut browser, _) = signed_in(&provider).await;
    let (_, hint_of_another) = {
        let mut other = Browser::new();
        let login = other.authorize(&provider, &[]).await;
        let back = other.answer(&provider, &login, &[("user", "lin")]).await;
        let (_, tokens) = token(&provider, &exchange(&back.sent("code").unwrap())).await;
        (other, tokens["id_token"].as_str().unwrap().to_owned())
    };
    provider.fault(Fault::BadSignature);
    let (_, forged) = signed_in(&provider).await;
    let client = ("client_id", provider.client_id());
    for hint in ["", "rubbish", &forged, &hint_of_another] {
        let query = [
            client,
            ("post_logout_redirect_uri", HOME),
            ("id_token_hint", hint),
        ];
        let page = sign_out(&mut browser, &provider, &query).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Sign out?"), "{hint}");
        assert!(is_signed_in(&mut browser, &provider).await);
    }
    let query = [client, ("post_logout_redirect_uri", HOME)];
    let asked = sign_out(&mut browser, &provider, &query).await;
    let form = [("interaction", asked.hidden("interaction").unwrap())];
    let url = provider.url(Endpoint::EndSession);
    let foreign = browser
        .post_with(&url, &form, &[("sec-fetch-site", "cross-site")])
        .await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
    let stranger = Browser::new().post(&url, &form).await;
    assert_eq!(stranger.status, StatusCode::BAD_REQUEST);
    assert!(is_signed_in(&mut browser, &provider).await);
    let page = browser.post(&url, &form).await;
    assert_eq!(page.location().as_str(), HOME);
    assert!(!is_signed_in(&mut browser, &provider).await);
}

#[tokio::test]
async fn who_is_signed_out_already_is_led_back_at_once() {
    let provider = Provider::builder().start().await.unwrap();
    let query = [
        ("client_id", provider.client_id()),
        ("post_logout_redirect_uri", HOME),
    ];
    let page = sign_out(&mut Browser::new(), &provider, &query).await;
    assert_eq!(page.location().as_str(), HOME);
}

#[tokio::test]
async fn a_hint_ends_its_session_from_another_browser() {
    let provider = Provider::builder().start().await.unwrap();
    let (mut browser, hint) = signed_in(&provider).await;
    sign_out(&mut Browser::new(), &provider, &[("id_token_hint", &hint)]).await;
    assert!(!is_signed_in(&mut browser, &provider).await);
}

#[tokio::test]
async fn nobody_is_led_to_an_address_that_is_not_registered() {
    let client = ProviderClient::new("app").post_logout_redirect_uri(HOME);
    let other = ProviderClient::new("other");
    let provider = Provider::builder()
        .default_client(client)
        .client(other)
        .start()
        .await
        .unwrap();
    let (mut browser, hint) = signed_in(&provider).await;
    let hint = ("id_token_hint", hint.as_str());
    let cases = [
        vec![hint, ("post_logout_redirect_uri", "http://localhost:3000/other")],
        vec![hint, ("post_logout_redirect_uri", "https://evil.example/")],
        vec![hint, ("post_logout_redirect_uri", HOME), ("client_id", "other")],
        vec![("client_id", "nobody"), ("post_logout_redirect_uri", HOME)],
        vec![
            ("client_id", "other"),
            ("post_logout_redirect_uri", "https://evil.example/"),
        ],
        vec![("post_logout_redirect_uri", HOME)],
    ];
    for query in cases {
        let page = sign_out(&mut browser, &provider, &query).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query:?}");
        assert!(is_signed_in(&mut browser, &provider).await);
    }
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_its_access_tokens_along() {
    let provider = Provider::builder().start().await.unwrap();
    let revoke = async |pairs: &[(&str, &str)]| {
        http()
            .post(provider.url(Endpoint::Revocation))
            .basic_auth(provider.client_id(), Some(provider.client_secret()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encode(pairs))
            .send()
            .await
            .unwrap()
            .status()
    };
    let kept = tokens(&provider, &[("scope", "openid offline_access")]).await;
    let gone = tokens(&provider, &[("scope", "openid offline_access")]).await;
    let of = |tokens: &serde_json::Value, name: &str| tokens[name].as_str().unwrap().to_owned();
    assert_eq!(
        revoke(&[("token", &of(&gone, "refresh_token"))]).await,
        StatusCode::OK
    );
    assert_eq!(userinfo(&provider, &gone).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(
        revoke(&[("token", "nothing that is known")]).await,
        StatusCode::OK
    );
    assert_eq!(revoke(&[]).await, StatusCode::BAD_REQUEST);
    assert_eq!(userinfo(&provider, &kept).await.0, StatusCode::OK);

    assert_eq!(
        revoke(&[("token", &of(&kept, "access_token"))]).await,
        StatusCode::OK
    );
    assert_eq!(userinfo(&provider, &kept).await.0, StatusCode::UNAUTHORIZED);
    let token_again = of(&kept, "refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token_again.as_str()),
    ];
    assert_eq!(token(&provider, &form).await.0, StatusCode::OK, "the grant stays");
}
