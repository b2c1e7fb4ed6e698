//! Many requests of one session whose access token has expired: one refresh, and good answers for all.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use monocloud_runtime::testing::{Endpoint, Fault, Provider, refresh_token};

use crate::fixtures::{Browser, SetCookie, Site, code, comes_to, get, lin, open_session, tokens_app};

const REQUESTS: usize = 1_000;

/// What each of the requests, with these cookies in turn, gets of `/tokens`.
async fn at_once(site: &Site, cookies: &[String], query: &str) -> Vec<(u16, String)> {
    let app = tokens_app(&site.auth);
    let path = format!("/tokens{query}");
    let requests = (0..REQUESTS).map(|number| {
        let headers = [("cookie", cookies[number % cookies.len()].clone())];
        let (app, path) = (app.clone(), path.clone());
        async move {
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            let answer = get(&app, &path, &headers).await;
            let body = if answer.status == 200 {
                answer.json()["access"].as_str().unwrap().to_owned()
            } else {
                code(&answer).1
            };
            (answer.status.as_u16(), body)
        }
    });
    join_all(requests).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_are_one_refresh_also_with_cookies_of_two_generations() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let mut site = Site::start().await;
    let first = site.browser.cookies();
    site.expire();
    let answers = at_once(&site, std::slice::from_ref(&first), "").await;
    let distinct: BTreeSet<_> = answers.into_iter().collect();
    assert_eq!(distinct.len(), 1, "{distinct:?}");
    assert_eq!(distinct.first().unwrap().0, 200);
    assert_eq!(site.token_calls(), 2);

    site.browser.get("/page").await;
    let second = site.browser.cookies();
    assert_ne!(
        refresh_token(&open_session(&site.auth, &first).unwrap()),
        refresh_token(&open_session(&site.auth, &second).unwrap())
    );
    site.expire();
    let answers = at_once(&site, &[first, second], "").await;
    let again: BTreeSet<_> = answers.into_iter().collect();
    assert_eq!(again.len(), 1, "{again:?}");
    assert_eq!(again.first().unwrap().0, 200);
    assert_ne!(again, distinct);
    assert_eq!(site.token_calls(), 3);
}

/// Of which neither generation has a token for the resource.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_for_one_resource_are_one_refresh() {
    const ORDERS: &str = "https://orders.example.com";
    let mut site = Site::with(
        |provider| provider,
        |settings| settings.resources([(ORDERS, "orders:read orders:write")]),
    )
    .await;
    let first = site.browser.cookies();
    site.expire();
    site.tokens("").await;
    let second = site.browser.cookies();
    let calls = site.token_calls();
    let query = format!("?resource={ORDERS}&scopes=orders:read");
    let answers = at_once(&site, &[second.clone(), first.clone()], &query).await;
    let distinct: BTreeSet<_> = answers.into_iter().collect();
    assert_eq!(
        (distinct.len(), site.token_calls()),
        (1, calls + 1),
        "{distinct:?}"
    );
    assert_eq!(distinct.first().unwrap().0, 200);
    // What they brought is known under every order of the words, to whoever carries which cookie.
    let query = format!("?scopes=orders:read%20%20orders:read&resource={ORDERS}%20{ORDERS}");
    let again: BTreeSet<_> = at_once(&site, &[first, second], &query)
        .await
        .into_iter()
        .collect();
    assert_eq!((again, site.token_calls()), (distinct, calls + 1));
}

/// Whatever goes wrong, it does so once, and all hear of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_share_a_fault_and_stay_signed_in() {
    for (fault, expected) in [
        (Fault::Status(Endpoint::Token, 503), (503, "unreachable")),
        (Fault::LostAnswer(Endpoint::Token), (503, "unreachable")),
        (Fault::Garbage(Endpoint::Token), (502, "malformed_answer")),
        (
            Fault::TokenError("invalid_client".to_owned()),
            (502, "endpoint_error"),
        ),
        (Fault::WrongIssuer, (502, "malformed_answer")),
    ] {
        let mut site = Site::start().await;
        let first = site.browser.cookies();
        site.expire();
        site.tokens("").await;
        let second = site.browser.cookies();
        site.expire();
        site.provider.fault(fault.clone());
        let calls = site.token_calls();
        // Until all are there, where the machine is fast enough; else they come in waves.
        let wait = Duration::from_secs(4);
        site.provider.fault(Fault::Slow(Endpoint::Token, wait));
        let began = Instant::now();
        let answers = at_once(&site, &[first, second], "").await;
        let waves = 1 + began.elapsed().as_secs() / wait.as_secs();
        let distinct: BTreeSet<_> = answers.into_iter().collect();
        assert_eq!(
            distinct,
            [(expected.0, expected.1.to_owned())].into(),
            "{fault:?}"
        );
        let called = u64::try_from(site.token_calls() - calls).unwrap();
        assert!((1..=waves).contains(&called), "{fault:?}: {called} calls");
        assert_eq!(site.browser.get("/page").await.status, 200, "{fault:?}");
    }
}

