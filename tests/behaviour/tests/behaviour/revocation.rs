//! Tokens are revoked at sign-out where the settings say so, and never in the way of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use axum::routing::get as route;
use monocloud_runtime::testing::{Endpoint, Fault, refresh_token};
use monocloud_runtime::tokens::TokenRequest;
use monocloud_runtime::{Auth, MonoCloud};
use tokio::sync::Barrier;

use crate::fixtures::{Browser, Site, code, comes_to, failed, get, logged, settings, tokens_app};

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
        Fault::Slow(Endpoint::Revocation, Duration::from_secs(20)),
    ] {
        let mut site = Site::with(
            |provider| provider,
            |settings| {
                settings
                    .revoke_on_sign_out(true)
                    .response_timeout(Duration::from_secs(2))
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
async fn a_revocation_that_is_answered_without_a_body_is_one() {
    for (status, is_one) in [(200, true), (204, true), (202, false), (302, false), (404, false)] {
        let mut site = site().await;
        site.provider.fault(Fault::Status(Endpoint::Revocation, status));
        let (answer, log) = logged(site.browser.get("/api/auth/signout")).await;
        assert_eq!(answer.status, 303, "{status}");
        assert_eq!(
            log.contains("the tokens are not revoked"),
            !is_one,
            "{status}: {log}"
        );
        assert_eq!(site.provider.calls(Endpoint::Revocation), 1, "{status}");
    }
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

/// The refresh tokens that the issuer gives from now on.
fn given(site: &Site) -> Arc<Mutex<Vec<String>>> {
    let given: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&given);
    site.provider.tamper_token_response(move |answer| {
        let token = answer["refresh_token"].as_str().unwrap().to_owned();
        seen.lock().unwrap().push(token);
    });
    given
}

/// The token that was revoked last.
fn revoked(site: &Site) -> Option<String> {
    let sent = site.provider.last_request(Endpoint::Revocation)?;
    sent.form("token").map(str::to_owned)
}

#[tokio::test]
async fn what_a_refresh_brings_after_the_sign_out_is_revoked_too() {
    let mut site = site().await;
    let given = given(&site);
    site.provider
        .fault(Fault::Late(Endpoint::Token, Duration::from_secs(3)));
    let app = tokens_app(&site.auth);
    let cookies = site.browser.cookies();
    let headers = [("cookie", cookies.as_str())];
    let signs_out = async {
        comes_to(|| site.provider.calls(Endpoint::Token), 2).await;
        assert_eq!(site.browser.get("/api/auth/signout").await.status, 303);
        assert_eq!(
            site.provider.calls(Endpoint::Revocation),
            1,
            "nobody waits for it"
        );
    };
    let (answer, ()) = tokio::join!(get(&app, "/tokens?force=", &headers), signs_out);
    assert_eq!(code(&answer), (401, "no_session".to_owned()));
    comes_to(|| site.provider.calls(Endpoint::Revocation), 2).await;
    let given = given.lock().unwrap();
    assert_eq!((given.len(), revoked(&site)), (1, Some(given[0].clone())));
}

/// A request looks at its session, others refresh it, and then the request signs out.
#[tokio::test]
async fn a_sign_out_revokes_the_newest_tokens_that_are_known() {
    let site = site().await;
    let given = given(&site);
    let both = Arc::new(Barrier::new(2));
    let turns = Arc::clone(&both);
    let looks_and_signs_out = async move |auth: Auth| {
        assert!(auth.session().await.is_some());
        turns.wait().await;
        turns.wait().await;
        auth.sign_out(None).await
    };
    let app = Router::new()
        .route("/late", route(looks_and_signs_out))
        .merge(tokens_app(&site.auth))
        .layer(site.auth.layer());
    let cookies = site.browser.cookies();
    let headers = [("cookie", cookies.as_str())];
    let other = async {
        both.wait().await;
        let answer = get(&app, "/tokens?force=", &headers).await;
        both.wait().await;
        answer
    };
    let (answer, others) = tokio::join!(get(&app, "/late", &headers), other);
    assert_eq!((answer.status.as_u16(), others.status.as_u16()), (303, 200));
    let given = given.lock().unwrap();
    assert_eq!((given.len(), revoked(&site)), (1, Some(given[0].clone())));
}

/// A request looks at its session, another signs out, and then the request wants tokens.
#[tokio::test]
async fn a_session_that_ended_meanwhile_is_not_refreshed() {
    for path in ["/api/auth/signout", "/destroy"] {
        let mut site = Site::start().await;
        let both = Arc::new(Barrier::new(2));
        let turns = Arc::clone(&both);
        let looks_and_refreshes = async move |auth: Auth| {
            assert!(auth.session().await.is_some());
            turns.wait().await;
            turns.wait().await;
            match auth.tokens(TokenRequest::new().force_refresh()).await {
                Ok(_) => Response::default(),
                Err(error) => failed(error),
            }
        };
        let destroy = async |auth: Auth| auth.destroy_session().await;
        let app = Router::new()
            .route("/late", route(looks_and_refreshes))
            .route("/destroy", route(destroy))
            .merge(tokens_app(&site.auth))
            .layer(site.auth.layer());
        let cookies = site.browser.cookies();
        let headers = [("cookie", cookies.as_str())];
        site.browser = Browser::with(&app, &cookies);
        let ends = async {
            both.wait().await;
            site.browser.get(path).await;
            both.wait().await;
        };
        let (answer, ()) = tokio::join!(get(&app, "/late", &headers), ends);
        assert_eq!(code(&answer), (401, "no_session".to_owned()), "{path}");
        assert_eq!(site.token_calls(), 1, "{path}");
    }
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
