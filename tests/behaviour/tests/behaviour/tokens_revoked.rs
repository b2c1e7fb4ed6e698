//! The application revokes the tokens of a session, which goes on without.

use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::{Method, StatusCode};
use monocloud_runtime::testing::{Endpoint, Fault, MintedSession, access_token, refresh_token};
use monocloud_runtime::{Auth, MonoCloud};

use crate::fixtures::{
    Browser, ORIGIN, Site, call, code, comes_to, failed, get, mira, open_session, tokens_app,
};

async fn revoke(auth: Auth) -> Response {
    match auth.revoke_tokens().await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(error),
    }
}

fn app(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/revoke", any(revoke))
        .merge(tokens_app(auth))
        .layer(auth.layer())
}

/// A browser that carries what the site's does.
fn browser(site: &Site) -> Browser {
    Browser::with(&app(&site.auth), &site.browser.cookies())
}

#[tokio::test]
async fn the_session_goes_on_without_its_tokens() {
    let site = Site::start().await;
    let before = site.session().unwrap();
    let (copy, mut browser) = (site.browser.cookies(), browser(&site));
    assert_eq!(browser.get("/revoke").await.status, 204);

    let sent = site.provider.last_request(Endpoint::Revocation).unwrap();
    assert_eq!(sent.form("token"), refresh_token(&before));
    let after = open_session(&site.auth, &browser.cookies()).unwrap();
    assert_eq!((refresh_token(&after), access_token(&after)), (None, None));
    assert_eq!(browser.get("/page").await.status, 200, "still signed in");
    assert_eq!(
        code(&browser.get("/tokens").await),
        (401, "no_refresh_token".to_owned())
    );

    let stale = get(browser.app(), "/tokens", &[("cookie", &copy)]).await;
    assert_eq!(
        code(&stale),
        (401, "no_refresh_token".to_owned()),
        "a copy from before too"
    );
    assert_eq!(
        browser.get("/revoke").await.status,
        204,
        "nothing is left to revoke"
    );
    assert_eq!(site.provider.calls(Endpoint::Revocation), 1);
    assert_eq!(site.token_calls(), 1);
}

#[tokio::test]
async fn what_a_refresh_under_way_brings_is_revoked() {
    let site = Site::start().await;
    let late = Fault::Late(Endpoint::Token, Duration::from_secs(3));
    site.provider.fault(late);
    let (mut one, mut other) = (browser(&site), browser(&site));
    let revokes = async {
        comes_to(|| site.token_calls(), 2).await;
        other.get("/revoke").await
    };
    let (renewed, answer) = tokio::join!(one.get("/tokens?force="), revokes);
    assert_eq!((renewed.status.as_u16(), answer.status.as_u16()), (200, 204));
    let sent = site.provider.last_request(Endpoint::Revocation).unwrap();
    assert_eq!(sent.form("token"), renewed.json()["refresh"].as_str());
    assert_eq!(site.provider.calls(Endpoint::Revocation), 1);
    one.get("/page").await;
    assert_eq!(
        code(&one.get("/tokens").await),
        (401, "no_refresh_token".to_owned())
    );
}

#[tokio::test]
async fn a_revocation_that_fails_keeps_the_tokens() {
    for (fault, status) in [
        (Fault::Status(Endpoint::Revocation, 503), 503),
        (Fault::Status(Endpoint::Revocation, 400), 502),
        (Fault::Disconnect(Endpoint::Revocation), 503),
    ] {
        let site = Site::start().await;
        let mut browser = browser(&site);
        site.provider.fault(fault.clone());
        assert_eq!(code(&browser.get("/revoke").await).0, status, "{fault:?}");
        assert_eq!(browser.get("/tokens").await.status, 200, "{fault:?}");
    }
    let site = Site::with(
        |provider| provider.without_endpoint(Endpoint::Revocation),
        |settings| settings,
    )
    .await;
    let answer = browser(&site).get("/revoke").await;
    assert_eq!(code(&answer), (502, "malformed_answer".to_owned()));
}

#[tokio::test]
async fn a_revocation_whose_answer_is_lost_signs_nobody_out() {
    let site = Site::start().await;
    let mut browser = browser(&site);
    site.provider.fault(Fault::LostAnswer(Endpoint::Revocation));
    assert_eq!(
        code(&browser.get("/revoke").await),
        (503, "unreachable".to_owned())
    );
    site.provider.clear_faults();
    // The issuer has revoked it, which nobody here was told.
    assert_eq!(
        code(&browser.get("/tokens?force=").await),
        (401, "refresh_refused".to_owned())
    );
    assert_eq!(browser.get("/page").await.status, 200, "still signed in");
}

#[tokio::test]
async fn nobody_and_no_other_site_revokes() {
    let site = Site::start().await;
    let app = app(&site.auth);
    let cookies = site.browser.cookies();
    let refused = (401, "no_session".to_owned());
    assert_eq!(code(&get(&app, "/revoke", &[]).await), refused);
    let elsewhere = [("cookie", &*cookies), ("origin", "https://evil.example")];
    assert_eq!(
        code(&call(&app, Method::POST, "/revoke", &elsewhere).await),
        refused
    );
    assert_eq!(site.provider.calls(Endpoint::Revocation), 0);

    let own = [("cookie", &*cookies), ("origin", ORIGIN)];
    assert_eq!(call(&app, Method::POST, "/revoke", &own).await.status, 204);

    let without = MintedSession::new(mira()).cookie(&site.auth);
    assert_eq!(get(&app, "/revoke", &[("cookie", &without)]).await.status, 204);
    assert_eq!(site.provider.calls(Endpoint::Revocation), 1);
}
