//! What an application makes of the request that begins a sign-in, and finds again when that is over.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use monocloud_runtime::hooks::{AccessDenied, HookError, SessionCreating};
use monocloud_runtime::settings::{AuthParams, ResponseMode};
use monocloud_runtime::testing::Provider;
use serde_json::{Value, json};

use crate::fixtures::{Browser, choose, logged, send};
use crate::hooks::site;

/// An application that keeps what the hooks are given.
async fn with_state(
    state: impl Fn(&http::request::Parts) -> Result<Value, HookError> + Send + Sync + 'static,
) -> (Provider, Router, Arc<Mutex<Vec<SessionCreating>>>) {
    let given = Arc::new(Mutex::new(Vec::new()));
    let kept = given.clone();
    let (provider, app) = site(|settings| {
        settings
            .on_set_application_state(move |parts: http::request::Parts| std::future::ready(state(&parts)))
            .on_session_creating(move |creating| {
                let session = creating.session.clone();
                kept.lock().unwrap().push(creating);
                async move { Ok(session) }
            })
    })
    .await;
    (provider, app, given)
}

#[tokio::test]
async fn application_state_comes_back_with_the_sign_in_it_began_with() {
    let (provider, app, given) = with_state(|parts| Ok(json!({ "asked": parts.uri.query() }))).await;
    let mut browser = Browser::new(&app);
    let (first, second) = (
        browser.start("?campaign=1").await,
        browser.start("?campaign=2").await,
    );
    assert!(
        !first.location().contains("campaign"),
        "the issuer learns nothing of it"
    );
    for (started, campaign) in [(second, "campaign=2"), (first, "campaign=1")] {
        let callback = choose(&provider, started.location(), "mira").await;
        let user = "user=%7B%22name%22%3A%22Mira%22%7D";
        assert_eq!(browser.get(&format!("{callback}&{user}")).await.status, 303);
        let creating = given.lock().unwrap().pop().unwrap();
        assert_eq!(creating.application_state, Some(json!({ "asked": campaign })));
        let named = |wanted: &str| {
            let mut parameters = creating.response_parameters.iter();
            parameters
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(
            named("user"),
            Some("{\"name\":\"Mira\"}"),
            "what Apple sends once"
        );
        assert_eq!((named("code"), named("state")), (None, None));
        let shown = format!("{creating:?}");
        assert!(!shown.contains(callback.split("code=").nth(1).unwrap().split('&').next().unwrap()));
    }
}

#[tokio::test]
async fn application_state_is_bounded_and_a_sign_in_goes_on_without() {
    let (provider, app, given) = with_state(|parts| {
        Ok(json!(
            "x".repeat(parts.uri.query().map_or(0, |n| n.parse().unwrap()))
        ))
    })
    .await;
    for (length, kept) in [(1_022, true), (1_023, false), (1_000_000, false)] {
        let mut browser = Browser::new(&app);
        let (started, log) = logged(browser.start(&format!("?{length}"))).await;
        assert_eq!(log.contains("application state"), !kept, "{length}: {log}");
        let callback = choose(&provider, started.location(), "mira").await;
        assert_eq!(browser.get(&callback).await.status, 303, "{length}");
        let creating = given.lock().unwrap().pop().unwrap();
        assert_eq!(creating.application_state.is_some(), kept, "{length}");
    }
}

#[tokio::test]
async fn application_state_of_any_shape_comes_back_whole_or_not_at_all() {
    fn nested(depth: usize) -> Value {
        (0..depth).fold(json!(7), |inner, _| json!([inner]))
    }
    fn of(query: Option<&str>) -> Value {
        match query.unwrap_or_default() {
            "null" => Value::Null,
            "text" => json!("\u{0}\"\\\u{1f600}ü\n"),
            "empty" => json!({}),
            "number" => json!(-0.5),
            depth => nested(depth.parse().unwrap()),
        }
    }
    let (provider, app, given) = with_state(|parts| Ok(of(parts.uri.query()))).await;
    for (query, kept) in [
        ("null", false),
        ("text", true),
        ("empty", true),
        ("number", true),
        ("100", true),
        ("127", false),
        ("128", false),
        ("500", false),
    ] {
        let mut browser = Browser::new(&app);
        let started = browser.start(&format!("?{query}")).await;
        let callback = choose(&provider, started.location(), "mira").await;
        let answer = browser.get(&callback).await;
        assert_eq!(answer.status, 303, "{query}: {answer:?}");
        let creating = given.lock().unwrap().pop().unwrap();
        let expected = kept.then(|| of(Some(query)));
        assert_eq!(creating.application_state, expected, "{query}");
    }
}

#[tokio::test]
async fn no_sign_in_begins_where_its_state_cannot_be_made() {
    let (_provider, app, _given) = with_state(|_| Err("no".into())).await;
    let answer = Browser::new(&app).get("/api/auth/signin").await;
    assert_eq!(
        (answer.status.as_u16(), answer.cookies().len()),
        (500, 0),
        "{answer:?}"
    );
    let (_provider, app, _given) = with_state(|_| Err(AccessDenied::new("We are closed.").into())).await;
    let answer = Browser::new(&app).get("/api/auth/signin").await;
    assert_eq!(
        (answer.status.as_u16(), answer.cookies().len()),
        (403, 0),
        "{answer:?}"
    );
    assert!(answer.body.contains("We are closed."), "{answer:?}");
}

#[tokio::test]
async fn no_sign_in_begins_where_its_state_takes_too_long_or_panics() {
    async fn failing(parts: http::request::Parts) -> Result<Value, HookError> {
        match parts.uri.query() {
            Some("late") => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                Ok(json!(1))
            }
            Some("panic") => panic!("a bug"),
            _ => Ok(json!(1)),
        }
    }
    let (provider, app) = site(|settings| {
        settings
            .response_timeout(Duration::from_secs(3))
            .on_set_application_state(failing)
    })
    .await;
    for query in ["late", "panic"] {
        let mut browser = Browser::new(&app);
        let (answer, log) = logged(browser.get(&format!("/api/auth/signin?{query}"))).await;
        assert!(matches!(answer.status.as_u16(), 500 | 503), "{query}: {answer:?}");
        assert!(answer.cookies().is_empty(), "{query}: {answer:?}");
        assert!(
            log.contains("on_set_application_state") || query == "late",
            "{log}"
        );
    }
    assert_eq!(Browser::new(&app).sign_in(&provider, "mira").await.status, 303);
}

