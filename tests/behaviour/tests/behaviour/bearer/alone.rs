//! The header decides alone: whatever it holds, the cookie beside it is nobody's.

use axum::body::Body;
use axum::middleware::{Next, from_fn};
use http::{Method, Request};
use monocloud_runtime::testing::{AccessTokenFault, Fault};
use monocloud_runtime::{Session, monocloud_routes};

use super::api::{Api, OWN, bearer, challenge, said};
use crate::fixtures::{at_rest, call, get, lin, mira, send, settings};

const UNAUTHORIZED: &str = "unauthorized";

#[tokio::test]
async fn a_token_that_is_no_good_is_never_replaced_by_the_session() {
    let api = Api::start().await;
    let cookie = api.session(mira());
    let other_audience = api
        .provider
        .access_token("mira", "https://other.example.com", &[]);
    let mut tampered = api.token("mira", &[]);
    let last = if tampered.pop() == Some('A') { 'B' } else { 'A' };
    tampered.push(last);
    api.provider.fault(Fault::AccessToken(AccessTokenFault::Expired));
    let expired = api.token("mira", &[]);
    for authorization in [
        bearer(&other_audience),
        bearer(&tampered),
        bearer(&expired),
        bearer("garbage"),
        bearer("a.b.c"),
        bearer(""),
        "Bearer".to_owned(),
        "bearer\tx".to_owned(),
        "BEARER  ".to_owned(),
        "Bearer a b".to_owned(),
        "Bearer \u{fc}".to_owned(),
        format!("Bearer {}", "x".repeat(20_000)),
    ] {
        for path in [
            "/api/any",
            "/api/bearer",
            "/who",
            "/user",
            "/claims",
            "/handle",
            "/imperative",
        ] {
            let headers = [
                ("authorization", authorization.as_str()),
                ("cookie", &cookie),
                OWN,
            ];
            let answer = api.call(Method::GET, path, &headers).await;
            assert_eq!(
                said(&answer),
                (401, UNAUTHORIZED.into()),
                "{path} {authorization:.60}"
            );
            assert!(
                challenge(&answer).starts_with("Bearer error=\"invalid_token\""),
                "{answer:?}"
            );
            assert!(answer.cookies().is_empty(), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn two_headers_are_400_and_name_the_mistake() {
    let api = Api::start().await;
    let (token, cookie) = (bearer(&api.token("mira", &[])), api.session(mira()));
    for other in [token.as_str(), "Basic YTpi", "Bearer x"] {
        for path in ["/api/any", "/who", "/handle"] {
            let headers = [
                ("authorization", token.as_str()),
                ("authorization", other),
                ("cookie", &cookie),
            ];
            let answer = api.call(Method::GET, path, &headers).await;
            assert_eq!(said(&answer), (400, "bad request".into()), "{path} {other}");
            assert!(
                challenge(&answer).contains("error=\"invalid_request\""),
                "{answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn other_schemes_are_others_business() {
    let api = Api::start().await;
    let cookie = api.session(mira());
    for other in ["Basic YTpi", "DPoP abc", "Bearerabc", "Negotiate x"] {
        let signed_in = api
            .call(
                Method::GET,
                "/api/any",
                &[("authorization", other), ("cookie", &cookie)],
            )
            .await;
        assert_eq!(signed_in.json()["user"], "mira", "{other}");
        assert_eq!(api.get("/api/any", other).await.status, 401, "{other}");
    }
}

#[tokio::test]
async fn tokens_in_the_address_or_the_body_are_none() {
    let api = Api::start().await;
    let token = api.token("mira", &[]);
    let answer = api
        .call(Method::GET, &format!("/api/any?access_token={token}"), &[])
        .await;
    assert_eq!(answer.status, 401);
    let form = Request::post("/api/any")
        .header("content-type", "application/x-www-form-urlencoded")
        .header(OWN.0, OWN.1)
        .body(Body::from(format!("access_token={token}")))
        .unwrap();
    assert_eq!(send(&api.app, form).await.status, 401);
}

#[tokio::test]
async fn without_an_audience_the_header_is_not_looked_at() {
    let (auth, _) = at_rest(settings());
    let app = crate::fixtures::app(&auth);
    let cookie = monocloud_runtime::testing::session_cookie(&auth, mira());
    let answer = call(
        &app,
        Method::GET,
        "/api/me",
        &[("authorization", "Bearer garbage"), ("cookie", &cookie)],
    )
    .await;
    assert_eq!(answer.status, 200);
    let out = get(&app, "/api/me", &[("authorization", "Bearer garbage")]).await;
    assert_eq!((out.status.as_u16(), challenge(&out)), (401, ""));
}

#[tokio::test]
async fn the_same_origin_rule_is_waived_only_where_the_token_speaks() {
    let api = Api::start().await;
    let (token, cookie) = (bearer(&api.token("mira", &[])), api.session(lin()));
    let evil = ("origin", "https://evil.example");
    let by_token = api
        .call(Method::POST, "/api/any", &[("authorization", &token), evil])
        .await;
    assert_eq!(by_token.status, 200);
    let both = [("authorization", token.as_str()), ("cookie", &cookie), evil];
    assert_eq!(
        api.call(Method::POST, "/api/any", &both).await.json()["user"],
        "mira"
    );
    assert_eq!(
        api.call(Method::POST, "/user", &both).await.json()["user"],
        "mira"
    );
    let by_cookie = api
        .call(Method::POST, "/api/any", &[("cookie", &cookie), evil])
        .await;
    assert_eq!(said(&by_cookie), (403, "forbidden".into()));
    let other_scheme = [("authorization", "Basic YTpi"), ("cookie", &cookie), evil];
    assert_eq!(
        api.call(Method::POST, "/api/any", &other_scheme).await.status,
        403
    );
}

#[tokio::test]
async fn the_library_s_own_routes_are_for_cookies() {
    let api = Api::start().await;
    let cookie = api.session(mira());
    for authorization in [bearer(&api.token("lin", &[])), bearer("garbage")] {
        let headers = [("authorization", authorization.as_str()), ("cookie", &cookie)];
        let user_info = api.call(Method::GET, "/api/auth/userinfo", &headers).await;
        assert_eq!(user_info.json()["sub"], "mira", "{user_info:?}");
        let nobody = api.get("/api/auth/userinfo", &authorization).await;
        assert_eq!(nobody.status, 204);
    }
    let headers = [("authorization", "Bearer garbage"), ("cookie", &cookie)];
    let signed_out = api.call(Method::GET, "/api/auth/signout", &headers).await;
    assert!(
        signed_out.deleted().contains(&"session".to_owned()),
        "{signed_out:?}"
    );
}

#[tokio::test]
async fn a_caller_with_a_token_ends_no_session() {
    let api = Api::start().await;
    let (token, cookie) = (bearer(&api.token("mira", &[])), api.session(mira()));
    let headers = [("authorization", token.as_str()), ("cookie", &cookie), OWN];
    let answer = api.call(Method::POST, "/destroy", &headers).await;
    assert_eq!((answer.status.as_u16(), answer.cookies().len()), (200, 0));
    let still = api.call(Method::GET, "/api/any", &[("cookie", &cookie)]).await;
    assert_eq!(still.json()["user"], "mira");
}

#[tokio::test]
async fn a_token_waives_nothing_where_the_cookie_speaks() {
    let api = Api::start().await;
    let cookie = api.session(mira());
    for authorization in [bearer(&api.token("mira", &[])), bearer("garbage")] {
        let headers = [
            ("authorization", authorization.as_str()),
            ("cookie", &cookie),
            ("origin", "https://evil.example"),
        ];
        let answer = api.call(Method::POST, "/api/auth/signout", &headers).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(answer.cookies().is_empty(), "{answer:?}");
    }
    let still = api.call(Method::GET, "/api/any", &[("cookie", &cookie)]).await;
    assert_eq!(still.json()["user"], "mira");
}

#[tokio::test]
async fn two_headers_are_400_wherever_somebody_is_asked_for() {
    let api = Api::start().await;
    let (token, cookie) = (bearer(&api.token("mira", &[])), api.session(mira()));
    let layered = axum::Router::new()
        .fallback(axum::routing::any(async || "inside"))
        .layer(
            api.auth
                .layer()
                .protected_routes(monocloud_runtime::protected::All)
                .unwrap(),
        );
    let both = format!("Basic x, {token}");
    let (basic, token) = ("Basic x", token.as_str());
    let cases: [&[&str]; 5] = [
        &[token, basic],
        &[basic, token],
        &[token, token],
        &[&both],
        &[basic, &both],
    ];
    for values in cases {
        let authorization = values.iter().map(|value| ("authorization", *value));
        let headers: Vec<_> = authorization.chain([("cookie", cookie.as_str())]).collect();
        for path in [
            "/page",
            "/api/bearer",
            "/api/session",
            "/user",
            "/claims",
            "/imperative",
        ] {
            let answer = api.call(Method::GET, path, &headers).await;
            assert_eq!(answer.status, 400, "{path} {values:?}");
        }
        for path in ["/x", "/api/x"] {
            assert_eq!(
                get(&layered, path, &headers).await.status,
                400,
                "{path} {values:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_sign_out_ends_the_session_whoever_asked_before_what_the_token_says() {
    let mut api = Api::start().await;
    let asking =
        async |_: Option<Session>, request: axum::extract::Request, next: Next| next.run(request).await;
    api.app = axum::Router::new()
        .merge(monocloud_routes!(api.auth))
        .route(
            "/session",
            axum::routing::get(async |session: Option<Session>| session.is_some().to_string()),
        )
        .layer(from_fn(asking))
        .layer(api.auth.layer());
    let (cookie, token) = (api.session(mira()), bearer(&api.token("lin", &[])));
    let headers = [("authorization", token.as_str()), ("cookie", &cookie), OWN];
    let answer = api.call(Method::POST, "/api/auth/signout", &headers).await;
    assert!(answer.deleted().contains(&"session".to_owned()), "{answer:?}");
    let copy = api.call(Method::GET, "/session", &[("cookie", &cookie)]).await;
    assert_eq!(copy.body, "false");
}
