//! Logout that a page of the issuer begins: no cookie comes with it, nobody has signed it, and it ends one session.

use std::sync::{Arc, Mutex};

use http::Method;
use monocloud_runtime::hooks::Event;
use monocloud_runtime::settings::Routes;

use crate::fixtures::{Answer, Browser, LogoutSite, assert_done, call, get, logged, post_logout, query_of};

const PATH: &str = "/api/auth/frontchannel-logout";

/// As a frame on the issuer's page asks, which brings no `Lax` cookie.
async fn frame(site: &LogoutSite, query: &[(&str, &str)]) -> Answer {
    let headers = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "iframe"),
    ];
    get(&site.app, &format!("{PATH}{}", query_of(query)), &headers).await
}

async fn is_in(site: &LogoutSite, browser: &Browser) -> bool {
    let page = get(&site.app, "/page", &[("cookie", &browser.cookies())]).await;
    page.status == 200
}

#[tokio::test]
async fn a_frame_ends_the_session_of_its_sid_without_a_cookie() {
    let site = LogoutSite::start().await;
    let (one, other) = (site.signed_in("mira").await, site.signed_in("mira").await);
    let somebody_else = site.signed_in("lin").await;
    let sid = site.sid(&one);
    let answer = frame(&site, &[("iss", site.provider.issuer()), ("sid", &sid)]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
    assert_eq!(answer.header("x-frame-options"), None);
    let policy = answer.header("content-security-policy").unwrap();
    let ancestors = format!("frame-ancestors {}", site.provider.issuer());
    assert!(
        policy.contains("default-src 'none'") && policy.ends_with(&ancestors),
        "{policy}"
    );
    assert!(answer.cookies().is_empty(), "{answer:?}");
    assert!(!is_in(&site, &one).await);
    assert!(is_in(&site, &other).await && is_in(&site, &somebody_else).await);
    // It comes again, or by the other channel: it is over already.
    assert_eq!(
        frame(&site, &[("iss", site.provider.issuer()), ("sid", &sid)])
            .await
            .status,
        200
    );
    assert_done(&post_logout(&site.app, &site.provider.logout_token(None, Some(&sid))).await);
}

#[tokio::test]
async fn what_names_no_session_of_the_issuer_ends_nothing() {
    let site = LogoutSite::start().await;
    let browser = site.signed_in("mira").await;
    let (sid, issuer) = (site.sid(&browser), site.provider.issuer());
    let (slash, long) = (format!("{issuer}/"), "x".repeat(256));
    // It is bytes that are counted.
    let (longest, wide, too_wide) = ("x".repeat(255), "é".repeat(127) + "x", "é".repeat(128));
    for query in [
        &[][..],
        &[("iss", issuer)],
        &[("sid", sid.as_str())],
        &[("iss", ""), ("sid", sid.as_str())],
        &[("iss", "https://other.example"), ("sid", sid.as_str())],
        &[("iss", slash.as_str()), ("sid", sid.as_str())],
        &[("iss", issuer), ("sid", "")],
        &[("iss", issuer), ("sid", long.as_str())],
        &[("iss", issuer), ("sid", too_wide.as_str())],
        &[("iss", issuer), ("sid", sid.as_str()), ("sid", "another")],
        &[("iss", issuer), ("iss", issuer), ("sid", sid.as_str())],
    ] {
        let answer = frame(&site, query).await;
        assert_eq!(answer.status, 400, "{query:?}");
        assert!(answer.header("cache-control").unwrap().contains("no-store"));
    }
    assert!(is_in(&site, &browser).await);
    // Who has which session is not told.
    for unknown in ["never heard of", &longest, &wide] {
        let answer = frame(&site, &[("iss", issuer), ("sid", unknown)]).await;
        assert_eq!(answer.status, 200, "{unknown}");
    }
    assert!(is_in(&site, &browser).await);
}

#[tokio::test]
async fn what_does_not_come_from_a_frame_does_nothing() {
    let site = LogoutSite::start().await;
    let browser = site.signed_in("mira").await;
    let sid = site.sid(&browser);
    let path = format!(
        "{PATH}{}",
        query_of(&[("iss", site.provider.issuer()), ("sid", &sid)])
    );
    for method in [Method::POST, Method::HEAD, Method::PUT] {
        let answer = call(&site.app, method, &path, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, Some("GET"))
        );
    }
    let ahead = [("sec-purpose", "prefetch")];
    assert_eq!(get(&site.app, &path, &ahead).await.status, 401);
    assert!(is_in(&site, &browser).await);
}

#[tokio::test]
async fn a_cookie_that_comes_along_is_deleted_where_it_is_of_that_session() {
    let site = LogoutSite::start().await;
    let (mut one, mut other) = (site.signed_in("mira").await, site.signed_in("mira").await);
    let sid = site.sid(&one);
    let path = format!(
        "{PATH}{}",
        query_of(&[("iss", site.provider.issuer()), ("sid", &sid)])
    );
    let answer = one.get(&path).await;
    assert_eq!(answer.status, 200);
    assert!(answer.cookie("session").unwrap().deletes(), "{answer:?}");
    let answer = other.get(&path).await;
    assert_eq!(answer.status, 200);
    assert!(answer.cookie("session").is_none(), "{answer:?}");
    assert!(is_in(&site, &other).await);
}

#[tokio::test]
async fn several_processes_with_nothing_shared_answer_an_error() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let site = LogoutSite::with(|settings| settings.multiple_instances(true)).await;
    let browser = site.signed_in("mira").await;
    let sid = site.sid(&browser);
    let query = [("iss", site.provider.issuer()), ("sid", sid.as_str())];
    let (answer, log) = logged(frame(&site, &query)).await;
    assert_eq!(answer.status, 500, "{answer:?}");
    assert!(log.contains("logout_not_shared"), "{log}");
    assert!(is_in(&site, &browser).await);
}

#[tokio::test]
async fn it_is_an_event_once_and_stands_where_the_settings_say() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = heard.clone();
    let site = LogoutSite::with(|settings| {
        let routes = Routes::new().front_channel_logout("/over");
        settings.routes(routes).on_event(move |event| {
            if let Event::LoggedOut { sub, by, .. } = event {
                kept.lock().unwrap().push(format!("{sub:?} {}", by.as_str()));
            }
        })
    })
    .await;
    assert_eq!(site.auth.routes().front_channel_logout, "/over");
    let query = query_of(&[("iss", site.provider.issuer()), ("sid", "a session")]);
    assert_eq!(get(&site.app, &format!("{PATH}{query}"), &[]).await.status, 404);
    for _ in 0..3 {
        assert_eq!(get(&site.app, &format!("/over{query}"), &[]).await.status, 200);
    }
    assert_eq!(*heard.lock().unwrap(), ["None front_channel"]);
}
