//! Logout that the issuer begins with a logout token: which sessions it ends, and which it leaves alone.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use monocloud_runtime::Auth;
use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::{Endpoint, Fault, session_cookie};

use crate::fixtures::{
    BACK_CHANNEL, Browser, LogoutSite, Site, assert_done, assert_refused, call, choose, comes_to, get,
    logged, mira, post_logout, send, send_form, settings,
};

async fn is_in(app: &Router, cookies: &str) -> bool {
    let page = get(app, "/page", &[("cookie", cookies)]).await;
    page.status == 200
}

#[tokio::test]
async fn a_logout_ends_the_session_and_every_copy_of_its_cookie() {
    let sliding = SessionLifetime::new().sliding(true);
    let site = LogoutSite::with(|settings| settings.session_lifetime(sliding)).await;
    let mut browser = site.signed_in("mira").await;
    let stolen = browser.cookies();
    site.clock.advance(3_600);
    browser.get("/page").await;
    assert_ne!(browser.cookies(), stolen, "it slid");
    let sid = site.sid(&browser);
    assert_done(&site.log_out(Some("mira"), Some(&sid)).await);
    assert!(!is_in(&site.app, &stolen).await, "a stolen copy is dead too");
    let page = browser.get("/page").await;
    assert_eq!(page.status, 303);
    assert!(
        page.cookies().iter().all(|cookie| !cookie.deletes()),
        "a late request must not delete the cookie of a newer session: {page:?}"
    );
    assert_eq!(browser.get("/").await.body, "signed out");
    // Who signs in again has another session at the issuer.
    browser.sign_in(&site.provider, "mira").await;
    assert_eq!(browser.get("/page").await.status, 200);
    assert!(!is_in(&site.app, &stolen).await);
}

#[tokio::test]
async fn a_logout_by_sid_leaves_other_sessions_alone() {
    let site = LogoutSite::start().await;
    let (one, other) = (site.signed_in("mira").await, site.signed_in("mira").await);
    let somebody_else = site.signed_in("lin").await;
    let sid = site.sid(&one);
    // `sub` says whose it is, and widens nothing.
    for sub in [None, Some("mira")] {
        assert_done(&site.log_out(sub, Some(&sid)).await);
        assert!(!is_in(&site.app, &one.cookies()).await);
        assert!(is_in(&site.app, &other.cookies()).await);
        assert!(is_in(&site.app, &somebody_else.cookies()).await);
    }
}

/// The one that is meant may be any of them, since the issuer has not said which is which.
#[tokio::test]
async fn sessions_without_a_sid_end_with_any_of_their_user() {
    let site = LogoutSite::start().await;
    let with_sid = site.signed_in("mira").await;
    site.provider
        .tamper_id_token(|_, claims| drop(claims.remove("sid")));
    let (one, other) = (site.signed_in("mira").await, site.signed_in("mira").await);
    let somebody_else = site.signed_in("lin").await;
    assert_done(&site.log_out(None, Some("a session")).await);
    assert!(is_in(&site.app, &one.cookies()).await, "it may be anybody's");
    assert_done(&site.log_out(Some("mira"), Some("a session")).await);
    for ended in [&one, &other] {
        assert!(!is_in(&site.app, &ended.cookies()).await);
    }
    for alive in [&with_sid, &somebody_else] {
        assert!(is_in(&site.app, &alive.cookies()).await);
    }
    site.clock.advance(1);
    let newer = site.signed_in("mira").await;
    assert!(is_in(&site.app, &newer.cookies()).await);
}

#[tokio::test]
async fn a_sid_is_denied_outright_whatever_the_times() {
    let site = LogoutSite::start().await;
    site.provider.tamper_id_token(|_, claims| {
        claims.insert("sid".into(), "known".into());
    });
    let browser = site.signed_in("mira").await;
    // The token is older than the session: the issuer's second thoughts do not revive it.
    site.provider.tamper_logout_token(|_, claims| {
        let iat = claims["iat"].as_i64().unwrap() - 500;
        claims.insert("iat".into(), iat.into());
    });
    assert_done(&site.log_out(None, Some("known")).await);
    assert!(!is_in(&site.app, &browser.cookies()).await);
    site.clock.advance(5);
    let mut again = Browser::new(&site.app);
    let answer = again.sign_in(&site.provider, "mira").await;
    assert_eq!(answer.status, 400, "nor does a sign-in under it: {answer:?}");
    assert_eq!(again.get("/page").await.status, 303);
}

