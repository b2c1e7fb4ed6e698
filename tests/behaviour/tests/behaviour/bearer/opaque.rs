//! Tokens that only the issuer can read (RFC 7662).

use monocloud_runtime::testing::Endpoint;

use super::api::{AUDIENCE, Api, bearer, challenge};
use crate::fixtures::mira;

async fn api() -> Api {
    Api::with(
        |provider| provider.opaque_resources([AUDIENCE]),
        |settings| settings,
    )
    .await
}

#[tokio::test]
async fn the_issuer_is_asked_once_and_then_remembered() {
    let api = api().await;
    let token = bearer(&api.token("mira", &["orders:read"]));
    for _ in 0..5 {
        assert_eq!(api.get("/api/admin", &token).await.body, "mira");
        assert_eq!(api.get("/user", &token).await.json()["user"], "mira");
    }
    assert_eq!(api.provider.calls(Endpoint::Introspection), 1);
    assert_eq!(api.get("/api/write", &token).await.status, 403);
}

#[tokio::test]
async fn a_revoked_token_is_refused_within_a_minute() {
    let api = api().await;
    let token = api.token("mira", &[]);
    assert_eq!(api.get("/api/any", &bearer(&token)).await.status, 200);
    api.provider.revoke(&token);
    api.clock.advance(61);
    let refused = api.get("/api/any", &bearer(&token)).await;
    assert_eq!(refused.status, 401);
    assert!(challenge(&refused).contains("invalid_token"));
}

#[tokio::test]
async fn what_the_issuer_does_not_know_is_refused() {
    let api = api().await;
    let other = api
        .provider
        .access_token("mira", "https://other.example.com", &[]);
    for token in ["unknown", &other] {
        assert_eq!(api.get("/api/any", &bearer(token)).await.status, 401, "{token}");
    }
}

#[tokio::test]
async fn where_only_a_session_counts_the_issuer_is_not_asked() {
    let api = api().await;
    let cookie = api.session(mira());
    for is_away in [false, true] {
        if is_away {
            api.provider.stop().await;
        }
        for path in ["/page", "/api/session"] {
            let headers = [("authorization", "Bearer random"), ("cookie", cookie.as_str())];
            let answer = api.call(http::Method::GET, path, &headers).await;
            assert_eq!(answer.status, 401, "{path} {is_away}: {answer:?}");
        }
        if !is_away {
            assert_eq!(api.provider.calls(Endpoint::Introspection), 0);
        }
    }
}
