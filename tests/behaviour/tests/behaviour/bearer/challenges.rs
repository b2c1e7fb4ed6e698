//! What refused clients read (RFC 6750 §3, RFC 9728 §5.1).

use super::api::{AUDIENCE, Api, bearer, challenge};

const METADATA: &str = "resource_metadata=\"http://localhost:3000/.well-known/oauth-protected-resource\"";

#[tokio::test]
async fn a_request_without_a_token_made_no_mistake() {
    let api = Api::start().await;
    let answer = api.call(http::Method::GET, "/api/write", &[]).await;
    assert_eq!(
        challenge(&answer),
        format!("Bearer scope=\"orders:read orders:write\", {METADATA}")
    );
    let plain = api.call(http::Method::GET, "/api/any", &[]).await;
    assert_eq!(challenge(&plain), format!("Bearer {METADATA}"));
    let extractor = api.call(http::Method::GET, "/user", &[]).await;
    assert_eq!(challenge(&extractor), format!("Bearer {METADATA}"));
}

#[tokio::test]
async fn every_401_and_403_names_the_metadata_and_the_scopes() {
    let api = Api::start().await;
    let lacking = bearer(&api.token("lin", &["orders:read"]));
    for (path, authorization, status, error) in [
        ("/api/write", "Bearer garbage", 401, "error=\"invalid_token\""),
        ("/api/write", &lacking, 403, "error=\"insufficient_scope\""),
        ("/api/admin", &lacking, 403, ""),
        (
            "/api/strong",
            &lacking,
            401,
            "error=\"insufficient_user_authentication\"",
        ),
    ] {
        let answer = api.get(path, authorization).await;
        assert_eq!(answer.status, status, "{path}");
        let challenge = challenge(&answer);
        assert!(
            challenge.contains(error) && challenge.contains(METADATA),
            "{answer:?}"
        );
        assert!(challenge.contains("scope=\"orders:read"), "{answer:?}");
    }
}

#[tokio::test]
async fn an_api_that_is_no_url_has_no_metadata() {
    let api = Api::with(
        |provider| provider,
        |settings| settings.api_audience("urn:orders"),
    )
    .await;
    let answer = api.call(http::Method::GET, "/api/any", &[]).await;
    assert_eq!(challenge(&answer), "Bearer");
    let token = api.provider.access_token("mira", "urn:orders", &[]);
    assert_eq!(api.get("/api/any", &bearer(&token)).await.status, 200);
    let other = api.provider.access_token("mira", AUDIENCE, &[]);
    assert_eq!(api.get("/api/any", &bearer(&other)).await.status, 401);
}

#[tokio::test]
async fn handlers_of_ones_own_answer_and_know_the_challenge() {
    let api = Api::start().await;
    let lacking = bearer(&api.token("mira", &["orders:write"]));
    for (authorization, reason, error) in [
        ("Basic x", "SignedOut", "Bearer scope"),
        ("Bearer garbage", "InvalidToken", "invalid_token"),
        (&lacking, "MissingScope", "insufficient_scope"),
    ] {
        let answer = api.get("/api/own", authorization).await;
        assert_eq!(answer.status, 418, "{answer:?}");
        assert!(
            answer.body.starts_with(reason) && answer.body.contains(error),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn no_challenge_has_words_of_the_token_or_its_issuer() {
    let api = Api::start().await;
    api.provider.tamper_access_token(|_, claims| {
        claims.insert("iss".into(), "https://evil.example/words".into());
    });
    let foreign = bearer(&api.token("mira", &[]));
    for authorization in [foreign.as_str(), "Bearer garbage", "Bearer a b"] {
        for path in ["/api/any", "/user", "/who", "/imperative"] {
            let answer = api.get(path, authorization).await;
            let fixed =
                "Bearer error=\"invalid_token\", error_description=\"the access token is not valid here\", ";
            assert!(challenge(&answer).starts_with(fixed), "{path}: {answer:?}");
            assert!(
                !format!("{answer:?}").contains("evil.example"),
                "{path}: {answer:?}"
            );
        }
    }
}
