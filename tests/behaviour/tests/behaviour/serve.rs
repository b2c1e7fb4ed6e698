//! A service without a router of axum's: one door gives one response with all of its headers, under the rules that
//! hold behind the layer.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use http::Method;
use http::header::{CACHE_CONTROL, HeaderValue};
use monocloud_runtime::settings::{AuthParams, SessionLifetime};
use monocloud_runtime::testing::{MintedSession, Provider, session_cookie};
use monocloud_runtime::tokens::TokenRequest;
use monocloud_runtime::{Auth, MonoCloud, Protect};
use serde_json::json;

use crate::fixtures::{
    Browser, ORIGIN, Site, at_rest, call, choose, get, lin, logged, mira, provider, settings, settings_of,
};

/// Not a router: whatever is asked for goes through the one door.
fn service(client: &MonoCloud) -> Router {
    let client = client.clone();
    Router::new().fallback(move |request: Request| {
        let client = client.clone();
        async move { client.serve(request, handler).await }
    })
}

async fn handler(auth: Auth, request: Request) -> Response {
    let text = |text: String| Response::new(Body::from(text));
    match request.uri().path() {
        "/who" => text(format!(
            "{:?} {} {} {}",
            auth.user().await.map(|user| user.sub().to_owned()),
            auth.session().await.is_some(),
            auth.is_authenticated().await,
            auth.tokens(TokenRequest::new()).await.is_ok(),
        )),
        "/page" => match auth.protect(Protect::new()).await {
            Ok(user) => text(user.sub().to_owned()),
            Err(denied) => denied.into(),
        },
        "/denied" => match auth.protect(Protect::new().groups(["nobody"])).await {
            Ok(_) => text("in".to_owned()),
            Err(denied) => {
                let user = denied.user().map(|user| user.sub().to_owned());
                text(format!("{:?} {user:?}", denied.reason()))
            }
        },
        "/mine" => {
            let user = auth.user().await.map(|user| user.sub().to_owned());
            let mut response = text(format!("{user:?}"));
            let all = HeaderValue::from_static("public, max-age=60");
            response.headers_mut().insert(CACHE_CONTROL, all);
            response
        }
        "/api" => match auth.protect(Protect::api().groups(["admin"])).await {
            Ok(user) => text(user.sub().to_owned()),
            Err(denied) => denied.into(),
        },
        "/step-up" => {
            let params = AuthParams::new().prompt("login").scopes("openid orders");
            match auth.protect(Protect::new().max_age(60).auth_params(params)).await {
                Ok(user) => text(user.sub().to_owned()),
                Err(denied) => denied.into(),
            }
        }
        "/kept" => match auth.protect(Protect::new()).await {
            Ok(_) => {
                let mut response = text("mine".to_owned());
                let all = HeaderValue::from_static("public, max-age=60");
                response.headers_mut().insert(CACHE_CONTROL, all);
                response
            }
            Err(denied) => denied.into(),
        },
        "/tokens" => match auth.tokens(TokenRequest::new().force_refresh()).await {
            Ok(tokens) => text(tokens.access_token().to_owned()),
            Err(error) => error.into(),
        },
        "/in" => auth.sign_in().return_url("/page").into(),
        "/out" => auth
            .sign_out(Some("/bye"))
            .await
            .map_or_else(Into::into, Into::into),
        _ => text("public".to_owned()),
    }
}

#[tokio::test]
async fn a_service_without_a_router_signs_in_and_out() {
    let provider = provider(Provider::builder()).await;
    let client = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&service(&client));

    let denied = browser.get("/page?q=1&r=%2F").await;
    assert_eq!(denied.status, 303, "{denied:?}");
    let begun = browser.get(denied.location()).await;
    let callback = choose(&provider, begun.location(), "mira").await;
    let done = browser.get(&callback).await;
    assert_eq!(done.location(), format!("{ORIGIN}/page?q=1&r=%2F"));
    assert_eq!(browser.get("/page").await.body, "mira");

    let userinfo = browser.get("/api/auth/userinfo").await;
    assert_eq!(userinfo.json()["sub"], json!("mira"));

    let copy = browser.cookies();
    let out = browser.call(Method::POST, "/out", &[("origin", ORIGIN)]).await;
    assert!(out.location().starts_with(provider.issuer()), "{out:?}");
    assert_eq!(browser.get("/page").await.status, 303);
    let stolen = get(browser.app(), "/page", &[("cookie", &copy)]).await;
    assert_eq!(stolen.status, 303, "a copy is dead too");
}