#[tokio::test]
async fn a_sub_is_compared_by_the_issuers_clock() {
    // The application's clock is an hour ahead of the issuer's, which tolerates it.
    let site = LogoutSite::with(|settings| {
        settings
            .clock_skew(3_600)
            .clock_tolerance(Duration::from_secs(3_600))
    })
    .await;
    let (one, other) = (site.signed_in("mira").await, site.signed_in("mira").await);
    let somebody_else = site.signed_in("lin").await;
    site.clock.advance(10);
    let token = site.provider.logout_token(Some("mira"), None);
    site.clock.advance(1);
    let newer = site.signed_in("mira").await;
    assert_done(&post_logout(&site.app, &token).await);
    for ended in [&one, &other] {
        assert!(!is_in(&site.app, &ended.cookies()).await);
    }
    for alive in [&newer, &somebody_else] {
        assert!(is_in(&site.app, &alive.cookies()).await);
    }
}

#[tokio::test]
async fn a_sign_in_of_the_second_of_the_logout_is_refused_in_words() {
    let site = LogoutSite::start().await;
    assert_done(&site.log_out(Some("mira"), None).await);
    let mut browser = Browser::new(&site.app);
    let (answer, log) = logged(browser.sign_in(&site.provider, "mira")).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.body.contains("You were signed out"), "{answer:?}");
    assert!(log.contains("logged_out"), "{log}");
    assert_eq!(browser.get("/page").await.status, 303);
    assert_eq!(browser.pending(), 0);
    site.clock.advance(1);
    browser.sign_in(&site.provider, "mira").await;
    assert_eq!(browser.get("/page").await.status, 200);
}

#[tokio::test]
async fn a_session_that_is_over_is_200() {
    let site = LogoutSite::start().await;
    let mut browser = site.signed_in("mira").await;
    let sid = site.sid(&browser);
    browser.get("/api/auth/signout").await;
    assert_done(&site.log_out(Some("mira"), Some(&sid)).await);
    assert_done(&site.log_out(Some("mira"), Some(&sid)).await);
    assert_done(&site.log_out(None, Some("never heard of")).await);
    assert_done(&site.log_out(Some("nobody"), None).await);
}

#[tokio::test]
async fn a_logout_that_arrives_during_the_callback_ends_it() {
    for by_sid in [true, false] {
        let site = LogoutSite::start().await;
        site.provider.tamper_id_token(|_, claims| {
            claims.insert("sid".into(), "known".into());
        });
        let mut browser = Browser::new(&site.app);
        let started = browser.start("").await;
        let callback = choose(&site.provider, started.location(), "mira").await;
        let late = Fault::Late(Endpoint::Token, Duration::from_secs(3));
        site.provider.fault(late);
        let logout = async {
            comes_to(|| site.provider.calls(Endpoint::Token), 1).await;
            let (sub, sid) = if by_sid {
                (None, Some("known"))
            } else {
                (Some("mira"), None)
            };
            site.log_out(sub, sid).await
        };
        let (answer, logout) = tokio::join!(browser.get(&callback), logout);
        assert_done(&logout);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(
            answer
                .cookies()
                .iter()
                .all(|cookie| !cookie.name.starts_with("session"))
        );
        assert_eq!(browser.get("/page").await.status, 303);
    }
}

#[tokio::test]
async fn no_token_is_renewed_for_a_session_that_was_logged_out() {
    let mut site = Site::start().await;
    let sid = site.session().unwrap().sid().unwrap().to_owned();
    let copy = site.browser.cookies();
    let token = site.provider.logout_token(None, Some(&sid));
    assert_done(&post_logout(site.browser.app(), &token).await);
    let calls = site.token_calls();
    assert_eq!(site.refused("?force=1").await, (401, "no_session".to_owned()));
    site.browser = Browser::with(site.browser.app(), &copy);
    assert_eq!(site.refused("").await, (401, "no_session".to_owned()));
    assert_eq!(site.token_calls(), calls);
}

