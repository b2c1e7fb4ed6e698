//! Who is shown the login page, who is let through, and what the ID token then says about the sign-in.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use monocloud_runtime::testing::{Endpoint, Fault, Provider, ProviderUser};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};

use crate::relying_party::*;

/// The claims of the ID token that a page's code is good for.
async fn claims(provider: &Provider, page: &Page) -> Map<String, Value> {
    let (status, tokens) = token(provider, &exchange(&page.sent("code").unwrap())).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    id_token(&tokens).1
}

#[tokio::test]
async fn whoever_is_signed_in_may_choose_again() {
    let provider = Provider::builder().start().await.unwrap();
    let mut browser = Browser::new();
    browser.code(&provider, &[]).await;
    for prompt in ["login", "select_account", "login consent", "login select_account"] {
        let page = browser.authorize(&provider, &[("prompt", prompt)]).await;
        assert_eq!(page.status, StatusCode::OK, "{prompt}");
        let back = browser.answer(&provider, &page, &[("user", "lin")]).await;
        assert_eq!(claims(&provider, &back).await["sub"], "lin", "{prompt}");
        browser.code(&provider, &[("prompt", "login")]).await;
    }
}

#[tokio::test]
async fn another_login_moves_auth_time_and_a_silent_one_does_not() {
    let now = Arc::new(AtomicI64::new(1_900_000_000));
    let clock = Arc::clone(&now);
    let builder = Provider::builder().clock(Arc::new(move || clock.load(Ordering::Relaxed)));
    let provider = builder.start().await.unwrap();
    let mut browser = Browser::new();
    browser.code(&provider, &[]).await;
    now.fetch_add(100, Ordering::Relaxed);
    let silent = browser.authorize(&provider, &[("max_age", "100")]).await;
    assert_eq!(claims(&provider, &silent).await["auth_time"], 1_900_000_000);
    for again in [("max_age", "99"), ("max_age", "0"), ("prompt", "login")] {
        now.fetch_add(100, Ordering::Relaxed);
        let page = browser.authorize(&provider, &[again]).await;
        let back = browser.answer(&provider, &page, &[("user", "mira")]).await;
        let claims = claims(&provider, &back).await;
        assert_eq!(claims["auth_time"], now.load(Ordering::Relaxed), "{again:?}");
    }
}

#[tokio::test]
async fn a_hint_that_means_another_user_shows_the_page() {
    let provider = Provider::builder().start().await.unwrap();
    let mut browser = Browser::new();
    browser.code(&provider, &[]).await;
    for same in ["mira", "mira@example.com", "nobody@example.com"] {
        let page = browser.authorize(&provider, &[("login_hint", same)]).await;
        assert!(page.sent("code").is_some(), "{same}");
    }
    for other in ["lin", "tomas@example.com"] {
        let page = browser.authorize(&provider, &[("login_hint", other)]).await;
        assert_eq!(page.status, StatusCode::OK, "{other}");
        let silent = [("login_hint", other), ("prompt", "none")];
        let page = browser.authorize(&provider, &silent).await;
        assert_eq!(page.sent("error").as_deref(), Some("login_required"));
    }
}

#[tokio::test]
async fn an_id_token_hint_for_another_user_shows_the_page() {
    let provider = Provider::builder().start().await.unwrap();
    let mut other = Browser::new();
    let page = other.authorize(&provider, &[]).await;
    let back = other.answer(&provider, &page, &[("user", "lin")]).await;
    let (_, of_lin) = token(&provider, &exchange(&back.sent("code").unwrap())).await;
    let of_mira = tokens(&provider, &[]).await;
    let mut browser = Browser::new();
    browser.code(&provider, &[]).await;
    for (tokens, silent) in [(of_mira, true), (of_lin, false)] {
        let hint = tokens["id_token"].as_str().unwrap();
        let page = browser.authorize(&provider, &[("id_token_hint", hint)]).await;
        assert_eq!(page.status == StatusCode::SEE_OTHER, silent);
    }
}