#[tokio::test]
async fn a_sign_in_needs_no_browser() {
    let provider = provider(Provider::builder()).await;
    let client = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&service(&client));
    let begun = browser.get("/in").await;
    let begun = browser.get(begun.location()).await;
    let callback = provider.sign_in(begun.location(), "mira").unwrap();
    let done = browser.get(&callback).await;
    assert_eq!(done.location(), format!("{ORIGIN}/page"));
    assert_eq!(browser.get("/page").await.body, "mira");

    let nobody = provider
        .sign_in(begun.location(), "nobody")
        .unwrap_err()
        .to_string();
    assert_eq!(nobody, "there is no user `nobody`");
    let posted = client
        .sign_in_url()
        .response_mode(monocloud_runtime::settings::ResponseMode::FormPost);
    let posted = browser.get(&posted.to_string()).await;
    for (address, reason) in [("nowhere", "no address"), (posted.location(), "")] {
        let error = provider.sign_in(address, "mira").unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[tokio::test]
async fn one_decision_has_all_headers() {
    let sliding = SessionLifetime::new().sliding(true);
    let (client, clock) = at_rest(settings().session_lifetime(sliding));
    let service = service(&client);
    let session = session_cookie(&client, mira());
    let with: &[_] = &[("cookie", &*session)];

    let page = get(&service, "/page", with).await;
    assert_eq!((page.status.as_u16(), &*page.body), (200, "mira"));
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    assert_eq!(page.vary(), "Cookie");
    assert!(page.cookies().is_empty());

    let kept = get(&service, "/kept", with).await;
    assert_eq!(kept.header("cache-control"), Some("private, max-age=60"));

    let mine = get(&service, "/mine", with).await;
    assert_eq!(mine.body, "Some(\"mira\")");
    assert_eq!(mine.header("cache-control"), Some("private, max-age=60"));

    let denied = get(&service, "/page", &[]).await;
    assert_eq!(denied.header("cache-control"), Some("private, no-store"));
    assert_eq!(denied.vary(), "Cookie");

    clock.advance(20 * 3_600);
    let slid = get(&service, "/page", with).await;
    assert!(slid.cookie("session").is_some(), "prolonged: {slid:?}");

    let ruined = session.replace("session=", "session=x");
    let deleted = get(&service, "/page", &[("cookie", &ruined)]).await;
    assert_eq!(deleted.status, 303, "{deleted:?}");

    let public = get(&service, "/elsewhere", &[]).await;
    assert_eq!(public.body, "public");
}

#[tokio::test]
async fn no_way_from_a_cookie_to_a_user_skips_the_same_origin_rule() {
    let (client, _) = at_rest(settings());
    let service = service(&client);
    let session = MintedSession::new(mira()).access_token("a token").cookie(&client);
    let session = ("cookie", &*session);
    let elsewhere = ("origin", "https://evil.example");
    let handshake = [("connection", "upgrade"), ("upgrade", "websocket")];

    let own = call(&service, Method::POST, "/who", &[session, ("origin", ORIGIN)]).await;
    assert_eq!(own.body, "Some(\"mira\") true true true");
    for headers in [&[session, elsewhere][..], &[session]] {
        for path in ["/who", "/tokens"] {
            let answer = call(&service, Method::POST, path, headers).await;
            let refused = answer.body == "None false false false" || answer.status == 401;
            assert!(refused, "{path} {headers:?}: {answer:?}");
        }
        for path in ["/page", "/api", "/step-up"] {
            let answer = call(&service, Method::POST, path, headers).await;
            assert_eq!(answer.status, 403, "{path} {headers:?}: {answer:?}");
        }
        let denied = call(&service, Method::POST, "/denied", headers).await;
        assert_eq!(denied.body, "CrossSite None", "{headers:?}");
    }
    let socket: Vec<_> = [session, elsewhere].into_iter().chain(handshake).collect();
    assert_eq!(
        get(&service, "/who", &socket).await.body,
        "None false false false"
    );

    let prefetched = get(&service, "/out", &[session, ("sec-purpose", "prefetch")]).await;
    assert!(prefetched.cookies().is_empty(), "nobody meant it: {prefetched:?}");
    let out = call(&service, Method::POST, "/out", &[session, elsewhere]).await;
    assert!(out.cookies().is_empty(), "another site ends nothing: {out:?}");
    assert_eq!(get(&service, "/page", &[session]).await.body, "mira");
}

#[tokio::test]
async fn who_is_not_let_in_is_answered_as_by_a_guard() {
    let (client, _) = at_rest(settings());
    let service = service(&client);
    let of_lin = session_cookie(&client, lin());

    let api = get(&service, "/api", &[]).await;
    assert_eq!(
        (api.status.as_u16(), api.json()),
        (401, json!({ "message": "unauthorized" }))
    );
    let api = get(&service, "/api", &[("cookie", &of_lin)]).await;
    assert_eq!(
        (api.status.as_u16(), api.json()),
        (403, json!({ "message": "forbidden" }))
    );

    let old = MintedSession::new(mira())
        .auth_time(1_800_000_000 - 61)
        .cookie(&client);
    let again = get(&service, "/step-up?x=1", &[("cookie", &old)]).await;
    assert_eq!(again.status, 303, "{again:?}");
    assert!(again.location().contains("/api/auth/signin?"), "{again:?}");
    let script = [
        ("cookie", &*old),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
    ];
    let script = get(&service, "/step-up", &script).await;
    let challenge = script.header("www-authenticate").unwrap();
    assert!(challenge.contains("max_age=\"60\""), "{challenge}");
}

#[tokio::test]
async fn what_auth_params_say_is_asked_for() {
    let provider = provider(Provider::builder()).await;
    let client = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&service(&client));
    let denied = browser.get("/step-up").await;
    let begun = browser.get(denied.location()).await;
    let asked = |name| begun.asked(name);
    assert_eq!(asked("prompt").as_deref(), Some("login"));
    assert_eq!(asked("scope").as_deref(), Some("openid orders"));
    assert_eq!(asked("max_age").as_deref(), Some("60"));
}

