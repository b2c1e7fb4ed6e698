//! An API that takes the provider's access tokens: JWTs, which it verifies, and opaque ones, which it introspects.

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::Builder;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::{Answer, Served, UserAgent, call};

use crate::site::{Client, Extra, Site, offline};
use crate::tokens::held;

/// One has JWTs, the other has not.
const APIS: [&str; 2] = ["https://orders.example.com", "https://opaque-orders.example.com"];
const OTHER: &str = "https://stock.example.com";
const SCOPES: &str = "orders:read orders:write";

async fn site() -> (Site, UserAgent) {
    let mut extra = Extra::with_refresh_tokens();
    extra.client["grant_types"] = json!(["authorization_code", "refresh_token", "client_credentials"]);
    extra.provider["features"]["clientCredentials"] = json!({ "enabled": true });
    let server = |form: &str| json!({ "scope": SCOPES, "accessTokenFormat": form });
    extra.resources = json!({
        (APIS[0]): server("jwt"),
        (APIS[1]): server("opaque"),
        (OTHER): server("jwt"),
    });
    let site = Site::with(Client::default(), extra, |app| {
        offline(app).resources([(APIS[0], SCOPES), (APIS[1], SCOPES), (OTHER, SCOPES)])
    })
    .await;
    let agent = UserAgent::new();
    site.sign_in(&agent, "/dashboard", "ada").await;
    (site, agent)
}

/// The API of this name, with something different in its settings.
async fn api(site: &Site, audience: &str, change: impl FnOnce(Builder) -> Builder) -> Served {
    let listening = support::listen().await;
    let settings = site.settings().app_url(&listening.url).api_audience(audience);
    let auth: MonoCloud = change(settings).build().unwrap();
    listening.serve(support::orders(&auth))
}

async fn plain(site: &Site, audience: &str) -> Served {
    api(site, audience, |settings| settings).await
}

/// The session's access token for an API.
async fn token(site: &Site, agent: &UserAgent, audience: &str, scopes: &str) -> String {
    let query = [("resource", audience), ("scopes", scopes)];
    let given = site.tokens(agent, Method::GET, &query).await.json();
    given["access_token"]
        .as_str()
        .unwrap_or_else(|| panic!("{given}"))
        .to_owned()
}

/// A token of the client's own.
async fn own_token(site: &Site, audience: &str, scopes: &str) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("resource", audience),
        ("scope", scopes),
    ];
    let (status, given) = site.call_provider("/token", &form).await;
    assert_eq!(status, 200, "{given}");
    given["access_token"].as_str().unwrap().to_owned()
}

async fn list(api: &Served, token: &str) -> Answer {
    call(api, Method::GET, "/orders", Some(token)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_the_api_lets_its_user_in() {
    let (site, agent) = site().await;
    for audience in APIS {
        let api = plain(&site, audience).await;
        let good = token(&site, &agent, audience, SCOPES).await;
        for method in [Method::GET, Method::POST] {
            let answer = call(&api, method, "/orders", Some(&good)).await;
            answer.assert_has(&[("sub", "ada"), ("client_id", "app"), ("aud", audience)]);
        }
        let me = call(&api, Method::GET, "/me", Some(&good)).await;
        me.assert_has(&[("sub", "ada")]);
        let none = call(&api, Method::GET, "/orders", None).await;
        assert_eq!(none.status, StatusCode::UNAUTHORIZED);
        assert!(none.challenge.starts_with("Bearer "), "{none:?}");
        assert!(!none.challenge.contains("error="), "{none:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_api_is_refused() {
    let (site, agent) = site().await;
    for audience in APIS {
        let api = plain(&site, audience).await;
        for wrong in APIS.into_iter().chain([OTHER]).filter(|other| *other != audience) {
            list(&api, &token(&site, &agent, wrong, SCOPES).await)
                .await
                .assert_is_invalid_token();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_expired_is_refused() {
    let (site, agent) = site().await;
    for audience in APIS {
        // The API's clock is two hours ahead of the provider's, and tokens are of one.
        let ahead = api(&site, audience, |settings| settings.api_clock_skew(2 * 3_600)).await;
        let expired = token(&site, &agent, audience, SCOPES).await;
        list(&ahead, &expired).await.assert_is_invalid_token();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_the_token_has_not_is_named() {
    let (site, agent) = site().await;
    for audience in APIS {
        let api = plain(&site, audience).await;
        let reads = token(&site, &agent, audience, "orders:read").await;
        assert_eq!(list(&api, &reads).await.status, StatusCode::OK);
        let answer = call(&api, Method::POST, "/orders", Some(&reads)).await;
        answer.assert_lacks("orders:write");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_access_token_is_refused() {
    let (site, agent) = site().await;
    let id_token: Value = site.tokens(&agent, Method::GET, &[]).await.json()["id_token"].clone();
    let refresh_token = held(&site, &agent);
    for audience in APIS {
        let api = plain(&site, audience).await;
        for wrong in [id_token.as_str().unwrap(), &refresh_token, "garbage", "a.b.c"] {
            list(&api, wrong).await.assert_is_invalid_token();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_revoked_is_refused() {
    let (site, agent) = site().await;
    let api = plain(&site, APIS[1]).await;
    let revoked = token(&site, &agent, APIS[1], SCOPES).await;
    site.revoke(&revoked).await;
    list(&api, &revoked).await.assert_is_invalid_token();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_clients_own_is_nobodys() {
    let (site, _) = site().await;
    for audience in APIS {
        let api = plain(&site, audience).await;
        let own = own_token(&site, audience, "orders:read").await;
        list(&api, &own)
            .await
            .assert_has(&[("client_id", "app"), ("aud", audience)]);
        let me = call(&api, Method::GET, "/me", Some(&own)).await;
        assert_ne!(me.status, StatusCode::OK, "{me:?}");
        let answer = call(&api, Method::POST, "/orders", Some(&own)).await;
        answer.assert_lacks("orders:write");
        let elsewhere = own_token(&site, OTHER, "orders:read").await;
        list(&api, &elsewhere).await.assert_is_invalid_token();
    }
}
