//! Access tokens at routes that the layer protects by their paths.

use axum::Router;
use axum::routing::any;
use http::Method;
use monocloud_runtime::protected::All;
use monocloud_runtime::testing::MintedSession;
use monocloud_runtime::{Protect, monocloud_routes};

use super::api::{AUDIENCE, Api, OWN, bearer, challenge, said};
use crate::fixtures::{call, get, lin, mira};

async fn api() -> Api {
    let mut api = Api::start().await;
    let routes = [
        Protect::new().at(["/api", "/pages"]),
        Protect::new().groups(["admin"]).at("/api/internal"),
        Protect::api().scopes(["stock:read"]).at("/api/stock"),
    ];
    api.app = Router::new()
        .fallback(any(async || "inside"))
        .merge(monocloud_routes!(api.auth))
        .layer(api.auth.layer().protected_routes(routes).unwrap());
    api
}

#[tokio::test]
async fn a_token_is_decided_by_alone_and_must_pass_every_entry() {
    let api = api().await;
    let [mira_token, lin_token] = ["mira", "lin"].map(|sub| bearer(&api.token(sub, &["stock:read"])));
    let without = bearer(&api.token("mira", &["other"]));
    for (path, token, expected) in [
        ("/api/x", &lin_token, 200),
        ("/api/internal", &mira_token, 200),
        ("/api/internal", &lin_token, 403),
        ("/api/stock/7", &lin_token, 200),
        ("/api/stock/7", &without, 403),
        ("/pages/x", &mira_token, 401),
        ("/api/x", &"Bearer garbage".to_owned(), 401),
    ] {
        let answer = api.get(path, token).await;
        assert_eq!(answer.status, expected, "{path}: {answer:?}");
        let session = api.session(mira());
        let headers = [("authorization", token.as_str()), ("cookie", session.as_str())];
        let beside = api.call(Method::GET, path, &headers).await;
        assert_eq!(beside.status, expected, "{path}: the cookie changes nothing");
    }
    // No browser sends a token by itself, so no site is asked for.
    let post = api
        .call(Method::POST, "/api/x", &[("authorization", &mira_token)])
        .await;
    assert_eq!(post.status, 200);
    let session = api.session(lin());
    let post = api.call(Method::POST, "/api/x", &[("cookie", &session)]).await;
    assert_eq!(said(&post), (403, "forbidden".to_owned()));
    assert_eq!(
        api.call(Method::POST, "/api/x", &[("cookie", &session), OWN])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn who_is_refused_reads_why_and_where_the_api_describes_itself() {
    let api = api().await;
    let out = get(&api.app, "/api/stock/7", &[]).await;
    assert!(
        out.status == 401 && challenge(&out).contains("resource_metadata="),
        "{out:?}"
    );
    let garbage = api.get("/api/x", "Bearer garbage").await;
    assert!(
        challenge(&garbage).contains(r#"error="invalid_token""#),
        "{garbage:?}"
    );
    let without = api
        .get("/api/stock/7", &bearer(&api.token("mira", &["other"])))
        .await;
    let said = challenge(&without);
    assert!(
        said.contains(r#"error="insufficient_scope""#) && said.contains(r#"scope="stock:read""#),
        "{said}"
    );
}

#[tokio::test]
async fn the_description_is_open_and_names_the_scopes_of_entries() {
    let api = api().await;
    let well_known = "/.well-known/oauth-protected-resource";
    let everything = Router::new()
        .fallback(any(async || "inside"))
        .merge(monocloud_routes!(api.auth))
        .layer(api.auth.layer().protected_routes(All).unwrap());
    let document = get(&everything, well_known, &[]).await;
    assert_eq!(document.status, 200);
    let scopes = document.json()["scopes_supported"].clone();
    assert!(
        scopes.as_array().unwrap().contains(&"stock:read".into()),
        "{scopes}"
    );
    for path in [
        "/.well-known/oauth-protected-resource/x",
        "/.well-known/%6fauth-protected-resource",
        "/.well-known/oauth-protected-resource/../secret",
        "/.well-known/other",
    ] {
        assert_eq!(get(&everything, path, &[]).await.status, 303, "{path}");
    }
}

#[tokio::test]
async fn the_description_is_open_at_its_address_to_the_letter() {
    let api = Api::with(
        |provider| provider,
        |settings| settings.api_audience("http://localhost:3000/mcp/"),
    )
    .await;
    let well_known = "/.well-known/oauth-protected-resource";
    let everything = Router::new()
        .fallback(any(async || "inside"))
        .merge(monocloud_routes!(api.auth))
        .layer(api.auth.layer().protected_routes(All).unwrap());
    for (path, status) in [("", 200), ("/mcp/", 200), ("/mcp", 303), ("/mcp/x", 303)] {
        let answer = get(&everything, &format!("{well_known}{path}"), &[]).await;
        assert_eq!(answer.status, status, "{path}");
    }
    // Whoever would protect it is told that everybody reaches it.
    let entry = Protect::new().at(["/.well-known/oauth-protected-resource/mcp/"]);
    let mistake = api.auth.layer().protected_routes([entry]).err().unwrap();
    assert!(mistake.to_string().contains("the library's own"), "{mistake}");
}

#[tokio::test]
async fn an_issuer_that_is_away_lets_nobody_in() {
    let api = api().await;
    let token = bearer(&api.token("mira", &["stock:read"]));
    api.provider.stop().await;
    let answer = call(
        &api.app,
        Method::GET,
        "/api/stock/7",
        &[("authorization", &token)],
    )
    .await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
}

#[tokio::test]
async fn a_page_takes_no_token_however_its_path_is_written() {
    let mut api = Api::start().await;
    let routes = [Protect::new().at("/pages")];
    api.app = Router::new()
        .fallback(any(async || "inside"))
        .layer(api.auth.layer().protected_routes(routes).unwrap());
    let read = &["orders:read"];
    let tokens = [
        api.token("mira", read),
        api.provider.client_credentials(AUDIENCE, read),
    ];
    for path in [
        "/pages/x",
        "/api/../pages/x",
        "/api/%2e%2e/pages/x",
        "/api/..%2fpages/x",
        "/api/..;v/pages/x",
        "/api/..%5cpages/x",
    ] {
        for token in &tokens {
            let answer = api.get(path, &bearer(token)).await;
            assert_eq!(answer.status, 401, "{path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn the_scopes_of_a_session_are_those_of_its_default_token() {
    let api = api().await;
    let with = |scopes: &[&str]| {
        let minted = MintedSession::new(mira()).scopes(scopes.iter().copied());
        minted.cookie(&api.auth)
    };
    for (cookie, status) in [
        (with(&["openid", "stock:read"]), 200),
        (with(&["stock:write", "stock:reader"]), 403),
        (with(&[]), 403),
        (api.session(mira()), 403),
    ] {
        let answer = api
            .call(Method::GET, "/api/stock/7", &[("cookie", &cookie)])
            .await;
        assert_eq!(answer.status, status, "{answer:?}");
        let other = api.call(Method::GET, "/api/x", &[("cookie", &cookie)]).await;
        assert_eq!(other.status, 200, "{other:?}");
    }
}
