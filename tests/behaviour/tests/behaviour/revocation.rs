//! Tokens are revoked at sign-out where the settings say so, and never in the way of it.

use std::time::Duration;

use monocloud_runtime::MonoCloud;
use monocloud_runtime::testing::{Endpoint, Fault, refresh_token};

use crate::fixtures::{Site, settings};

async fn site() -> Site {
    Site::with(|provider| provider, |settings| settings.revoke_on_sign_out(true)).await
}

#[tokio::test]
async fn a_sign_out_revokes_the_refresh_token_where_the_settings_say_so() {
    let mut site = site().await;
    let token = refresh_token(&site.session().unwrap()).map(str::to_owned);
    let answer = site.browser.get("/api/auth/signout").await;
    assert_eq!(answer.status, 303);
    assert!(
        answer.location().starts_with(site.provider.issuer()),
        "{answer:?}"
    );
    let sent = site.provider.last_request(Endpoint::Revocation).unwrap();
    assert_eq!(sent.form("token"), token.as_deref());
    assert_eq!(sent.form("token_type_hint"), Some("refresh_token"));
    assert!(
        sent.header("authorization")
            .is_some_and(|value| value.starts_with("Basic "))
    );
    assert_eq!(site.provider.calls(Endpoint::Revocation), 1);

    let mut site = Site::start().await;
    site.browser.get("/api/auth/signout").await;
    assert_eq!(
        site.provider.calls(Endpoint::Revocation),
        0,
        "by default nothing is revoked"
    );
}

#[tokio::test]
async fn without_a_refresh_token_the_access_token_is_revoked() {
    let mut site = Site::with(
        |provider| provider,
        |settings| settings.scopes("openid").revoke_on_sign_out(true),
    )
    .await;
    site.browser.get("/api/auth/signout").await;
    let sent = site.provider.last_request(Endpoint::Revocation).unwrap();
    assert_eq!(sent.form("token_type_hint"), Some("access_token"));
}

#[tokio::test]
async fn a_revocation_that_fails_keeps_nobody_signed_in() {
    for fault in [
        Fault::Status(Endpoint::Revocation, 503),
        Fault::Status(Endpoint::Revocation, 400),
        Fault::Disconnect(Endpoint::Revocation),
        Fault::Slow(Endpoint::Revocation, Duration::from_secs(5)),
    ] {
        let mut site = Site::with(
            |provider| provider,
            |settings| {
                settings
                    .revoke_on_sign_out(true)
                    .response_timeout(Duration::from_millis(400))
            },
        )
        .await;
        site.provider.fault(fault.clone());
        let answer = site.browser.get("/api/auth/signout").await;
        assert_eq!(answer.status, 303, "{fault:?}");
        assert!(answer.location().starts_with(site.provider.issuer()), "{fault:?}");
        assert!(site.session().is_none(), "{fault:?}");
    }
    let mut without = Site::with(
        |provider| provider.without_endpoint(Endpoint::Revocation),
        |settings| settings.revoke_on_sign_out(true),
    )
    .await;
    assert_eq!(without.browser.get("/api/auth/signout").await.status, 303);
    assert!(without.session().is_none());
}

#[tokio::test]
async fn revoked_tokens_are_of_no_use_to_who_has_a_copy() {
    let mut site = site().await;
    let access = site.tokens("").await["access"].as_str().unwrap().to_owned();
    site.browser.get("/api/auth/signout").await;
    let answer = reqwest::Client::new()
        .get(site.provider.url(Endpoint::Userinfo))
        .bearer_auth(access)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 401);
}

#[test]
fn the_variable_is_read_as_yes_or_no() {
    let with = |value: &str| {
        let builder = settings().with_vars([("MONOCLOUD_AUTH_REVOKE_ON_SIGNOUT", value)]);
        builder
            .build()
            .map(|_: MonoCloud| ())
            .map_err(|error| error.to_string())
    };
    assert!(with("yes").is_ok() && with("false").is_ok());
    assert!(
        with("sometimes")
            .unwrap_err()
            .contains("MONOCLOUD_AUTH_REVOKE_ON_SIGNOUT")
    );
}
