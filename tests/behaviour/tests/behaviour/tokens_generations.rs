//! Several processes with one secret and nothing shared, as they are for a while whenever a site is deployed anew: a
//! session whose tokens another one renewed.

use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, Fault, refresh_token};

use crate::fixtures::{Browser, ORIGIN, SECRET, Site, code, comes_to, get, logged, open_session, tokens_app};
use axum::Router;
use monocloud_runtime::MonoCloud;

/// A second process of the site.
fn second(site: &Site) -> (MonoCloud, Router) {
    let auth = MonoCloud::builder()
        .tenant_domain(site.provider.issuer())
        .client_id(site.provider.client_id())
        .client_secret(site.provider.client_secret())
        .app_url(ORIGIN)
        .cookie_secret(SECRET)
        .id_token_signing_alg("ES256")
        .scopes("openid profile offline_access")
        .clock(site.clock.clone())
        .build()
        .unwrap();
    let app = tokens_app(&auth);
    (auth, app)
}

/// RFC 9700 §4.14: the issuer takes an old refresh token for stolen. Who has the newer one is not signed out for it here.
#[tokio::test]
async fn an_older_refresh_token_that_is_refused_ends_nothing_for_who_has_a_newer_one() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let mut site = Site::start().await;
    let (_, other) = second(&site);
    let old = site.browser.cookies();
    site.expire();
    site.tokens("").await;
    let new = site.browser.cookies();

    site.provider
        .fault(Fault::Slow(Endpoint::Token, Duration::from_secs(3)));
    let headers = [("cookie", old.as_str())];
    let late = get(&other, "/tokens", &headers);
    let meanwhile = async {
        comes_to(|| site.token_calls(), 3).await;
        get(&other, "/page", &[("cookie", &new)]).await.status
    };
    let ((late, meanwhile), log) = logged(async { tokio::join!(late, meanwhile) }).await;
    assert!(log.contains("reuse"), "{log}");
    assert_eq!(meanwhile, 200);
    assert_eq!(code(&late), (401, "no_session".to_owned()));
    assert!(late.cookies().is_empty(), "the cookie is left alone: {late:?}");
    let page = get(&other, "/page", &[("cookie", &new)]).await;
    assert_eq!(page.status, 200, "{page:?}");
}

#[tokio::test]
async fn what_another_process_renewed_is_not_renewed_with_what_it_used_up() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let mut site = Site::start().await;
    let (auth, other) = second(&site);
    let mut browser = Browser::with(&other, &site.browser.cookies());
    site.expire();
    // Here the first generation is renewed, and there the second.
    site.tokens("").await;
    browser.jar = crate::fixtures::pairs(&site.browser.cookies());
    site.expire();
    assert_eq!(browser.get("/tokens").await.status, 200);
    let third = open_session(&auth, &browser.cookies()).unwrap();
    // The first process learns of it from the cookie.
    site.browser.jar.clone_from(&browser.jar);
    site.expire();
    site.tokens("").await;
    assert_ne!(refresh_token(&site.session().unwrap()), refresh_token(&third));
    assert_eq!(site.token_calls(), 4);
    assert_eq!(site.browser.get("/page").await.status, 200);
}
