//! Many claims: what fits is split and put together again, what gives way gives way in order, and what
//! does not fit is said clearly.

use std::sync::Arc;

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{CookieBudget, SessionCookie, StateLifetime};
use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::{Provider, ProviderUser, id_token, session_cookie};

use crate::fixtures::{
    Browser, app, at_rest, choose, get, logged, mira, pairs, provider, settings, settings_of, three_chunks,
    with_claims_of,
};

/// A provider whose ID tokens repeat all claims of a user with this many bytes of them.
async fn provider_with(bytes: usize) -> Provider {
    let user = with_claims_of(bytes).claim("given_name", "Many");
    provider(Provider::builder().user(user).claims_in_id_token(true)).await
}

fn session_names(browser: &Browser) -> Vec<&str> {
    let names = browser.names().into_iter();
    names.filter(|name| name.starts_with("session")).collect()
}

fn header_bytes(browser: &Browser) -> usize {
    browser.cookies().len()
}

/// An extractor's view of the raw ID token.
fn id_token_app(auth: &MonoCloud) -> axum::Router {
    use axum::routing::get as on_get;
    let kept = |session: monocloud_runtime::Session| async move { id_token(&session).is_some().to_string() };
    app(auth).merge(
        axum::Router::new()
            .route("/id_token", on_get(kept))
            .layer(auth.layer()),
    )
}

#[tokio::test]
async fn forty_kilobytes_of_claims_are_refused_with_a_page_for_the_visitor_and_a_line_for_the_operator() {
    let provider = provider_with(40_000).await;
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    let (answer, log) = logged(browser.sign_in(&provider, "many")).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.body.contains("Sign in again"), "{answer:?}");
    for part in [
        "keep sessions in a store",
        "15360",
        "MONOCLOUD_AUTH_FILTERED_ID_TOKEN_CLAIMS",
    ] {
        assert!(log.contains(part), "{part}: {log}");
        assert!(
            !answer.body.contains(part),
            "{part} is nothing to a visitor: {answer:?}"
        );
    }
    assert!(
        browser.jar.is_empty(),
        "nothing is left behind: {:?}",
        browser.names()
    );
}

#[tokio::test]
async fn a_sign_in_that_does_not_fit_leaves_the_earlier_session_alone() {
    let provider = provider_with(40_000).await;
    provider.put_user(mira());
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
    assert_eq!(browser.sign_in(&provider, "many").await.status, 400);
    assert_eq!(browser.get("/").await.body, "signed in as mira");
}

#[tokio::test]
async fn nine_kilobytes_of_claims_sign_in_are_read_shrink_and_are_deleted_without_a_stray_chunk() {
    let provider = provider_with(9_000).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = id_token_app(&auth);
    let mut browser = Browser::new(&app);
    let answer = browser.sign_in(&provider, "many").await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(session_names(&browser).len() > 2, "{:?}", browser.names());
    browser.wait();
    assert_eq!(
        browser.names(),
        session_names(&browser),
        "the transaction's cookie is gone"
    );

    let me = browser.get("/api/me").await.json();
    assert!(
        me["groups"].as_array().unwrap().len() > 200,
        "all groups are there"
    );
    assert_eq!(me["given_name"], "Many");
    assert_eq!(
        browser.get("/id_token").await.body,
        "false",
        "the raw ID token was left out"
    );

    let shrunk = browser.get("/shrink").await;
    assert_eq!(shrunk.status, 200);
    assert_eq!(session_names(&browser), ["session"], "stale chunks went");
    assert_eq!(browser.get("/").await.body, "signed in as many");

    let mut again = Browser::new(&app);
    again.sign_in(&provider, "many").await;
    assert!(session_names(&again).len() > 2);
    again.get("/api/auth/signout").await;
    assert!(again.jar.is_empty(), "{:?}", again.names());
}

