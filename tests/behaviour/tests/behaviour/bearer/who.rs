//! Whom a token speaks for, and what they may do.

use http::Method;
use monocloud_runtime::testing::{AccessTokenFault, Fault};
use monocloud_runtime::{Claims, User};

use super::api::{AUDIENCE, Api, OWN, bearer, challenge, said};
use crate::fixtures::{lin, mira};

const BOTH: &[&str] = &["orders:read", "orders:write"];

#[tokio::test]
async fn all_scopes_are_needed_whatever_else_the_token_has() {
    let api = Api::start().await;
    for (scopes, status) in [
        (&["orders:read", "orders:write"][..], 200),
        (&["openid", "orders:write", "orders:read", "x"], 200),
        (&["orders:read"], 403),
        (&["orders:write"], 403),
        (&["orders"], 403),
        (&["ORDERS:READ", "ORDERS:WRITE"], 403),
        (&["orders:read:orders:write"], 403),
        (&[], 403),
    ] {
        let answer = api.get("/api/write", &bearer(&api.token("mira", scopes))).await;
        assert_eq!(answer.status, status, "{scopes:?}");
        if status == 403 {
            assert_eq!(said(&answer).1, "forbidden");
            assert!(
                challenge(&answer).starts_with("Bearer error=\"insufficient_scope\"")
                    && challenge(&answer).contains("scope=\"orders:read orders:write\""),
                "{answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn groups_come_from_the_token_alone() {
    let api = Api::start().await;
    let read = &["orders:read"];
    let admin = api.get("/api/admin", &bearer(&api.token("mira", read))).await;
    assert_eq!(admin.body, "mira");
    let cookie = api.session(mira());
    let token = bearer(&api.token("lin", read));
    let headers = [("authorization", token.as_str()), ("cookie", &cookie), OWN];
    let other = api.call(Method::GET, "/api/admin", &headers).await;
    assert_eq!(said(&other), (403, "forbidden".into()));
    // Another token would not help.
    assert!(!challenge(&other).contains("error="), "{other:?}");
}

#[tokio::test]
async fn a_client_that_calls_on_its_own_is_no_user() {
    let api = Api::start().await;
    let token = bearer(&api.provider.client_credentials(AUDIENCE, BOTH));
    let any = api.get("/api/any", &token).await;
    assert_eq!(any.json()["user"], serde_json::Value::Null);
    assert_eq!(any.json()["client"], api.provider.client_id());
    assert_eq!(api.get("/api/write", &token).await.status, 200);
    assert_eq!(api.get("/claims", &token).await.status, 200);
    assert_eq!(
        api.get("/who", &token).await.json()["user"],
        serde_json::Value::Null
    );
    assert_eq!(said(&api.get("/user", &token).await), (403, "forbidden".into()));
    assert_eq!(
        said(&api.get("/imperative", &token).await),
        (403, "forbidden".into())
    );
}

#[tokio::test]
async fn accept_narrows_a_guard_to_one_of_the_two() {
    let api = Api::start().await;
    let (token, cookie) = (bearer(&api.token("mira", &[])), api.session(mira()));
    let by_cookie = [("cookie", cookie.as_str())];
    let both = [("authorization", token.as_str()), ("cookie", &cookie)];
    assert_eq!(api.get("/api/bearer", &token).await.json()["sub"], "mira");
    assert_eq!(api.call(Method::GET, "/api/bearer", &both).await.status, 200);
    let session = api.call(Method::GET, "/api/bearer", &by_cookie).await;
    assert_eq!(said(&session), (401, "unauthorized".into()));
    assert!(challenge(&session).starts_with("Bearer "), "{session:?}");
    assert_eq!(
        api.call(Method::GET, "/api/session", &by_cookie).await.body,
        "mira"
    );
    for headers in [&both[..], &both[..1]] {
        let refused = api.call(Method::GET, "/api/session", headers).await;
        assert_eq!(said(&refused), (401, "unauthorized".into()));
    }
}

#[tokio::test]
async fn a_session_has_the_scopes_of_its_default_token() {
    let api = Api::with(
        |provider| provider,
        |settings| settings.scopes("openid profile orders:read orders:write"),
    )
    .await;
    let mut browser = crate::fixtures::Browser::new(&api.app);
    browser.sign_in(&api.provider, "mira").await;
    assert_eq!(browser.get("/api/write").await.status, 200);
    // A minted session has none.
    let answer = api
        .call(Method::GET, "/api/write", &[("cookie", &api.session(mira()))])
        .await;
    assert_eq!(said(&answer), (403, "forbidden".into()));
    assert!(challenge(&answer).contains("insufficient_scope"));
    let without = api.call(Method::GET, "/api/write", &[]).await;
    assert_eq!(without.status, 401);
}

#[tokio::test]
async fn a_page_takes_no_token_and_sends_no_program_to_sign_in() {
    let api = Api::start().await;
    let answer = api.get("/page", &bearer(&api.token("mira", &[]))).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (401, None));
    assert!(challenge(&answer).starts_with("Bearer"), "{answer:?}");
    let browser = api.call(Method::GET, "/page", &[]).await;
    assert_eq!(browser.status, 303);
    let signed_in = api
        .call(Method::GET, "/page", &[("cookie", &api.session(lin()))])
        .await;
    assert_eq!(signed_in.body, "page");
}

#[tokio::test]
async fn answers_to_a_token_stay_out_of_caches() {
    let api = Api::start().await;
    let good = bearer(&api.token("mira", &["orders:read"]));
    for (path, authorization) in [
        ("/api/any", good.as_str()),
        ("/who", &good),
        ("/handle", &good),
        ("/api/write", &good),
        ("/api/any", "Bearer garbage"),
        ("/who", "Bearer garbage"),
    ] {
        let answer = api.get(path, authorization).await;
        assert_eq!(
            answer.header("cache-control"),
            Some("private, no-store"),
            "{path}"
        );
        assert!(
            answer.vary().to_lowercase().contains("authorization"),
            "{path} {answer:?}"
        );
        assert!(answer.cookies().is_empty());
    }
    let session = api
        .call(Method::GET, "/who", &[("cookie", &api.session(mira()))])
        .await;
    assert!(
        session.vary().to_lowercase().contains("authorization"),
        "{session:?}"
    );
}

#[tokio::test]
async fn what_the_verifier_refuses_no_guard_lets_in() {
    let api = Api::start().await;
    for fault in [
        AccessTokenFault::SenderConstrained,
        AccessTokenFault::MissingExpiry,
        AccessTokenFault::WrongType,
        AccessTokenFault::AlgNone,
        AccessTokenFault::Hs256,
        AccessTokenFault::OtherKey,
    ] {
        api.provider.fault(Fault::AccessToken(fault));
        let answer = api.get("/api/any", &bearer(&api.token("mira", &[]))).await;
        assert_eq!(answer.status, 401, "{fault:?}");
        api.provider.clear_faults();
    }
    assert_eq!(
        api.get("/api/any", &bearer(&api.token("mira", &[]))).await.status,
        200
    );
}

#[tokio::test]
async fn every_refusal_where_tokens_are_taken_varies_by_them() {
    let api = Api::start().await;
    let good = bearer(&api.token("lin", &["orders:read"]));
    let layered = axum::Router::new()
        .fallback(axum::routing::any(async || "inside"))
        .layer(api.auth.layer().protected_routes(["/api"]).unwrap());
    let two = [("authorization", good.as_str()), ("authorization", "Basic x")];
    let mut answers = vec![
        api.call(Method::GET, "/api/any", &[]).await,
        api.call(Method::GET, "/user", &[]).await,
        api.call(Method::GET, "/page", &[]).await,
        api.call(Method::GET, "/api/any", &two).await,
        api.get("/api/write", &good).await,
        api.get("/api/admin", &good).await,
        api.get("/api/strong", &good).await,
        api.get("/api/session", &good).await,
    ];
    for headers in [&[][..], &two[..]] {
        answers.push(crate::fixtures::get(&layered, "/api/x", headers).await);
    }
    for answer in answers {
        assert_eq!(
            answer.header("cache-control"),
            Some("private, no-store"),
            "{answer:?}"
        );
        assert!(
            answer.vary().to_lowercase().contains("authorization"),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn what_a_token_got_is_never_public() {
    let api = Api::start().await;
    let public = [("cache-control", "public, max-age=60")];
    let app = axum::Router::new()
        .route("/user", axum::routing::get(async move |_: Option<User>| public))
        .route(
            "/claims",
            axum::routing::get(async move |_: Option<Claims>| public),
        )
        .layer(api.auth.layer());
    let token = bearer(&api.token("mira", &[]));
    for path in ["/user", "/claims"] {
        let answer = crate::fixtures::get(&app, path, &[("authorization", &token)]).await;
        assert!(
            !answer.header("cache-control").unwrap().contains("public"),
            "{answer:?}"
        );
    }
}
