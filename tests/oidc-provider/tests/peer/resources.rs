//! Access tokens for resources: two in one token, one that has tokens for itself alone, as JWT and opaque.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};
use support::{Page, UserAgent};

use crate::site::{Site, refreshes};

const FIRST: &str = "https://first.example.com";
const SECOND: &str = "https://second.example.com";
const EXCLUSIVE: &str = "https://exclusive.example.com";
const OPAQUE: &str = "https://opaque.example.com";

async fn site() -> (Site, UserAgent) {
    let resources = json!({
        (FIRST): { "scope": "read:first shared", "accessTokenFormat": "jwt" },
        (SECOND): { "scope": "read:second shared", "accessTokenFormat": "jwt" },
        (EXCLUSIVE): { "scope": "read:exclusive shared", "accessTokenFormat": "jwt", "exclusive": true },
        (OPAQUE): { "scope": "read:opaque", "accessTokenFormat": "opaque" },
    });
    let site = Site::with_refresh_tokens(resources, |app| {
        app.resources([
            (FIRST, "read:first shared"),
            (SECOND, "read:second shared"),
            (EXCLUSIVE, "read:exclusive shared"),
            (OPAQUE, "read:opaque"),
        ])
    })
    .await;
    let agent = UserAgent::new();
    site.sign_in(&agent, "/dashboard", "ada").await;
    (site, agent)
}

async fn tokens(site: &Site, agent: &UserAgent, resource: &str, scopes: &str) -> Page {
    let query = [("resource", resource), ("scopes", scopes)];
    site.tokens(agent, Method::GET, &query).await
}

/// Header and claims of a JWT.
fn opened(token: &Value) -> (Value, Value) {
    let mut parts = token.as_str().unwrap().split('.').map(|part| {
        let json = URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&json).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_resources_share_an_access_token() {
    let (mut site, agent) = site().await;
    let both = tokens(
        &site,
        &agent,
        &format!("{FIRST} {SECOND}"),
        "read:first read:second shared",
    )
    .await
    .json();
    let (_, claims) = opened(&both["access_token"]);
    assert_eq!(claims["aud"], json!([FIRST, SECOND]));
    assert_eq!(both["resource"], json!([FIRST, SECOND]));
    for scope in ["read:first", "read:second", "shared"] {
        assert!(
            both["scopes"].as_array().unwrap().contains(&json!(scope)),
            "{both}"
        );
    }
    // The same sets are the same token, and each resource has one of its own beside.
    let again = tokens(
        &site,
        &agent,
        &format!("{SECOND} {FIRST}"),
        "shared read:second read:first",
    )
    .await;
    assert_eq!(again.json()["access_token"], both["access_token"]);
    assert_eq!(refreshes(&mut site.peer), 1);
    let first = tokens(&site, &agent, FIRST, "").await.json();
    let (_, claims) = opened(&first["access_token"]);
    assert_eq!(
        (&claims["aud"], &claims["scope"]),
        (&json!(FIRST), &json!("read:first shared"))
    );
    assert_eq!(refreshes(&mut site.peer), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exclusive_resource_has_access_tokens_for_itself_alone() {
    let (site, agent) = site().await;
    let alone = tokens(&site, &agent, EXCLUSIVE, "read:exclusive shared")
        .await
        .json();
    let (_, claims) = opened(&alone["access_token"]);
    assert_eq!(claims["aud"], EXCLUSIVE);
    for scope in ["read:exclusive", "shared"] {
        assert!(
            alone["scopes"].as_array().unwrap().contains(&json!(scope)),
            "{alone}"
        );
    }
    assert_eq!(alone["scopes"].as_array().unwrap().len(), 2);
}

/// The provider gives a new refresh token before it says no, and the answer does not have it.
#[tokio::test(flavor = "multi_thread")]
async fn an_exclusive_resource_with_another_is_refused_and_signs_nobody_out() {
    let (mut site, agent) = site().await;
    let refused = tokens(&site, &agent, &format!("{EXCLUSIVE} {FIRST}"), "shared").await;
    assert_eq!(refused.status, 502, "{refused:?}");
    assert_eq!(refreshes(&mut site.peer), 0);
    tokio::time::sleep(std::time::Duration::from_millis(1_050)).await;
    let refused = tokens(&site, &agent, FIRST, "").await;
    assert_eq!(
        (refused.status.as_u16(), refused.json()),
        (401, json!({ "error": "refresh_refused" }))
    );
    let dashboard = site.visit(&agent, "/dashboard").await;
    assert_eq!(dashboard.body, "dashboard of Ada Byron");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_a_jwt_where_its_resource_wants_one() {
    let (site, agent) = site().await;
    let given = tokens(&site, &agent, FIRST, "read:first").await.json();
    let (header, claims) = opened(&given["access_token"]);
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&json!("at+jwt"), &json!("RS256"))
    );
    assert_eq!(claims["iss"], site.peer.issuer);
    assert_eq!(
        (&claims["sub"], &claims["client_id"]),
        (&json!("ada"), &json!("app"))
    );
    assert_eq!(
        (&claims["aud"], &claims["scope"]),
        (&json!(FIRST), &json!("read:first"))
    );
    assert_eq!(given["scopes"], json!(["read:first"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_opaque_where_its_resource_wants_that() {
    let (site, agent) = site().await;
    let given = tokens(&site, &agent, OPAQUE, "").await.json();
    let token = given["access_token"].as_str().unwrap();
    assert!(!token.contains('.'), "{token}");
    let (status, told) = site
        .call_provider("/token/introspection", &[("token", token)])
        .await;
    assert_eq!(status, 200, "{told}");
    assert_eq!((&told["active"], &told["sub"]), (&json!(true), &json!("ada")));
    assert_eq!(
        (&told["aud"], &told["scope"]),
        (&json!(OPAQUE), &json!("read:opaque"))
    );
}

/// A token for a resource is of no use at userinfo, which is asked with the default one.
#[tokio::test(flavor = "multi_thread")]
async fn userinfo_is_asked_with_the_default_token_whatever_else_is_wanted() {
    let (mut site, agent) = site().await;
    let query = [("resource", FIRST), ("refetch", "")];
    let given = site.tokens(&agent, Method::POST, &query).await;
    assert_eq!(given.status, 200, "{given:?}");
    assert_eq!(refreshes(&mut site.peer), 1, "the default token is good still");
    let me = agent.fetch(Method::GET, &site.app.at("/api/me")).await;
    assert_eq!(me.json()["name"], "Ada Byron");
}
