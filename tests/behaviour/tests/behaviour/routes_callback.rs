//! The callback: what it refuses, whom it sends home, and what it leaves in the browser.

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{AuthParams, ResponseMode};
use monocloud_runtime::testing::Provider;
use monocloud_runtime::testing::{Endpoint, Fault};

use crate::fixtures::{
    Answer, Browser, ORIGIN, answer_login, app, call, choose, get, logged, provider, send, settings_of,
};

const CALLBACK: &str = "/api/auth/callback";

pub(crate) async fn site() -> (Provider, MonoCloud, Router) {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    (provider, auth, app)
}

/// A sign-in that only has to come back.
pub(crate) async fn ready(provider: &Provider, app: &Router) -> (Browser, String) {
    let mut browser = Browser::new(app);
    let started = browser.start("?return_url=/page").await;
    let callback = choose(provider, started.location(), "mira").await;
    (browser, callback)
}

pub(crate) fn assert_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 400, "{what}: {answer:?}");
    let sign_in = format!("<a href=\"{ORIGIN}/api/auth/signin");
    let link = answer.body.split_once(&sign_in).map(|(_, link)| link);
    assert!(
        link.is_some_and(|link| link.starts_with('"') || link.starts_with("?return_url=%2F")),
        "{what}: no way on: {answer:?}"
    );
    assert!(answer.cookie("session").is_none(), "{what}: {answer:?}");
}

#[tokio::test]
async fn other_methods_and_prefetches_burn_no_code() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    for method in [
        Method::HEAD,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::PATCH,
    ] {
        let answer = browser.call(method.clone(), &callback, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, Some("GET, POST")),
            "{method}"
        );
        assert!(answer.cookies().is_empty());
    }
    for header in [
        ("sec-purpose", "prefetch"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let answer = browser.call(Method::GET, &callback, &[header]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.cookies().len()),
            (401, 0),
            "{header:?}"
        );
    }
    assert_eq!(provider.calls(Endpoint::Token), 0, "the code is unused");
    let answer = browser.get(&callback).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, "http://localhost:3000/page")
    );
}

#[tokio::test]
async fn an_unknown_state_is_one_page_whoever_is_signed_in() {
    let (provider, _, app) = site().await;
    let unknown = format!("{CALLBACK}?code=x&state=unknown&iss={}", provider.issuer());
    let signed_out = get(&app, &unknown, &[]).await;
    assert_refused(&signed_out, "signed out");
    let (mut browser, callback) = ready(&provider, &app).await;
    browser.get(&callback).await;
    let signed_in = browser.get(&unknown).await;
    assert_refused(&signed_in, "signed in");
    assert_eq!(
        (&signed_in.headers, &signed_in.body),
        (&signed_out.headers, &signed_out.body),
        "other sites could tell them apart"
    );
    assert_eq!(browser.get("/").await.body, "signed in as mira");
    assert_eq!(provider.calls(Endpoint::Token), 1, "nothing more was exchanged");
}

