//! The session's tokens as scripts see them, and each way of getting none.

use std::sync::{Arc, Mutex};

use monocloud_runtime::testing::{Endpoint, Fault, ProviderUser};
use reqwest::Method;
use serde_json::{Value, json};

use crate::site::Site;

pub(crate) const PATH: &str = "/api/tokens";

pub(crate) async fn post(site: &Site, body: Value) -> (u16, Value) {
    site.fetch(Method::POST, PATH, Some(body)).await
}

/// Its status and code; it must have a message.
pub(crate) fn refused((status, answer): (u16, Value)) -> (u16, String) {
    assert!(!answer["message"].as_str().unwrap().is_empty(), "{answer}");
    (status, answer["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn who_is_signed_out_has_none() {
    let site = Site::start().await;
    assert_eq!(refused(site.get(PATH).await), (401, "no_session".to_owned()));
    assert_eq!(
        refused(post(&site, json!({})).await),
        (401, "no_session".to_owned())
    );
}

#[tokio::test]
async fn all_but_the_refresh_token_is_shown() {
    let site = Site::with("mira").await;
    let (status, tokens) = site.get(PATH).await;
    assert_eq!(status, 200, "{tokens}");
    let mut names: Vec<&str> = tokens.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accessToken",
            "accessTokenExpiration",
            "hasRefreshToken",
            "idToken",
            "isExpired",
            "resource",
            "scopes"
        ]
    );
    assert!(
        tokens["accessToken"].is_string() && tokens["idToken"].is_string(),
        "{tokens}"
    );
    assert_eq!(tokens["hasRefreshToken"], true);
    assert!(
        tokens["scopes"].as_str().unwrap().contains("offline_access"),
        "{tokens}"
    );
    assert_eq!(tokens["isExpired"], false);
    assert_eq!(tokens["accessTokenExpiration"], site.now() + 3_600);
}

#[tokio::test]
async fn only_a_post_renews_what_is_good_still() {
    let site = Site::with("mira").await;
    let first = site.get(PATH).await.1["accessToken"].clone();
    let again = site.get(&format!("{PATH}?force_refresh=true")).await;
    assert_eq!((again.0, &again.1["accessToken"]), (200, &first));
    let (status, renewed) = post(&site, json!({ "force_refresh": true })).await;
    assert_eq!(status, 200, "{renewed}");
    assert_ne!(renewed["accessToken"], first);
    assert_eq!(site.get(PATH).await.1["accessToken"], renewed["accessToken"]);
}

#[tokio::test]
async fn what_has_expired_is_renewed_unasked() {
    let site = Site::with("mira").await;
    let first = site.get(PATH).await.1["accessToken"].clone();
    site.advance(3_600);
    let (status, renewed) = site.get(PATH).await;
    assert_eq!((status, &renewed["isExpired"]), (200, &json!(false)));
    assert_ne!(renewed["accessToken"], first);
}

#[tokio::test]
async fn the_user_is_brought_up_to_date_where_that_is_asked_for() {
    let site = Site::with("lin").await;
    let renamed = ProviderUser::new("lin").name("Lin Berg");
    site.provider.put_user(renamed);
    assert_eq!(post(&site, json!({})).await.0, 200);
    assert_eq!(site.get("/api/me").await.1["name"], "Lin Sato");
    assert_eq!(post(&site, json!({ "refetch_user_info": true })).await.0, 200);
    assert_eq!(site.get("/api/me").await.1["name"], "Lin Berg");
}

#[tokio::test]
async fn without_a_refresh_token_it_ends_with_the_first() {
    let site = Site::with_scopes("openid profile").await;
    site.sign_in("mira").await;
    assert_eq!(site.get(PATH).await.1["hasRefreshToken"], false);
    site.advance(3_600);
    assert_eq!(
        refused(site.get(PATH).await),
        (401, "no_refresh_token".to_owned())
    );
    assert_eq!(site.get("/api/me").await.0, 200, "the session goes on");
}

#[tokio::test]
async fn a_refresh_token_that_is_refused_ends_the_session() {
    let site = Site::with("mira").await;
    site.provider.fault(Fault::TokenError("invalid_grant".to_owned()));
    let answer = post(&site, json!({ "force_refresh": true })).await;
    assert_eq!(refused(answer), (401, "refresh_refused".to_owned()));
    assert_eq!(refused(site.get(PATH).await), (401, "no_session".to_owned()));
    assert_eq!(site.get("/api/me").await.0, 401);
}

