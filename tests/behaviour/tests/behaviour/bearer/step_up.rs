//! When and how the person of a token proved who they are (RFC 9470).

use serde_json::json;

use super::api::{Api, bearer, challenge};

#[tokio::test]
async fn max_age_is_read_from_the_token() {
    let api = Api::start().await;
    let token = bearer(&api.token("mira", &[]));
    assert_eq!(api.get("/api/fresh", &token).await.status, 200);
    api.clock.advance(300);
    assert_eq!(api.get("/api/fresh", &token).await.status, 200);
    api.clock.advance(1);
    let late = api.get("/api/fresh", &token).await;
    assert_eq!(late.status, 401);
    assert!(
        challenge(&late).starts_with("Bearer error=\"insufficient_user_authentication\"")
            && challenge(&late).ends_with("max_age=\"300\""),
        "{late:?}"
    );
}

#[tokio::test]
async fn a_token_that_does_not_say_when_or_how_is_challenged() {
    let api = Api::start().await;
    api.provider.tamper_access_token(|_, claims| {
        claims.remove("auth_time");
    });
    let silent = bearer(&api.token("mira", &["orders:read"]));
    assert_eq!(api.get("/api/fresh", &silent).await.status, 401);
    let weak = api.get("/api/strong", &silent).await;
    assert_eq!(weak.status, 401);
    assert!(
        challenge(&weak).contains("acr_values=\"urn:mfa urn:pin\""),
        "{weak:?}"
    );
    assert_eq!(api.get("/api/any", &silent).await.status, 200);
}

#[tokio::test]
async fn acr_is_compared_to_the_letter() {
    let api = Api::start().await;
    for (acr, status) in [
        (json!("urn:mfa"), 200),
        (json!("urn:pin"), 200),
        (json!("URN:MFA"), 401),
        (json!("urn:mfa urn:pin"), 401),
        (json!(["urn:mfa"]), 401),
        (json!(null), 401),
    ] {
        let said = acr.clone();
        api.provider.tamper_access_token(move |_, claims| {
            claims.insert("acr".into(), said.clone());
        });
        let token = bearer(&api.token("mira", &["orders:read"]));
        assert_eq!(api.get("/api/strong", &token).await.status, status, "{acr}");
        api.provider.clear_faults();
    }
}

#[tokio::test]
async fn whoever_lacks_a_scope_is_not_asked_to_prove_more() {
    let api = Api::start().await;
    let answer = api.get("/api/strong", &bearer(&api.token("mira", &[]))).await;
    assert_eq!(answer.status, 403);
    assert!(challenge(&answer).contains("insufficient_scope"));
}