/// Each tab wants another token, and each gets it in its turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_tabs_as_somebody_opens_get_a_token_each() {
    const TABS: usize = 20;
    let scopes: Vec<String> = (0..TABS).map(|number| format!("tab:{number}")).collect();
    let all = scopes.join(" ");
    let site = Site::with(
        |provider| provider,
        move |settings| settings.resources([("https://api.example.com", all)]),
    )
    .await;
    let wait = Duration::from_millis(100);
    site.provider.fault(Fault::Slow(Endpoint::Token, wait));
    let (app, cookies) = (tokens_app(&site.auth), site.browser.cookies());
    let answers = scopes.iter().map(|scope| {
        let mut browser = Browser::with(&app, &cookies);
        async move {
            let path = format!("/tokens?resource=https://api.example.com&scopes={scope}");
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, 200, "{scope}: {answer:?}");
            answer.json()["scopes"][0].as_str().map(str::to_owned)
        }
    });
    let given: Vec<_> = join_all(answers).await.into_iter().flatten().collect();
    assert_eq!(given, scopes);
    assert_eq!(site.token_calls(), 1 + TABS, "no refresh token was sent twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_forced_refreshes_are_one() {
    let site = Site::start().await;
    // Until all are there, where the machine is fast enough; else they come in waves.
    let wait = Duration::from_secs(4);
    site.provider.fault(Fault::Slow(Endpoint::Token, wait));
    let (began, calls) = (Instant::now(), site.token_calls());
    let answers = at_once(&site, &[site.browser.cookies()], "?force=").await;
    let waves = 1 + began.elapsed().as_secs() / wait.as_secs();
    let distinct: BTreeSet<_> = answers.into_iter().collect();
    assert!(distinct.iter().all(|(status, _)| *status == 200), "{distinct:?}");
    let called = site.token_calls() - calls;
    assert_eq!(distinct.len(), called, "{distinct:?}");
    assert!(
        (1..=waves).contains(&u64::try_from(called).unwrap()),
        "{called} calls in {waves} waves"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_fail_as_one_and_end_one_session() {
    let site = Site::start().await;
    site.expire();
    site.provider.fault(Fault::TokenError("invalid_grant".to_owned()));
    let answers = at_once(&site, &[site.browser.cookies()], "").await;
    let allowed = ["refresh_refused", "no_session"];
    for (status, code) in answers {
        // In a store the token goes first, and then the session.
        let is_halfway = crate::IN_STORE && code == "no_refresh_token";
        assert!(
            status == 401 && (is_halfway || allowed.contains(&code.as_str())),
            "{status} {code}"
        );
    }
    assert_eq!(site.token_calls(), 2);
}

#[tokio::test]
async fn a_client_that_hangs_up_loses_nothing() {
    let mut site = Site::start().await;
    let before = site.session().unwrap();
    site.expire();
    site.provider
        .fault(Fault::Slow(Endpoint::Token, Duration::from_secs(2)));
    let (app, cookies) = (tokens_app(&site.auth), site.browser.cookies());
    let headers = [("cookie", cookies.as_str())];
    tokio::select! {
        answer = get(&app, "/tokens", &headers) => panic!("it went away before the answer: {answer:?}"),
        () = comes_to(|| site.token_calls(), 2) => {}
    }

    // Whatever the browser asks for once it has come, it gets that.
    let started = Instant::now();
    while refresh_token(&site.session().unwrap()) == refresh_token(&before) {
        assert!(started.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(50)).await;
        site.browser.get("/page").await;
    }
    assert_eq!(site.tokens("").await["expired"], false);
    assert_eq!(site.token_calls(), 2);
}

#[tokio::test]
async fn what_one_session_got_is_no_other_sessions() {
    let mut site = Site::with(|provider| provider.user(lin()), |settings| settings).await;
    let mut other = Browser::new(&tokens_app(&site.auth));
    let mut same = Browser::new(&tokens_app(&site.auth));
    other.sign_in(&site.provider, "lin").await;
    same.sign_in(&site.provider, "mira").await;
    site.expire();
    let calls = site.token_calls();
    let tokens = [
        site.tokens("").await,
        other.get("/tokens").await.json(),
        same.get("/tokens").await.json(),
    ];
    let distinct: BTreeSet<_> = tokens.iter().map(|tokens| tokens["access"].to_string()).collect();
    assert_eq!((distinct.len(), site.token_calls()), (3, calls + 3));
}

#[tokio::test]
async fn a_refresh_that_comes_after_the_sign_out_is_for_nobody() {
    let mut site = Site::start().await;
    let cookies = site.browser.cookies();
    site.expire();
    site.provider
        .fault(Fault::Slow(Endpoint::Token, Duration::from_secs(3)));
    let app = tokens_app(&site.auth);
    let headers = [("cookie", cookies.as_str())];
    let waiting = get(&app, "/tokens", &headers);
    let signs_out = async {
        comes_to(|| site.provider.calls(Endpoint::Token), 2).await;
        site.browser.get("/api/auth/signout").await;
    };
    let (answer, ()) = tokio::join!(waiting, signs_out);
    assert_eq!(code(&answer), (401, "no_session".to_owned()));
    assert!(answer.cookies().iter().all(SetCookie::deletes), "{answer:?}");
    assert_eq!(
        code(&get(&app, "/tokens", &headers).await),
        (401, "no_session".to_owned())
    );
}

/// The issuer sees each refresh token once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sessions_of_one_browser_do_not_wait_for_each_other() {
    let mut site = Site::start().await;
    let mut second = Browser::new(&tokens_app(&site.auth));
    second.sign_in(&site.provider, "mira").await;
    site.expire();
    let provider: &Provider = &site.provider;
    provider.fault(Fault::Slow(Endpoint::Token, Duration::from_secs(3)));
    let began = Instant::now();
    let (one, two) = tokio::join!(site.browser.get("/tokens"), second.get("/tokens"));
    assert_eq!((one.status.as_u16(), two.status.as_u16()), (200, 200));
    assert!(
        began.elapsed() < Duration::from_millis(5_900),
        "{:?}",
        began.elapsed()
    );
}