#[tokio::test]
async fn a_fault_of_the_issuer_is_the_issuers() {
    for (fault, status) in [
        (Fault::Status(Endpoint::Token, 503), 503),
        (Fault::Status(Endpoint::Token, 429), 503),
        (Fault::Status(Endpoint::Token, 418), 502),
        (Fault::Disconnect(Endpoint::Token), 503),
        (Fault::LostAnswer(Endpoint::Token), 503),
        (Fault::Garbage(Endpoint::Token), 502),
        (Fault::Huge(Endpoint::Token), 502),
        (Fault::Redirect(Endpoint::Token), 502),
        (Fault::WrongIssuer, 502),
        (Fault::BadSignature, 502),
        (Fault::Expired, 502),
        (Fault::TokenError("invalid_client".to_owned()), 502),
        (Fault::TokenError("invalid_scope".to_owned()), 502),
        (Fault::TokenError("invalid_token".to_owned()), 502),
        (Fault::Status(Endpoint::Userinfo, 503), 503),
        (Fault::Status(Endpoint::Userinfo, 404), 502),
        (Fault::Garbage(Endpoint::Userinfo), 502),
        (Fault::UserinfoWrongSub, 502),
    ] {
        let site = Site::with("mira").await;
        site.provider.fault(fault.clone());
        let renewal = json!({ "force_refresh": true, "refetch_user_info": true });
        let answer = post(&site, renewal).await;
        assert_eq!(refused(answer).0, status, "{fault:?}");
        assert_eq!(
            site.get("/api/me").await.0,
            200,
            "nobody is signed out: {fault:?}"
        );
    }
}

#[tokio::test]
async fn revoked_tokens_are_gone_and_the_session_goes_on() {
    let site = Site::with("mira").await;
    assert_eq!(site.fetch(Method::DELETE, PATH, None).await.0, 204);
    assert_eq!(site.provider.calls(Endpoint::Revocation), 1);
    assert_eq!(
        refused(site.get(PATH).await),
        (401, "no_refresh_token".to_owned())
    );
    assert_eq!(site.get("/api/me").await.0, 200);
    let nobody = Site::start().await;
    let answer = nobody.fetch(Method::DELETE, PATH, None).await;
    assert_eq!(refused(answer), (401, "no_session".to_owned()));
}

/// Examples are copied.
#[tokio::test]
async fn no_route_gives_a_refresh_token_to_scripts() {
    let site = Site::start().await;
    let given: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&given);
    site.provider.tamper_token_response(move |answer| {
        let token = answer["refresh_token"].as_str().unwrap();
        seen.lock().unwrap().push(token.to_owned());
    });
    site.sign_in("mira").await;
    let mut shown = String::new();
    for body in [
        json!({ "force_refresh": true, "refetch_user_info": true }),
        json!({}),
    ] {
        shown += &post(&site, body).await.1.to_string();
    }
    let custom = json!({ "refresh_token": "mine" });
    for (method, path, body) in [
        (Method::GET, PATH, None),
        (Method::GET, "/api/me", None),
        (Method::GET, "/api/admin", None),
        (Method::GET, "/api/session", None),
        (Method::PATCH, "/api/session", Some(custom)),
        (Method::GET, "/api/auth/userinfo?refetch=true", None),
    ] {
        let (status, answer) = site.fetch(method, path, body).await;
        assert_eq!(status, 200, "{path}");
        shown += &answer.to_string();
    }
    for page in ["/", "/dashboard", "/admin", "/staff", "/imperative", "/step-up"] {
        shown += &site.open(page).await.body;
    }
    let given = given.lock().unwrap();
    assert_eq!(given.len(), 2, "of the sign-in, and of the renewal");
    for token in &*given {
        assert!(!shown.contains(token.as_str()));
    }
}

#[tokio::test]
async fn a_site_that_others_can_reach_shows_none() {
    let answer = Site::tokens_at("https://shop.example.com").await;
    assert_eq!(refused(answer), (403, "not_local".to_owned()));
}