/// Apple posts the name of the person once, and never tells it again.
#[tokio::test]
async fn what_is_posted_beside_the_code_reaches_the_hook() {
    let given = Arc::new(Mutex::new(None));
    let kept = given.clone();
    let (provider, app) = site(|settings| {
        settings
            .auth_params(AuthParams::new().response_mode(ResponseMode::FormPost))
            .fetch_user_info(false)
            .on_session_creating(move |creating: SessionCreating| {
                let session = creating.session.clone();
                *kept.lock().unwrap() = Some(creating);
                async move { Ok(session) }
            })
    })
    .await;
    let mut browser = Browser::new(&app);
    let started = browser.start("").await;
    let page = choose(&provider, started.location(), "mira").await;
    let field = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(["code", "state", "iss"].map(|name| (name, field(name))))
        .append_pair("user", r#"{"name":{"firstName":"Mira"}}"#)
        .append_pair("scope", "openid")
        .append_pair("scope", "email")
        .finish();
    let request = Request::post("/api/auth/callback")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", browser.cookies())
        .header("origin", "null")
        .body(Body::from(form))
        .unwrap();
    let answer = send(&app, request).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let creating = given.lock().unwrap().take().unwrap();
    let expected = [
        ("user", r#"{"name":{"firstName":"Mira"}}"#),
        ("scope", "openid"),
        ("scope", "email"),
    ];
    assert_eq!(
        creating.response_parameters,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!((creating.user_info, creating.application_state), (None, None));
    assert_eq!(creating.id_token_claims["sub"], "mira");
    assert!(creating.id_token_claims.contains_key("nonce"), "all of them");
}