#[tokio::test]
async fn tokens_are_renewed_and_kept() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let site = Site::start().await;
    let mut browser = Browser::with(&service(&site.auth), &site.browser.cookies());
    let before = browser.cookies();
    let first = browser.get("/tokens").await;
    assert_eq!(first.status, 200, "{first:?}");
    assert!(first.cookie("session").is_some(), "{first:?}");
    assert_ne!(browser.cookies(), before);
    assert_eq!(site.token_calls(), 2);
    let none = get(browser.app(), "/tokens", &[]).await;
    assert_eq!(none.status, 401);
}

#[tokio::test]
async fn routes_keep_their_methods_and_their_place() {
    let (client, _) = at_rest(settings().app_url("http://localhost:3000/app"));
    let service = service(&client);
    for path in ["/api/auth/signout", "/app/api/auth/signout"] {
        let answer = call(&service, Method::DELETE, path, &[]).await;
        assert_eq!(answer.status, 405, "{path}");
        assert_eq!(answer.header("allow"), Some("GET, POST"));
        let prefetched = get(&service, path, &[("sec-purpose", "prefetch")]).await;
        assert_eq!(prefetched.status, 401, "{path}");
    }
    for path in [
        "/API/auth/signin",
        "/api/auth/signin/",
        "/x/api/auth/signin",
        "/apple/api/auth/signin",
    ] {
        assert_eq!(get(&service, path, &[]).await.body, "public", "{path}");
    }
    let failed = get(&service, "/api/auth/callback?state=unknown&code=1", &[]).await;
    assert_eq!(failed.status, 400);
    assert_eq!(failed.header("cache-control"), Some("private, no-store"));
    assert_eq!(failed.header("referrer-policy"), Some("no-referrer"));
}

#[tokio::test]
async fn a_body_that_never_ends_is_not_read_to_its_end() {
    let (client, _) = at_rest(settings());
    let endless =
        futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'a'; 1_024])));
    let request = Request::post("/api/auth/callback")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from_stream(endless))
        .unwrap();
    let response: Response = client.serve(request, handler).await;
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn who_is_refused_is_in_the_log_once_and_who_asks_for_nothing_is_not() {
    let (client, _) = at_rest(settings());
    let service = service(&client);
    let session = session_cookie(&client, mira());
    let headers = [("cookie", &*session), ("origin", "https://evil.example")];
    for (path, status, lines) in [("/elsewhere", 200, 0), ("/page", 403, 1)] {
        let (answer, log) = logged(call(&service, Method::POST, path, &headers)).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(log.matches("denied a request").count(), lines, "{path}: {log}");
    }
}