#[tokio::test]
async fn a_stronger_context_needs_another_sign_in_once() {
    let provider = Provider::builder().start().await.unwrap();
    let mut browser = Browser::new();
    browser.code(&provider, &[]).await;
    let asked = [("acr_values", "urn:mfa urn:pwd")];
    let silent = [asked[0], ("prompt", "none")];
    let page = browser.authorize(&provider, &silent).await;
    assert_eq!(page.sent("error").as_deref(), Some("login_required"));
    let page = browser.authorize(&provider, &asked).await;
    assert!(page.body.contains("<code>urn:mfa</code>"));
    let back = browser.answer(&provider, &page, &[("user", "mira")]).await;
    assert_eq!(claims(&provider, &back).await["acr"], "urn:mfa");
    // From now on it is reached, wherever in the list it stands.
    for values in ["urn:mfa", "urn:pwd urn:mfa"] {
        let page = browser.authorize(&provider, &[("acr_values", values)]).await;
        assert_eq!(claims(&provider, &page).await["acr"], "urn:mfa");
    }
    let page = browser.authorize(&provider, &[("acr_values", "urn:pwd")]).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn what_cannot_be_reached_is_not_told() {
    let provider = Provider::builder().acr_values(["urn:pwd"]).start().await.unwrap();
    let metadata = fetch(&provider, Endpoint::Discovery).await;
    assert_eq!(metadata["acr_values_supported"], json!(["urn:pwd"]));
    let mut browser = Browser::new();
    for (values, reached) in [("urn:mfa", None), ("urn:mfa urn:pwd", Some("urn:pwd"))] {
        let page = browser
            .authorize(&provider, &[("acr_values", values), ("prompt", "login")])
            .await;
        let back = browser.answer(&provider, &page, &[("user", "mira")]).await;
        let claims = claims(&provider, &back).await;
        assert_eq!(claims.get("acr").and_then(Value::as_str), reached);
        // Nothing more is to be had, so nobody is asked again.
        let again = browser.authorize(&provider, &[("acr_values", values)]).await;
        assert!(again.sent("code").is_some());
    }
    let none: [&str; 0] = [];
    let weak = Provider::builder().acr_values(none).start().await.unwrap();
    let (_, claims) = id_token(&tokens(&weak, &[("acr_values", "urn:pwd")]).await);
    assert!(!claims.contains_key("acr"));
    let open = Provider::builder().start().await.unwrap();
    assert!(
        fetch(&open, Endpoint::Discovery)
            .await
            .get("acr_values_supported")
            .is_none()
    );
}

#[tokio::test]
async fn a_users_own_context_is_told_whatever_was_asked_for() {
    let user = ProviderUser::new("pia").acr("urn:pin");
    let provider = Provider::builder().user(user).start().await.unwrap();
    for asked in ["urn:mfa", "urn:pin", ""] {
        let mut browser = Browser::new();
        let page = browser.authorize(&provider, &[("acr_values", asked)]).await;
        let back = browser.answer(&provider, &page, &[("user", "pia")]).await;
        assert_eq!(claims(&provider, &back).await["acr"], "urn:pin", "{asked}");
    }
}

#[tokio::test]
async fn with_the_fault_what_is_asked_of_a_sign_in_is_passed_over() {
    let provider = Provider::builder().start().await.unwrap();
    let mut browser = Browser::new();
    browser.code(&provider, &[]).await;
    let asked = [("acr_values", "urn:mfa"), ("max_age", "0"), ("prompt", "login")];
    assert_eq!(browser.authorize(&provider, &asked).await.status, StatusCode::OK);
    provider.fault(Fault::IgnoreStepUp);
    let back = browser.authorize(&provider, &asked).await;
    assert!(!claims(&provider, &back).await.contains_key("acr"));
    provider.clear_faults();
    assert_eq!(browser.authorize(&provider, &asked).await.status, StatusCode::OK);
}
