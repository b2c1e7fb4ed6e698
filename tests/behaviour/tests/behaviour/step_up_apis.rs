//! The challenge of RFC 9470, for whoever could do nothing with a redirect.

use http::Method;
use monocloud_runtime::testing::MintedSession;

use crate::fixtures::{Answer, Browser, ORIGIN, call, get, mira, parameter};
use crate::step_up::{NOW, Site, on_to_the_issuer};

fn assert_challenged(answer: &Answer, asks: &str) {
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.body, r#"{"message":"unauthorized"}"#);
    assert_eq!(answer.header("location"), None);
    let challenge = answer
        .header("www-authenticate")
        .unwrap_or_else(|| panic!("{answer:?}"));
    let rest =
        challenge.strip_prefix("Bearer error=\"insufficient_user_authentication\", error_description=\"");
    let (description, rest) = rest
        .unwrap_or_else(|| panic!("{challenge}"))
        .split_once('"')
        .unwrap();
    assert!(!description.is_empty());
    assert_eq!(rest, asks);
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
}

#[tokio::test]
async fn an_api_says_what_a_sign_in_must_prove() {
    let site = Site::start().await;
    let stale = MintedSession::new(mira())
        .acr("urn:mfa")
        .auth_time(NOW - 61)
        .cookie(&site.auth);
    let weak = MintedSession::new(mira()).cookie(&site.auth);
    for cookie in [stale, weak] {
        for method in [Method::GET, Method::POST] {
            let headers = [("cookie", &*cookie), ("origin", ORIGIN)];
            let answer = call(&site.app, method, "/api", &headers).await;
            assert_challenged(&answer, r#", acr_values="urn:mfa urn:pin", max_age="60""#);
        }
    }
    let old = MintedSession::new(mira()).auth_time(0).cookie(&site.auth);
    let answer = get(&site.app, "/api/fresh", &[("cookie", &old)]).await;
    assert_challenged(&answer, r#", max_age="300""#);
    let good = MintedSession::new(mira())
        .acr("urn:pin")
        .auth_time(NOW - 60)
        .cookie(&site.auth);
    assert_eq!(
        get(&site.app, "/api", &[("cookie", &good)]).await.body,
        "answer for mira"
    );
}

#[tokio::test]
async fn who_is_signed_out_gets_no_such_challenge() {
    let site = Site::start().await;
    let answer = get(&site.app, "/api", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("www-authenticate")),
        (401, None)
    );
}

#[tokio::test]
async fn scripts_prefetches_and_sockets_on_a_page_get_the_challenge() {
    let site = Site::start().await;
    let old = MintedSession::new(mira()).auth_time(0).cookie(&site.auth);
    let calls: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-mode", "cors")],
        &[("x-requested-with", "XMLHttpRequest")],
        &[("sec-purpose", "prefetch")],
        &[
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("origin", ORIGIN),
        ],
    ];
    for headers in calls {
        let headers = [headers, &[("cookie", &*old)]].concat();
        assert_challenged(&get(&site.app, "/fresh", &headers).await, r#", max_age="300""#);
    }
}

#[tokio::test]
async fn htmx_is_led_to_a_sign_in_that_asks_for_it() {
    let site = Site::start().await;
    let old = MintedSession::new(mira().email("mira@example.com"))
        .auth_time(0)
        .cookie(&site.auth);
    let page = format!("{ORIGIN}/orders?open=7");
    let headers = [
        ("hx-request", "true"),
        ("hx-current-url", &*page),
        ("cookie", &*old),
    ];
    let answer = get(&site.app, "/fresh", &headers).await;
    assert_challenged(&answer, r#", max_age="300""#);
    let link = answer.header("hx-redirect").unwrap();
    assert!(parameter(link, "sealed").is_some(), "{link}");
    let mut browser = Browser::with(&site.app, &old);
    let started = browser.get(link.strip_prefix(ORIGIN).unwrap()).await;
    assert_eq!(started.asked("max_age").as_deref(), Some("300"));
    assert_eq!(started.asked("login_hint").as_deref(), Some("mira@example.com"));
}

#[tokio::test]
async fn a_form_of_a_page_goes_on_where_it_stood() {
    let site = Site::start().await;
    let old = MintedSession::new(mira()).auth_time(0).cookie(&site.auth);
    let mut browser = Browser::with(&site.app, &old);
    let referer = format!("{ORIGIN}/form?draft=7");
    let headers = [("origin", ORIGIN), ("referer", &*referer)];
    let denied = browser.call(Method::POST, "/fresh", &headers).await;
    let started = on_to_the_issuer(&mut browser, &denied).await;
    let person = crate::fixtures::Person::new();
    let callback = person
        .answer(&site.provider, started.location(), &[("user", "mira")])
        .await;
    assert_eq!(browser.get(&callback).await.location(), referer);
}
