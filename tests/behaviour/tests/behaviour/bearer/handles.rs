//! `Auth` and the service without axum, where a token speaks.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use monocloud_runtime::Protect;
use serde_json::json;

use super::api::{Api, OWN, bearer, challenge};
use crate::fixtures::{logged, mira};

#[tokio::test]
async fn a_handle_knows_the_caller_and_no_session() {
    let api = Api::start().await;
    let (token, cookie) = (bearer(&api.token("mira", &[])), api.session(mira()));
    let headers = [("authorization", token.as_str()), ("cookie", &cookie), OWN];
    let answer = api.call(Method::GET, "/handle", &headers).await;
    assert_eq!(
        answer.json(),
        json!({
            "authenticated": true, "user": "mira", "client": api.provider.client_id(),
            "session": false, "admin": true, "tokens": false,
        })
    );
}

#[tokio::test]
async fn protect_in_a_handler_asks_for_scopes_and_groups() {
    let api = Api::start().await;
    let read = &["orders:read"];
    assert_eq!(
        api.get("/imperative", &bearer(&api.token("mira", read)))
            .await
            .body,
        "mira"
    );
    let wrong_group = api.get("/imperative", &bearer(&api.token("lin", read))).await;
    assert_eq!(wrong_group.status, 403);
    let missing = api.get("/imperative", &bearer(&api.token("mira", &[]))).await;
    assert!(challenge(&missing).contains("insufficient_scope"), "{missing:?}");
}

#[tokio::test]
async fn a_service_without_axum_decides_alike() {
    let api = Api::start().await;
    let token = bearer(&api.token("mira", &["orders:read"]));
    for (authorization, status) in [(token.as_str(), 200), ("Bearer garbage", 401), ("Basic x", 401)] {
        let request = Request::get("/orders").header("authorization", authorization);
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let response: Response<Full<Bytes>> = api
            .auth
            .serve(request, async |auth, _| {
                match auth.protect(Protect::api().scopes(["orders:read"])).await {
                    Ok(user) => Response::new(user.sub().to_owned().into()),
                    Err(denied) => denied.into(),
                }
            })
            .await;
        assert_eq!(response.status(), status, "{authorization}");
        if status == 401 {
            assert!(
                response.headers()["www-authenticate"]
                    .to_str()
                    .unwrap()
                    .starts_with("Bearer")
            );
        }
        assert_eq!(response.headers()["cache-control"], "private, no-store");
    }
    let request = Request::get("/.well-known/oauth-protected-resource");
    let request = request.body(Full::<Bytes>::default()).unwrap();
    let response: Response<Full<Bytes>> = api
        .auth
        .serve(request, async |_, _| Response::new("not here".into()))
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("vary"));
}

#[tokio::test]
async fn no_log_has_the_token() {
    let api = Api::start().await;
    let token = api.token("mira", &[]);
    let garbage = "a-secret-that-is-no-token";
    let ((), log) = logged(async {
        api.get("/api/any", &bearer(&token)).await;
        api.get("/api/write", &bearer(&token)).await;
        api.get("/api/any", &bearer(garbage)).await;
        api.get("/user", &bearer(garbage)).await;
    })
    .await;
    let signature = token.rsplit('.').next().unwrap();
    assert!(!log.contains(signature) && !log.contains(garbage), "{log}");
    assert!(log.contains("invalid token"), "{log}");
}

#[tokio::test]
async fn an_issuer_that_is_away_is_503_and_not_401() {
    let api = Api::start().await;
    let token = bearer(&api.token("mira", &[]));
    api.provider.stop().await;
    for path in ["/api/any", "/who", "/handle", "/imperative"] {
        let answer = api.get(path, &token).await;
        assert_eq!(answer.status, 503, "{path} {answer:?}");
        assert!(answer.header("retry-after").is_some(), "{path}");
    }
}