#[tokio::test]
async fn a_session_that_grows_takes_more_chunks_and_stays_readable() {
    let (auth, _) = at_rest(settings());
    let grow = axum::Router::new()
        .route(
            "/grow",
            axum::routing::get(
                |auth: monocloud_runtime::Auth, mut session: monocloud_runtime::Session| async move {
                    let before = session.get::<String>("more").unwrap_or_default().len();
                    session.insert("more", "x".repeat(before + 1_500)).unwrap();
                    match auth.update_session(session).await {
                        Ok(()) => before.to_string(),
                        Err(error) => format!("{} {}", error.code(), error.status().as_u16()),
                    }
                },
            ),
        )
        .layer(auth.layer());
    let mut browser = Browser::with(&grow, &session_cookie(&auth, mira()));
    let mut chunks = 1;
    for step in 0..7 {
        assert_eq!(browser.get("/grow").await.body, (step * 1_500).to_string());
        assert!(browser.names().len() >= chunks, "never fewer");
        chunks = browser.names().len();
    }
    assert_eq!(chunks, 4);
    let last = browser.cookies();
    let refused = browser.get("/grow").await;
    assert_eq!(refused.body, "session_too_large 500");
    assert_eq!(browser.cookies(), last, "the session is as it was");
}

#[tokio::test]
async fn the_id_token_is_kept_while_there_is_room() {
    let provider = provider_with(1_000).await;
    let roomy = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&id_token_app(&roomy));
    browser.sign_in(&provider, "many").await;
    assert_eq!(browser.get("/id_token").await.body, "true");

    let tight = CookieBudget::new().trim_above(4_000);
    let tight = settings_of(&provider).cookie_budget(tight).build().unwrap();
    let mut browser = Browser::new(&id_token_app(&tight));
    assert_eq!(browser.sign_in(&provider, "many").await.status, 303);
    assert_eq!(browser.get("/id_token").await.body, "false");
    // The issuer is told who it is in another way.
    let out = browser.get("/api/auth/signout").await;
    assert_eq!(out.asked("id_token_hint"), None);
    assert!(out.asked("logout_hint").is_some(), "{out:?}");
    assert_eq!(out.asked("client_id").as_deref(), Some(provider.client_id()));
}

#[tokio::test]
async fn over_the_budget_the_log_warns_of_proxies_and_names_the_store() {
    let provider = provider_with(9_000).await;
    for (budget, warned) in [(7_168, true), (15_000, false)] {
        let budget = CookieBudget::new().trim_above(budget);
        let auth = settings_of(&provider).cookie_budget(budget).build().unwrap();
        let mut browser = Browser::new(&app(&auth));
        let (answer, log) = logged(browser.sign_in(&provider, "many")).await;
        assert_eq!(answer.status, 303);
        let warning = log
            .lines()
            .find(|line| line.contains("WARN") && line.contains("proxy_buffer_size"));
        assert_eq!(warning.is_some(), warned, "{log}");
        assert!(warning.is_none_or(|line| line.contains("store")), "{warning:?}");
    }
}

#[tokio::test]
async fn the_limit_is_a_setting() {
    let provider = provider_with(3_000).await;
    let small = CookieBudget::new().trim_above(2_000).refuse_above(3_000);
    let auth = settings_of(&provider).cookie_budget(small).build().unwrap();
    let (refused, log) = logged(Browser::new(&app(&auth)).sign_in(&provider, "many")).await;
    assert!(
        refused.status == 400 && log.contains("3000"),
        "{refused:?}: {log}"
    );

    let large = CookieBudget::new().refuse_above(60_000);
    let provider = provider_with(20_000).await;
    let auth = settings_of(&provider).cookie_budget(large).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    assert_eq!(browser.sign_in(&provider, "many").await.status, 303);
    assert_eq!(browser.get("/").await.body, "signed in as many");
}

/// Makes a transaction large, so that few fit beside a session.
fn long_return_url() -> String {
    format!("?return_url=%2Fpage%3F{}", "x".repeat(400))
}