/// Elsewhere they would live on, and the issuer believe that they are over.
#[tokio::test]
async fn several_processes_with_nothing_shared_answer_an_error() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let site = LogoutSite::with(|settings| settings.multiple_instances(true)).await;
    let browser = site.signed_in("mira").await;
    let (answer, log) = logged(site.log_out(Some("mira"), None)).await;
    assert_refused(&answer);
    assert!(
        log.contains("ERROR") && log.contains("logout_not_shared"),
        "{log}"
    );
    assert!(is_in(&site.app, &browser.cookies()).await);
}

#[tokio::test]
async fn several_processes_with_nothing_shared_are_warned_at_the_start() {
    let start = |several| logged(async move { settings().multiple_instances(several).build().map(drop) });
    let (built, log) = start(true).await;
    assert!(built.is_ok());
    if crate::IN_STORE {
        assert_eq!(log, "", "the store is shared");
        return;
    }
    assert_eq!(log.matches("WARN").count(), 1, "{log}");
    for part in [
        "http://localhost:3000/api/auth/backchannel-logout",
        "http://localhost:3000/api/auth/frontchannel-logout",
        "register neither at the issuer",
        "Redis",
        "MONOCLOUD_AUTH_MULTIPLE_INSTANCES",
    ] {
        assert!(log.contains(part), "{part}: {log}");
    }
    let (_, log) = start(false).await;
    assert!(!log.contains("logout"), "{log}");
}

#[tokio::test]
async fn what_is_no_form_with_one_logout_token_is_400_and_asks_nobody() {
    let site = LogoutSite::start().await;
    let token = site.provider.logout_token(Some("mira"), None);
    let large = "x".repeat(70_000);
    let long = format!("{token}{}", "x".repeat(16 * 1024));
    for fields in [
        &[][..],
        &[("further", "field")],
        &[("logout_token", "")],
        &[("logout_token", "x")],
        &[("logout_token", long.as_str())],
        &[("logout_token", token.as_str()), ("logout_token", token.as_str())],
        &[("logout_token", token.as_str()), ("further", large.as_str())],
    ] {
        assert_refused(&send_form(&site.app, fields).await);
    }
    let json = Request::post(BACK_CHANNEL)
        .header("content-type", "application/json")
        .body(Body::from(format!("{{\"logout_token\":\"{token}\"}}")));
    assert_refused(&send(&site.app, json.unwrap()).await);
    let in_query = Request::post(format!("{BACK_CHANNEL}?logout_token={token}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::empty());
    assert_refused(&send(&site.app, in_query.unwrap()).await);
    for method in [Method::GET, Method::HEAD, Method::PUT] {
        let answer = call(&site.app, method, BACK_CHANNEL, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, Some("POST"))
        );
        assert!(answer.header("cache-control").unwrap().contains("no-store"));
    }
    assert_eq!(site.provider.calls(Endpoint::Discovery), 0);
    assert_eq!(site.provider.calls(Endpoint::Jwks), 0);
    assert_done(&post_logout(&site.app, &token).await);
}

#[tokio::test]
async fn a_session_in_the_request_says_nothing_about_it() {
    let site = LogoutSite::start().await;
    let cookie = session_cookie(&site.auth, mira());
    let answer = call(&site.app, Method::POST, BACK_CHANNEL, &[("cookie", &cookie)]).await;
    assert_refused(&answer);
    assert_eq!(answer.header("vary"), None);
    assert!(is_in(&site.app, &cookie).await);
}

#[tokio::test]
async fn a_service_without_axum_takes_it_too() {
    let site = LogoutSite::start().await;
    let browser = site.signed_in("mira").await;
    let client = site.auth.clone();
    let service = Router::new().fallback(move |request: axum::extract::Request| {
        let client = client.clone();
        let handler = async |_: Auth, _: axum::extract::Request| axum::response::Response::new(Body::empty());
        async move { client.serve(request, handler).await }
    });
    let token = site.provider.logout_token(None, Some(&site.sid(&browser)));
    assert_done(&post_logout(&service, &token).await);
    assert!(!is_in(&site.app, &browser.cookies()).await);
    assert_refused(&post_logout(&service, &token).await);
}
