//! A state is used once: whoever comes again gets the answer of the first, or none, and no second token call.

use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use monocloud_runtime::settings::{AuthParams, ResponseMode, SameSite, SessionCookie};
use monocloud_runtime::testing::{Endpoint, Fault, Provider, session_cookie};

use crate::fixtures::{Answer, Browser, app, call, choose, get, lin, mira, parameter, provider, settings_of};
use crate::routes_callback::{assert_refused, ready, site};

fn assert_signed_in(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 303, "{what}: {answer:?}");
    assert_eq!(answer.location(), "http://localhost:3000/page", "{what}");
}

#[tokio::test]
async fn a_callback_that_arrives_twice_at_once_is_exchanged_once_and_answered_alike() {
    let (provider, _, app) = site().await;
    provider.fault(Fault::Slow(Endpoint::Token, Duration::from_millis(100)));
    let (browser, callback) = ready(&provider, &app).await;
    let cookies = browser.cookies();
    let headers = [("cookie", cookies.as_str())];
    let answers = join_all((0..8).map(|_| get(&app, &callback, &headers))).await;
    for answer in &answers {
        assert_signed_in(answer, "at once");
        let session = answer.cookie("session").unwrap();
        let cookie = format!("session={}", session.value);
        assert_eq!(
            get(&app, "/", &[("cookie", &cookie)]).await.body,
            "signed in as mira"
        );
    }
    assert_eq!(provider.calls(Endpoint::Token), 1);
    assert_eq!(provider.calls(Endpoint::Userinfo), 1);
}