#[tokio::test]
async fn transactions_give_way_to_a_session_the_oldest_first_and_before_the_id_token() {
    let clock = Clock::fixed(1_800_000_000);
    let same_time = clock.clone();
    let builder = Provider::builder().user(with_claims_of(2_500));
    let provider = provider(builder.clock(Arc::new(move || same_time.now()))).await;
    let auth = settings_of(&provider)
        .clock(clock.clone())
        .state_lifetime(StateLifetime::new().max_concurrent(10))
        .build()
        .unwrap();
    let mut browser = Browser::new(&id_token_app(&auth));
    let mut names = Vec::new();
    let mut last = String::new();
    for _ in 0..10 {
        let started = browser.start(&long_return_url()).await;
        names.push(started.cookies().remove(0).name);
        started.location().clone_into(&mut last);
        clock.advance(1);
    }
    let callback = choose(&provider, &last, "many").await;
    assert_eq!(browser.get(&callback).await.status, 303);
    assert!(header_bytes(&browser) <= 7 * 1024, "{}", header_bytes(&browser));
    browser.wait();
    let left: Vec<&str> = browser
        .names()
        .into_iter()
        .filter(|name| name.starts_with("state."))
        .collect();
    assert!((1..9).contains(&left.len()), "some gave way, not all: {left:?}");
    // The last one of all is over.
    assert_eq!(left, names[9 - left.len()..9], "the oldest went first");
    assert_eq!(browser.get("/id_token").await.body, "true");
}

#[tokio::test]
async fn a_new_transaction_sends_away_older_ones_when_the_session_is_large() {
    let provider = provider(Provider::builder()).await;
    let (auth, clock) =
        at_rest(settings_of(&provider).state_lifetime(StateLifetime::new().max_concurrent(20)));
    let app = app(&auth);
    let large: Vec<(String, String)> = pairs(&session_cookie(&auth, with_claims_of(3_300)));
    let mut browser = Browser::with(&app, &crate::fixtures::joined(&large));
    let session = header_bytes(&browser);
    assert!((4_500..7_000).contains(&session), "{session}");
    let mut names = Vec::new();
    for _ in 0..12 {
        names.push(browser.start(&long_return_url()).await.cookies().remove(0).name);
        clock.advance(1);
        assert!(header_bytes(&browser) <= 7 * 1024, "within the budget");
    }
    let pending = browser.pending();
    assert!((1..12).contains(&pending), "some gave way: {pending}");
    let left: Vec<&str> = browser
        .names()
        .into_iter()
        .filter(|name| name.starts_with("state."))
        .collect();
    assert_eq!(left, names[12 - pending..], "the oldest went first");
    assert_eq!(browser.get("/").await.body, "signed in as many");
}

#[tokio::test]
async fn no_cookie_is_larger_than_browsers_take() {
    // The longest names and attributes that settings allow to be sensible.
    let attributes = SessionCookie::new()
        .name("n".repeat(64))
        .path(format!("/{}", "p".repeat(200)))
        .domain("a-rather-long-name.of-a-host.example.com");
    let builder = settings()
        .app_url(format!(
            "https://www.a-rather-long-name.of-a-host.example.com/{}",
            "p".repeat(200)
        ))
        .session_cookie(attributes)
        .cookie_budget(CookieBudget::new().refuse_above(100_000));
    let (auth, _) = at_rest(builder);
    for bytes in (0..30_000).step_by(1_499) {
        let cookie = session_cookie(&auth, with_claims_of(bytes));
        let answer = get(&app(&auth), "/update", &[("cookie", &cookie)]).await;
        assert_eq!(answer.status, 200, "{bytes}: {answer:?}");
        for cookie in answer.cookies() {
            assert!(
                cookie.bytes <= 4_096,
                "{} has {} bytes",
                cookie.name,
                cookie.bytes
            );
        }
    }
}

#[tokio::test]
async fn every_size_of_a_session_can_be_opened() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    // Around the borders of one, two and three chunks.
    for bytes in (2_300..2_500).chain(5_200..5_400) {
        let user = ProviderUser::new("filled").claim("filling", "x".repeat(bytes));
        let cookie = session_cookie(&auth, user);
        assert_eq!(
            get(&app, "/", &[("cookie", &cookie)]).await.body,
            "signed in as filled",
            "{bytes}"
        );
    }
    assert_eq!(three_chunks(&auth).len(), 3);
}