#[tokio::test]
async fn a_finished_state_is_the_same_page_whoever_is_signed_in() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    let signed_out = get(&app, &callback, &[]).await;
    browser.get(&callback).await;
    browser.wait();
    let again = browser.get(&callback).await;
    assert_refused(&again, "finished");
    assert_eq!(
        (&again.headers, &again.body),
        (&signed_out.headers, &signed_out.body)
    );
    assert_eq!(provider.calls(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_parameter_given_twice_is_refused_and_nothing_is_exchanged() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    for twice in ["code=x", "state=x", "iss=https://evil.example", "error=x&error=y"] {
        let answer = browser.get(&format!("{callback}&{twice}")).await;
        assert_refused(&answer, twice);
        assert!(answer.cookies().is_empty(), "{twice}");
    }
    assert_eq!(provider.calls(Endpoint::Token), 0);
    assert_eq!(
        browser.get(&callback).await.status,
        303,
        "the sign-in itself goes on"
    );
}

#[tokio::test]
async fn an_answer_without_its_parts_is_refused() {
    let (provider, _, app) = site().await;
    for query in [
        "",
        "?",
        "?code=x",
        "?error=access_denied",
        "?state=",
        "?state=x",
        "?state=%FF%FE",
    ] {
        assert_refused(&get(&app, &format!("{CALLBACK}{query}"), &[]).await, query);
    }
    for code in ["", "&code="] {
        let (mut browser, callback) = ready(&provider, &app).await;
        let state = crate::fixtures::parameter(&callback, "state").unwrap();
        let neither = format!("{CALLBACK}?state={state}&iss={}{code}", provider.issuer());
        assert_refused(&browser.get(&neither).await, "neither code nor error");
    }
    assert_eq!(provider.calls(Endpoint::Token), 0);
}

/// The issuer may mean it, though nobody can tell for whom.
#[tokio::test]
async fn an_error_for_no_sign_in_that_is_known_is_in_the_log() {
    let (_, _, app) = site().await;
    for query in [
        "?error=invalid_request&error_description=AADSTS9%3A+why%0Anot",
        "?error=invalid_request&error_description=AADSTS9%3A+why%0Anot&state=",
        "?error=invalid_request&error_description=AADSTS9%3A+why%0Anot&state=unknown-state",
    ] {
        let (answer, log) = logged(get(&app, &format!("{CALLBACK}{query}"), &[])).await;
        assert_refused(&answer, query);
        assert!(!answer.body.contains("AADSTS9"), "{answer:?}");
        assert!(log.contains("invalid_request: AADSTS9: why not"), "{log}");
        assert!(!log.contains("unknown-state"), "{log}");
    }
}

#[tokio::test]
async fn who_says_no_at_the_issuer_is_told_so_and_may_try_again() {
    let (provider, _, app) = site().await;
    let mut browser = Browser::new(&app);
    let started = browser.start("").await;
    let callback = answer_login(&provider, started.location(), &[("action", "deny")]).await;
    let answer = browser.get(&callback).await;
    assert_refused(&answer, "denied");
    assert!(answer.body.contains("cancelled"), "{answer:?}");
    assert_eq!(browser.pending(), 0);
}

#[tokio::test]
async fn what_the_issuer_says_of_an_error_is_no_markup_of_the_page() {
    let (provider, _, app) = site().await;
    let mut browser = Browser::new(&app);
    let state = browser.start("").await.asked("state").unwrap();
    let evil = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let answer = browser
        .get(&format!(
            "{CALLBACK}?state={state}&error={evil}&error_description={evil}&iss={}",
            provider.issuer()
        ))
        .await;
    assert_refused(&answer, "markup");
    assert!(!answer.body.contains("<script"), "{answer:?}");
}

fn form_request(body: impl Into<Body>, cookies: &str, content_type: &str) -> Request<Body> {
    Request::post(CALLBACK)
        .header("content-type", content_type)
        .header("cookie", cookies)
        .header("origin", "null")
        .header("sec-fetch-site", "cross-site")
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn a_posted_answer_signs_in_too() {
    let provider = provider(Provider::builder()).await;
    let form_post = AuthParams::new().response_mode(ResponseMode::FormPost);
    let auth = settings_of(&provider).auth_params(form_post).build().unwrap();
    let app = app(&auth);
    let mut browser = Browser::new(&app);
    let started = browser.start("?return_url=/page").await;
    let page = choose(&provider, started.location(), "mira").await;
    let field = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &field("code"))
        .append_pair("state", &field("state"))
        .append_pair("iss", &field("iss"))
        .finish();
    let good = "application/x-www-form-urlencoded";
    for kind in ["application/json", "text/plain", "multipart/form-data", ""] {
        let answer = send(&app, form_request(form.clone(), &browser.cookies(), kind)).await;
        assert_refused(&answer, kind);
    }
    let long = format!("{form}&more={}", "x".repeat(70_000));
    assert_refused(
        &send(&app, form_request(long, &browser.cookies(), good)).await,
        "too long",
    );
    let twice = format!("{form}&code=other");
    assert_refused(
        &send(&app, form_request(twice, &browser.cookies(), good)).await,
        "twice",
    );
    let binary = vec![0xff_u8, b'=', 0xfe, 0, b'&'];
    assert_refused(
        &send(&app, form_request(binary, &browser.cookies(), good)).await,
        "binary",
    );
    assert_eq!(provider.calls(Endpoint::Token), 0);

    let kind = "application/x-www-form-urlencoded; charset=UTF-8";
    let answer = send(&app, form_request(form, &browser.cookies(), kind)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, "http://localhost:3000/page")
    );
    assert!(answer.cookie("session").is_some_and(|cookie| !cookie.deletes()));
}