#[tokio::test]
async fn the_browser_that_went_away_finds_its_session_when_it_comes_again() {
    let (provider, _, app) = site().await;
    provider.fault(Fault::Slow(Endpoint::Token, Duration::from_millis(300)));
    let (mut browser, callback) = ready(&provider, &app).await;
    let impatient = tokio::time::timeout(Duration::from_millis(100), browser.get(&callback)).await;
    assert!(impatient.is_err(), "it did not wait");
    let answer = browser.get(&callback).await;
    assert_signed_in(&answer, "again");
    assert_eq!(browser.get("/").await.body, "signed in as mira");
    assert_eq!(provider.calls(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_reload_goes_on_to_the_page_and_leaves_the_session_as_it_is() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    browser.get(&callback).await;
    assert_eq!(browser.get("/update").await.body, "0");
    let session = browser.cookies();
    let again = browser.get(&callback).await;
    assert_signed_in(&again, "a reload");
    assert_eq!(
        browser.cookies(),
        session,
        "what a page kept in the session stays"
    );
    assert_eq!(browser.get("/update").await.body, "1");
    assert_eq!(provider.calls(Endpoint::Token), 1);
}

#[tokio::test]
async fn without_the_cookie_or_with_another_code_a_used_state_is_unknown() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    let before = browser.cookies();
    assert_signed_in(&browser.get(&callback).await, "first");
    assert_refused(&get(&app, &callback, &[]).await, "without the cookie");
    let code = parameter(&callback, "code").unwrap();
    let other_code = callback.replace(&code, "another");
    let other = get(&app, &other_code, &[("cookie", &before)]).await;
    assert_refused(&other, "another code");
    let (mut other_browser, _) = ready(&provider, &app).await;
    assert_refused(&other_browser.get(&callback).await, "another transaction");
    assert_eq!(provider.calls(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_kept_copy_of_the_cookie_replays_nothing() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    let copy = browser.cookies();
    browser.get(&callback).await;
    let late = get(&app, &callback, &[("cookie", &copy)]).await;
    assert_signed_in(&late, "within the seconds it is the same session");
    browser.get("/api/auth/signout").await;
    for _ in 0..3 {
        let replayed = get(&app, &callback, &[("cookie", &copy)]).await;
        assert_signed_in(&replayed, "it goes on to its page");
        assert!(
            replayed.cookie("session").is_none(),
            "and nobody is signed in: {replayed:?}"
        );
    }
    assert_eq!(provider.calls(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_response_that_ended_the_sign_in_ends_its_state() {
    let (provider, _, app) = site().await;
    for ended_by in ["&error=access_denied", "&iss=https://evil.example"] {
        let (mut browser, callback) = ready(&provider, &app).await;
        let copy = browser.cookies();
        let state = parameter(&callback, "state").unwrap();
        let mut response = format!("/api/auth/callback?state={state}{ended_by}");
        if !response.contains("iss=") {
            response = format!("{response}&iss={}", provider.issuer());
        }
        assert_refused(&browser.get(&response).await, ended_by);
        assert_eq!(browser.pending(), 0, "{ended_by}");
        assert_refused(&get(&app, &callback, &[("cookie", &copy)]).await, ended_by);
    }
    assert_eq!(provider.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_spent_code_is_not_sent_again_though_the_issuer_went_away_afterwards() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    let copy = browser.cookies();
    provider.fault(Fault::Status(Endpoint::Userinfo, 503));
    let answer = browser.get(&callback).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(browser.pending(), 0, "this sign-in cannot be finished any more");
    provider.clear_faults();
    let again = get(&app, &callback, &[("cookie", &copy)]).await;
    assert_ne!(again.status, 303, "{again:?}");
    assert_eq!(provider.calls(Endpoint::Token), 1);
}

/// The fields of the page that posts a response.
fn posted(page: &str) -> String {
    let field = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &field("code"))
        .append_pair("state", &field("state"))
        .append_pair("iss", &field("iss"))
        .finish()
}

/// Only those that a browser sends with a form that another site posts.
fn cross_site_cookies(browser: &Browser) -> String {
    let pairs: Vec<String> = browser
        .jar
        .iter()
        .filter(|(name, _)| name.starts_with("state."))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("; ")
}

/// The callback with what a browser sends when another site leads to it.
async fn answered_cross_site(
    provider: &Provider,
    browser: &Browser,
    authorization: &str,
    mode: ResponseMode,
) -> Answer {
    let answer = choose(provider, authorization, "mira").await;
    let cookies = cross_site_cookies(browser);
    if mode == ResponseMode::Query {
        return get(browser.app(), &answer, &[("cookie", &cookies)]).await;
    }
    let request = http::Request::post("/api/auth/callback")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookies)
        .header("origin", "null")
        .body(axum::body::Body::from(posted(&answer)))
        .unwrap();
    crate::fixtures::send(browser.app(), request).await
}

/// A sibling domain planted a session of its own beside the person's, and can so do again and again.
#[tokio::test]
async fn a_sign_in_ends_planted_sessions_that_the_callback_does_not_carry() {
    let provider = provider(Provider::builder()).await;
    for mode in [ResponseMode::FormPost, ResponseMode::Query] {
        let strict = SessionCookie::new().same_site(SameSite::Strict);
        let auth = settings_of(&provider)
            .auth_params(AuthParams::new().response_mode(mode))
            .session_cookie(strict)
            .build()
            .unwrap();
        let app = app(&auth);
        let (planted, ours) = (session_cookie(&auth, lin()), session_cookie(&auth, mira()));
        let both = format!("{planted}; {ours}");
        assert_eq!(get(&app, "/", &[("cookie", &both)]).await.body, "signed out");
        let mut browser = Browser::with(&app, &both);
        let started = browser.start("").await;
        let answer = answered_cross_site(&provider, &browser, started.location(), mode).await;
        let new = answer.cookie("session").unwrap().value;
        let after = format!("{planted}; session={new}");
        assert_eq!(
            get(&app, "/", &[("cookie", &after)]).await.body,
            "signed in as mira"
        );
        assert_eq!(get(&app, "/", &[("cookie", &ours)]).await.body, "signed out");
    }
}

#[tokio::test]
async fn the_earlier_session_ends_though_the_callback_does_not_carry_it() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let provider = provider(Provider::builder()).await;
    for (mode, strict) in [
        (ResponseMode::FormPost, false),
        (ResponseMode::FormPost, true),
        (ResponseMode::Query, true),
    ] {
        let mut settings = settings_of(&provider).auth_params(AuthParams::new().response_mode(mode));
        if strict {
            settings = settings.session_cookie(SessionCookie::new().same_site(SameSite::Strict));
        }
        let auth = settings.build().unwrap();
        let app = app(&auth);
        let earlier = crate::fixtures::three_chunks(&auth);
        let mut browser = Browser::with(&app, &crate::fixtures::joined(&earlier));
        assert_eq!(browser.get("/").await.body, "signed in as many");
        let started = browser.start("?return_url=/page").await;
        assert_eq!(
            browser.get("/").await.body,
            "signed in as many",
            "until the callback"
        );
        let answer = answered_cross_site(&provider, &browser, started.location(), mode).await;
        assert!(
            answer.status.is_redirection() || answer.status == 200,
            "{answer:?}"
        );
        let deleted = answer.deleted();
        for chunk in ["session.1", "session.2"] {
            assert!(deleted.iter().any(|name| name == chunk), "{chunk}: {answer:?}");
        }
        let header = crate::fixtures::joined(&earlier);
        let copy = get(&app, "/", &[("cookie", &header)]).await;
        assert_eq!(copy.body, "signed out", "the earlier session is over");
    }
}

#[tokio::test]
async fn an_abandoned_sign_in_ends_nothing() {
    let (provider, _, app) = site().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(&provider, "mira").await;
    browser.start("").await;
    let started = browser.start("").await;
    crate::fixtures::answer_login(&provider, started.location(), &[("action", "deny")]).await;
    let denied = format!(
        "/api/auth/callback?error=access_denied&state={}&iss={}",
        started.asked("state").unwrap(),
        provider.issuer()
    );
    assert_refused(&browser.call(Method::GET, &denied, &[]).await, "denied");
    assert_eq!(browser.get("/").await.body, "signed in as mira");
    let unused = call(&app, Method::GET, "/", &[]).await;
    assert_eq!(unused.body, "signed out");
}
