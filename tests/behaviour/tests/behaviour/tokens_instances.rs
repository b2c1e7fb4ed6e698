//! Several processes with nothing shared: what one of them is told may be known better by another.

use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, Fault};

use crate::fixtures::{Browser, Site, code, comes_to, get, settings};

const REFUSED: (u16, &str) = (401, "refresh_refused");

async fn site(multiple_instances: bool) -> Site {
    Site::with(
        |provider| provider,
        |settings| settings.multiple_instances(multiple_instances),
    )
    .await
}

#[tokio::test]
async fn a_refused_refresh_token_deletes_nothing_where_another_process_may_have_a_newer_one() {
    let mut site = site(true).await;
    let cookies = site.browser.cookies();
    site.expire();
    site.provider.fault(Fault::TokenError("invalid_grant".to_owned()));
    for _ in 0..3 {
        let (status, code) = site.refused("").await;
        assert_eq!((status, &*code), REFUSED);
    }
    assert_eq!(site.token_calls(), 2, "it is not sent again");
    assert_eq!(site.browser.cookies(), cookies);
    assert_eq!(site.browser.get("/page").await.status, 200);
}

#[tokio::test]
async fn the_newer_cookie_of_another_process_is_good_here() {
    let mut here = site(true).await;
    // Another process of the same site, which knows nothing of this one.
    let there = here.another_process(|settings| settings.multiple_instances(true));
    here.expire();
    let older = here.browser.cookies();
    let renewed = get(&there, "/tokens", &[("cookie", &older)]).await;
    assert_eq!(renewed.status, 200);

    let (status, code) = here.refused("").await;
    assert_eq!((status, &*code), REFUSED, "the old refresh token is used up");
    assert_eq!(
        here.browser.cookies(),
        older,
        "the browser may have a newer cookie"
    );
    let newer = renewed.cookie("session").unwrap();
    let newer = format!("session={}", newer.value);
    let page = get(here.browser.app(), "/tokens", &[("cookie", &newer)]).await;
    assert_eq!(page.status, 200, "and that is good here");
}

#[tokio::test]
async fn one_process_alone_takes_the_issuers_word() {
    let mut site = site(false).await;
    site.expire();
    site.provider.fault(Fault::TokenError("invalid_grant".to_owned()));
    let (status, code) = site.refused("").await;
    assert_eq!((status, &*code), REFUSED);
    assert!(site.session().is_none());
}

#[test]
fn the_variable_says_so_too() {
    let read = |value| {
        settings()
            .with_vars([("MONOCLOUD_AUTH_MULTIPLE_INSTANCES", value)])
            .build()
    };
    assert!(read("yes").is_ok());
    let error = read("many").unwrap_err().to_string();
    assert!(error.contains("MONOCLOUD_AUTH_MULTIPLE_INSTANCES"), "{error}");
}

/// A refresh that waits for the issuer's metadata is given up when the session is signed out meanwhile.
#[tokio::test]
async fn a_refresh_that_was_not_sent_yet_is_not_sent_after_the_sign_out() {
    let site = Site::start().await;
    let app = site.another_process(|settings| settings.revoke_on_sign_out(true));
    site.provider
        .fault(Fault::Late(Endpoint::Discovery, Duration::from_secs(2)));
    let mut browser = Browser::with(&app, &site.browser.cookies());
    let cookies = browser.cookies();
    let headers = [("cookie", cookies.as_str())];
    let looked = site.provider.calls(Endpoint::Discovery);
    let signs_out = async {
        comes_to(|| site.provider.calls(Endpoint::Discovery), looked + 1).await;
        assert_eq!(browser.get("/api/auth/signout").await.status, 303);
    };
    let (answer, ()) = tokio::join!(get(&app, "/tokens?force=", &headers), signs_out);
    assert_eq!(code(&answer), (401, "no_session".to_owned()));
    assert_eq!(site.token_calls(), 1, "for the code");
    assert_eq!(site.provider.calls(Endpoint::Revocation), 1);
}