#[tokio::test]
async fn a_refused_code_ends_its_transaction_and_an_absent_issuer_does_not() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    provider.fault(Fault::Status(Endpoint::Token, 503));
    let answer = browser.get(&callback).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("retry-after").is_some()),
        (503, true),
        "{answer:?}"
    );
    assert_eq!(browser.pending(), 1, "it may be tried again");
    provider.clear_faults();
    assert_eq!(browser.get(&callback).await.status, 303);

    let (mut browser, callback) = ready(&provider, &app).await;
    provider.fault(Fault::TokenError("invalid_grant".into()));
    assert_refused(&browser.get(&callback).await, "invalid_grant");
    assert_eq!(browser.pending(), 0);
    provider.clear_faults();
    assert_refused(&browser.get(&callback).await, "it is over");
}

#[tokio::test]
async fn a_hostile_host_header_changes_nothing_of_the_way_back() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    let headers = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];
    let answer = browser.call(Method::GET, &callback, &headers).await;
    assert_eq!(answer.location(), "http://localhost:3000/page");
    let sent = provider.last_request(Endpoint::Token).unwrap();
    assert_eq!(
        sent.form("redirect_uri"),
        Some("http://localhost:3000/api/auth/callback")
    );
    let other = call(&app, Method::GET, "/api/auth/signin", &headers).await;
    assert_eq!(
        other.asked("redirect_uri").as_deref(),
        Some("http://localhost:3000/api/auth/callback")
    );
}

#[tokio::test]
async fn a_form_that_comes_too_slowly_is_not_the_issuers_fault() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider)
        .auth_params(AuthParams::new().response_mode(ResponseMode::FormPost))
        .response_timeout(std::time::Duration::from_millis(400))
        .build()
        .unwrap();
    let app = app(&auth);
    for path in [CALLBACK, "/api/auth/signin"] {
        let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from_stream(never))
            .unwrap();
        let (answer, log) = logged(send(&app, request)).await;
        assert_eq!(answer.status, 400, "{path}: {answer:?}");
        assert!(
            log.contains("invalid_request") && log.contains("in time"),
            "{log}"
        );
        assert!(!log.contains("issuer"), "{path}: {log}");
    }
}

#[tokio::test]
async fn the_log_says_who_signed_in_and_why_a_sign_in_failed() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    let (_, log) = logged(browser.get(&callback)).await;
    let line = log.lines().find(|line| line.contains("signed in")).unwrap();
    assert!(line.contains("INFO") && line.contains("sub=\"mira\""), "{log}");

    let (mut browser, callback) = ready(&provider, &app).await;
    provider.fault(Fault::WrongNonce);
    let (_, log) = logged(browser.get(&callback)).await;
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("the request failed"))
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(
        lines[0].contains("code=\"invalid_id_token\"") && lines[0].contains("nonce"),
        "{log}"
    );
    assert!(!log.contains("signed in"), "{log}");
}
