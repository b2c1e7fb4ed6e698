//! A browser that keeps the state cookie and not the session cookie is not sent round for ever.

use std::sync::Arc;

use axum::Router;
use monocloud_runtime::protected::All;
use monocloud_runtime::settings::SessionCookie;
use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::{Endpoint, Provider, session_cookie};

use crate::fixtures::{
    Answer, Browser, Person, app, at_rest, get, logged, mira, provider, settings, settings_of,
};

/// Follows redirects from a guarded page until there are none, dropping some of the cookies each time.
async fn round_and_round(
    browser: &mut Browser,
    provider: &Provider,
    issuer: &Person,
    drops: fn(&str) -> bool,
) -> (Answer, usize) {
    let mut next = "/page".to_owned();
    for hops in 0..60 {
        let answer = browser.get(&next).await;
        browser.jar.retain(|(name, _)| !drops(name));
        if answer.status != 303 {
            return (answer, hops);
        }
        let location = answer.location().to_owned();
        next = match location.strip_prefix("http://localhost:3000") {
            Some(path) => path.to_owned(),
            None => issuer.answer(provider, &location, &[("user", "mira")]).await,
        };
    }
    panic!("redirects without an end");
}

#[tokio::test]
async fn a_session_that_never_comes_back_ends_on_a_page_and_names_the_settings() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    for drops in [
        (|name: &str| name.starts_with("session")) as fn(&str) -> bool,
        |name: &str| name == "session",
    ] {
        let calls = provider.calls(Endpoint::Token);
        let (mut browser, issuer) = (Browser::new(&app), Person::new());
        let ((answer, hops), log) = logged(round_and_round(&mut browser, &provider, &issuer, drops)).await;
        assert_eq!(answer.status, 400, "after {hops}: {answer:?}");
        assert_eq!(provider.calls(Endpoint::Token) - calls, 3, "three rounds");
        for setting in [
            "MONOCLOUD_AUTH_APP_URL",
            "MONOCLOUD_AUTH_SESSION_COOKIE_DOMAIN",
            "_PATH",
            "_SECURE",
            "_SAME_SITE",
            "MONOCLOUD_AUTH_COOKIE_SECRET",
        ] {
            assert!(log.contains(setting), "{setting}: {log}");
            assert!(!answer.body.contains(setting), "{answer:?}");
        }
        // Trying again begins anew, and may work by now.
        let (_, again) = round_and_round(&mut browser, &provider, &issuer, drops).await;
        assert!(again > 6, "{again}");
        let (answer, _) = round_and_round(&mut browser, &provider, &issuer, |_| false).await;
        assert_eq!(answer.body, "page of mira");
    }
}

#[tokio::test]
async fn sessions_that_come_back_are_never_too_many() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    for round in 0..8 {
        let answer = browser.sign_in(&provider, "mira").await;
        assert_eq!(answer.status, 303, "{round}");
        assert_eq!(browser.get("/").await.body, "signed in as mira");
        assert!(
            !browser.names().contains(&"state.rounds"),
            "the session came back"
        );
        if round % 2 == 0 {
            browser.get("/api/auth/signout").await;
        } else {
            browser.get("/destroy").await;
        }
    }
    // Nor without a page between sign-in and sign-out.
    for _ in 0..8 {
        browser.sign_in(&provider, "mira").await;
        browser.get("/api/auth/signout").await;
    }
}

#[tokio::test]
async fn abandoned_sign_ins_do_not_count() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    for _ in 0..10 {
        browser.start("").await;
    }
    assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
}

#[tokio::test]
async fn the_count_ends_after_a_minute_and_is_no_transaction() {
    let clock = Clock::fixed(1_800_000_000);
    let same_time = clock.clone();
    let provider = provider(Provider::builder().clock(Arc::new(move || same_time.now()))).await;
    let auth = settings_of(&provider).clock(clock.clone()).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    for _ in 0..8 {
        assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
        browser.jar.retain(|(name, _)| name != "session");
        assert!(browser.names().contains(&"state.rounds"));
        assert_eq!(browser.pending(), 0);
        clock.advance(60);
    }
    let answer = browser.start("").await;
    let set: Vec<String> = answer.cookies().into_iter().map(|cookie| cookie.name).collect();
    assert!(!set.contains(&"state.rounds".to_owned()), "{set:?}");
}

#[tokio::test]
async fn a_count_that_was_not_sealed_here_counts_for_nothing() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let mut browser = Browser::new(&app);
    let transaction = browser.start("").await.cookies().remove(0).value;
    for value in ["", "9", "garbage", transaction.as_str()] {
        let mut browser = Browser::with(&app, &format!("state.rounds={value}"));
        let other = browser.cookies();
        browser.start("").await;
        let signed_in = format!("{other}; {}", session_cookie(&auth, mira()));
        for path in ["/page", "/api/auth/signout"] {
            let deleted = get(&app, path, &[("cookie", &signed_in)]).await.deleted();
            // Its key tells whose it is, whatever it says.
            assert_eq!(
                deleted.contains(&"state.rounds".to_owned()),
                value == transaction,
                "{path}: {value}"
            );
        }
    }
}

/// The sign-in route gets the session, and the page never does.
#[tokio::test]
async fn a_page_that_the_session_cookie_does_not_reach_sends_nobody_round() {
    for path in ["/api", "/api/", "/api/auth", "/api/auth/signout"] {
        let (auth, _) = at_rest(settings().session_cookie(SessionCookie::new().path(path)));
        let app = app(&auth);
        for (at, page) in ["/page", "/admin", "/page?a=/api/", "/page?x#/api"]
            .into_iter()
            .enumerate()
        {
            let (answer, log) = logged(get(&app, page, &[])).await;
            assert_eq!(answer.status, 500, "{path} {page}: {answer:?}");
            assert!(answer.header("location").is_none());
            assert!(!answer.body.contains("MONOCLOUD"), "{answer:?}");
            let said = log.contains("ERROR") && log.contains("MONOCLOUD_AUTH_SESSION_COOKIE_PATH");
            assert_eq!(said, at == 0, "once: {log}");
        }
        assert_eq!(get(&app, "/api/me", &[]).await.status, 401);
        assert_eq!(
            get(&app, "/page", &[("sec-fetch-mode", "cors")]).await.status,
            401
        );
    }
}

/// Behind protected routes there are as many pages as anybody asks for.
#[tokio::test]
async fn pages_that_nobody_wrote_fill_neither_log_nor_memory() {
    let (auth, _) = at_rest(settings().session_cookie(SessionCookie::new().path("/api")));
    let app: Router = Router::new().layer(auth.layer().protected_routes(All).unwrap());
    let ask = async {
        for page in 0..50 {
            let answer = get(&app, &format!("/x{page}"), &[]).await;
            assert_eq!(answer.status, 500, "{answer:?}");
        }
    };
    let ((), log) = logged(ask).await;
    let said = log.matches("MONOCLOUD_AUTH_SESSION_COOKIE_PATH").count();
    assert_eq!(said, 1, "{log}");
}
