//! What scripts ask for, in whatever words, and what they may not ask for.

use reqwest::Method;
use serde_json::json;

use crate::site::Site;
use crate::tokens::{PATH, post, refused};

#[tokio::test]
async fn each_api_has_a_token_of_its_own() {
    let site = Site::with("mira").await;
    let default = site.get(PATH).await.1["accessToken"].clone();
    let of = async |resource: &str, scopes: &str| {
        let query = format!("{PATH}?resource={resource}&scopes={scopes}");
        let (status, tokens) = site.get(&query).await;
        assert_eq!(status, 200, "{query}: {tokens}");
        tokens
    };
    let orders = of("https://orders.example.com", "orders:read").await;
    assert_eq!(orders["resource"], "https://orders.example.com");
    assert_eq!(orders["scopes"], "orders:read");
    let stock = of("https://stock.example.com", "").await;
    assert_eq!(stock["scopes"], "stock:read");
    let again = of("https://orders.example.com", "orders:read").await;
    assert_eq!(again["accessToken"], orders["accessToken"], "it is kept");
    let both = of(
        "https://stock.example.com+https://orders.example.com",
        "stock:read+orders:read",
    )
    .await;
    let tokens = [
        &default,
        &orders["accessToken"],
        &stock["accessToken"],
        &both["accessToken"],
    ];
    for (at, token) in tokens.iter().enumerate() {
        assert!(!tokens[..at].contains(token), "{at}");
    }
    let wrong = site
        .get(&format!(
            "{PATH}?resource=https://stock.example.com&scopes=orders:read"
        ))
        .await;
    assert_eq!(refused(wrong).0, 400);
}

#[tokio::test]
async fn what_is_not_configured_or_not_understood_is_refused() {
    let site = Site::with("mira").await;
    for query in [
        "?resource=https://other.example.com",
        "?resource=x",
        "?resource=x&resource=y",
        "?scopes=admin",
        "?scopes=%00",
        "?scopes=%ff",
    ] {
        let answer = site.get(&format!("{PATH}{query}")).await;
        assert_eq!(refused(answer).0, 400, "{query}");
        let answer = site.fetch(Method::POST, &format!("{PATH}{query}"), None).await;
        assert_eq!(refused(answer).0, 400, "{query}");
    }
    for body in [
        json!({ "force_refresh": "perhaps" }),
        json!({ "force_refresh": 1 }),
        json!({ "resource": { "a": 1 } }),
        json!({ "resource": "https://other.example.com" }),
        json!([]),
        json!(true),
        json!(null),
    ] {
        assert_eq!(refused(post(&site, body.clone()).await).0, 400, "{body}");
    }
    let large = post(&site, json!({ "scopes": "x".repeat(3_000_000) })).await;
    assert_eq!(refused(large).0, 413);
    assert_eq!(site.get("/api/me").await.0, 200);
}

#[tokio::test]
async fn a_renewal_is_asked_for_in_any_words() {
    let site = Site::with("mira").await;
    let mut last = site.get(PATH).await.1["accessToken"].clone();
    for (query, body) in [
        ("", Some(json!({ "force_refresh": true }))),
        (
            "",
            Some(json!({ "forceRefresh": "yes", "resource": null, "scopes": [] })),
        ),
        ("?force_refresh=1", None),
        ("?force_refresh=true", Some(json!({}))),
    ] {
        // A renewal serves for a second.
        site.advance(2);
        let (status, tokens) = site
            .fetch(Method::POST, &format!("{PATH}{query}"), body.clone())
            .await;
        assert_eq!(status, 200, "{tokens}");
        assert_ne!(tokens["accessToken"], last, "{query} {body:?}");
        last = tokens["accessToken"].clone();
    }
}

#[tokio::test]
async fn nobodys_body_is_looked_at() {
    let site = Site::start().await;
    for body in [json!([]), json!({ "force_refresh": "perhaps" })] {
        assert_eq!(refused(post(&site, body).await), (401, "no_session".to_owned()));
    }
}

#[tokio::test]
async fn words_come_in_one_text_or_in_several() {
    let site = Site::with("mira").await;
    let first = site.get(PATH).await.1["accessToken"].clone();
    let all = "openid%20profile%20email%20offline_access";
    for query in [
        "?resource=&scopes=".to_owned(),
        format!("?scopes={all}"),
        "?scopes=email&scopes=offline_access%20openid&scopes=profile&scopes=email".to_owned(),
        "?scopes=%20&more=7".to_owned(),
    ] {
        let (status, tokens) = site.get(&format!("{PATH}{query}")).await;
        assert_eq!((status, &tokens["accessToken"]), (200, &first), "{query}");
    }
    for body in [
        json!({ "resource": null, "scopes": null, "force_refresh": null }),
        json!({ "scopes": ["profile", "email openid", "offline_access"], "force_refresh": false }),
        json!({ "resource": [], "scopes": [], "refetch_user_info": "false" }),
    ] {
        let (status, tokens) = post(&site, body.clone()).await;
        assert_eq!((status, &tokens["accessToken"]), (200, &first), "{body}");
    }
    let fewer = site.get(&format!("{PATH}?scopes=openid&scopes=profile")).await.1;
    assert_ne!(fewer["accessToken"], first);
    assert_eq!(fewer["scopes"], "openid profile");
    // Without a body at all, and with the renewal in the query.
    let path = format!("{PATH}?force_refresh=true");
    let (status, renewed) = site.fetch(Method::POST, &path, None).await;
    assert_eq!(status, 200, "{renewed}");
    assert_ne!(renewed["accessToken"], first);
}
