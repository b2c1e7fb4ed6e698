//! What an application makes of the request that begins a sign-in, and finds again when that is over.

use std::sync::{Arc, Mutex};

use axum::Router;
use monocloud_runtime::hooks::{AccessDenied, HookError, SessionCreating};
use monocloud_runtime::testing::Provider;
use serde_json::{Value, json};

use crate::fixtures::{Browser, choose, logged};
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
