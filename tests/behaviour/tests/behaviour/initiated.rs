//! A sign-in that another site begins (OIDC Core 4), by a link or by a form.

use axum::Router;
use axum::body::Body;
use http::Request;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::testing::Provider;
use url::form_urlencoded;

use crate::fixtures::{Answer, Browser, ORIGIN, app, choose, get, provider, send, settings_of};

const PATH: &str = "/api/auth/signin";

async fn site() -> (Provider, MonoCloud, Router) {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    (provider, auth, app)
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

async fn by_get(app: &Router, pairs: &[(&str, &str)]) -> Answer {
    get(app, &format!("{PATH}?{}", encoded(pairs)), &[]).await
}

/// What the form leads to, and the GET after it.
async fn by_post(app: &Router, pairs: &[(&str, &str)]) -> Answer {
    let request = Request::post(PATH)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://portal.example")
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document")
        .body(Body::from(encoded(pairs)))
        .unwrap();
    let answer = send(app, request).await;
    if answer.status != 303 {
        return answer;
    }
    assert!(answer.cookies().is_empty(), "{answer:?}");
    let next = answer.location().strip_prefix(ORIGIN).unwrap().to_owned();
    get(app, &next, &[("sec-fetch-site", "cross-site")]).await
}

#[tokio::test]
async fn hint_and_target_are_passed_on() {
    let (provider, _, app) = site().await;
    let pairs = [
        ("iss", provider.issuer()),
        ("login_hint", "ada+1@example.test"),
        ("target_link_uri", "http://localhost:3000/page?x=1#y"),
    ];
    for answer in [by_get(&app, &pairs).await, by_post(&app, &pairs).await] {
        assert_eq!(answer.status, 303, "{answer:?}");
        assert!(answer.location().starts_with(provider.issuer()), "{answer:?}");
        assert_eq!(answer.asked("login_hint").as_deref(), Some("ada+1@example.test"));
        let cookie = &answer.cookies()[0];
        let mut browser = Browser::with(&app, &format!("{}={}", cookie.name, cookie.value));
        let callback = choose(&provider, answer.location(), "mira").await;
        let end = browser.get(&callback).await;
        assert_eq!(end.location(), "http://localhost:3000/page?x=1#y");
    }
}

#[tokio::test]
async fn the_issuer_must_be_ours_exactly() {
    let (provider, _, app) = site().await;
    let slash = format!("{}/", provider.issuer());
    let upper = provider.issuer().to_uppercase();
    for iss in [
        "https://other.example.test",
        "",
        "null",
        &slash,
        &upper,
        &provider.issuer()[..10],
    ] {
        for answer in [
            by_get(&app, &[("iss", iss)]).await,
            by_post(&app, &[("iss", iss)]).await,
            by_get(
                &app,
                &[("iss", iss), ("login_hint", "x"), ("target_link_uri", "/page")],
            )
            .await,
        ] {
            assert_eq!(answer.status, 400, "{iss}: {answer:?}");
            assert!(answer.cookies().is_empty(), "{iss}");
            assert!(answer.header("location").is_none(), "{iss}");
        }
    }
    for pairs in [
        &[("target_link_uri", "/page")][..],
        &[("iss", provider.issuer()), ("iss", provider.issuer())],
        &[
            ("iss", provider.issuer()),
            ("login_hint", "a"),
            ("login_hint", "b"),
        ],
    ] {
        for answer in [by_get(&app, pairs).await, by_post(&app, pairs).await] {
            assert_eq!(answer.status, 400, "{pairs:?}: {answer:?}");
        }
    }
    for pairs in [&[][..], &[("login_hint", "ada")], &[("return_url", "/page")]] {
        assert_eq!(by_post(&app, pairs).await.status, 400, "{pairs:?}");
    }
}

#[tokio::test]
async fn a_target_elsewhere_is_the_start_page() {
    let (provider, _, app) = site().await;
    for target in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/api/auth/signout",
        "http://localhost:3000.evil.example/",
        "",
    ] {
        let answer = by_get(&app, &[("iss", provider.issuer()), ("target_link_uri", target)]).await;
        let cookie = &answer.cookies()[0];
        let mut browser = Browser::with(&app, &format!("{}={}", cookie.name, cookie.value));
        let callback = choose(&provider, answer.location(), "mira").await;
        let end = browser.get(&callback).await;
        assert_eq!(end.location(), "http://localhost:3000/", "{target}");
    }
}

#[tokio::test]
async fn the_session_stays_until_the_callback() {
    let (provider, _, app) = site().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(&provider, "mira").await;
    let link = format!("{PATH}?{}", encoded(&[("iss", provider.issuer())]));
    let started = browser.get(&link).await;
    assert_eq!(started.status, 303);
    assert_eq!(browser.get("/").await.body, "signed in as mira");
    let callback = choose(&provider, started.location(), "lin").await;
    browser.get(&callback).await;
    assert_eq!(browser.get("/").await.body, "signed in as lin");
}

#[tokio::test]
async fn nothing_but_hint_and_target_is_anothers_to_choose() {
    let (provider, _, app) = site().await;
    let answer = by_get(
        &app,
        &[
            ("iss", provider.issuer()),
            ("prompt", "none"),
            ("scope", "openid offline_access"),
            ("max_age", "0"),
        ],
    )
    .await;
    assert_eq!(answer.asked("prompt"), None);
    assert_eq!(answer.asked("max_age"), None);
    assert_eq!(answer.asked("scope").as_deref(), Some("openid profile email"));
}

#[tokio::test]
async fn a_form_is_what_is_posted() {
    let (provider, _, app) = site().await;
    let body = encoded(&[("iss", provider.issuer())]);
    for kind in ["application/json", "text/plain", ""] {
        let request = Request::post(PATH)
            .header("content-type", kind)
            .body(Body::from(body.clone()))
            .unwrap();
        assert_eq!(send(&app, request).await.status, 400, "{kind}");
    }
    let long = format!("{body}&more={}", "x".repeat(70_000));
    let request = Request::post(PATH)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(long))
        .unwrap();
    assert_eq!(send(&app, request).await.status, 400);
}
