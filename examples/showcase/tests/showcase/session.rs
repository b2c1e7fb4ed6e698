//! The session as scripts see it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::site::Site;

const PATH: &str = "/api/session";

#[tokio::test]
async fn it_is_shown_without_tokens() {
    let site = Site::with("mira").await;
    let (status, session) = site.get(PATH).await;
    assert_eq!((status, &session["user"]["sub"]), (200, &json!("mira")));
    assert!(
        session["expiresAt"].as_i64() > session["createdAt"].as_i64(),
        "{session}"
    );
    assert_eq!(session["custom"], json!({}));
    assert!(!session.to_string().to_lowercase().contains("token"), "{session}");
}

#[tokio::test]
async fn fields_are_set_kept_and_dropped() {
    let site = Site::with("mira").await;
    let change = |body: Value| site.fetch(Method::PATCH, PATH, Some(body));
    let (status, answer) = change(json!({ "theme": "dark", "list": [1] })).await;
    assert_eq!(
        (status, &answer["custom"]),
        (200, &json!({ "theme": "dark", "list": [1] }))
    );
    change(json!({ "theme": null, "size": 2 })).await;
    assert_eq!(
        site.get(PATH).await.1["custom"],
        json!({ "list": [1], "size": 2 })
    );
    for (body, expected) in [
        (json!("dark"), 400),
        (json!([]), 400),
        (json!(null), 400),
        (json!({ "large": "x".repeat(20_000) }), 413),
        (json!({ "larger": "x".repeat(3_000_000) }), 413),
    ] {
        let (status, answer) = change(body).await;
        assert_eq!(status, expected);
        assert!(
            answer["error"].is_string() && answer["message"].is_string(),
            "{answer}"
        );
    }
    let (status, answer) = site.fetch(Method::PATCH, PATH, None).await;
    assert_eq!((status, &answer["error"]), (415, &json!("invalid_request")));
    assert_eq!(
        site.get(PATH).await.1["custom"],
        json!({ "list": [1], "size": 2 })
    );
}

#[tokio::test]
async fn it_ends_for_every_copy_of_its_cookie() {
    let site = Site::with("mira").await;
    assert_eq!(site.fetch(Method::DELETE, PATH, None).await.0, 204);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(site.fetch(method, PATH, None).await.0, 401);
    }
    assert_eq!(site.fetch(Method::PATCH, PATH, Some(json!({}))).await.0, 401);
}
