//! The RP-initiated logout plan: each module by its name, without `oidcc-client-test`. Whatever `state` the browser comes
//! back with, the session is over, and the application goes on.

use monocloud_runtime::testing::{Endpoint, Fault, RecordedRequest};
use support::Page;

use crate::rp::{Rp, Setup};

/// Signs somebody in and out again, and says what the issuer was asked. Only the application's own address may follow.
async fn signed_out(fault: Option<Fault>) -> (Rp, RecordedRequest, Page) {
    let rp = Setup::new().registered_post_logout().start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    if let Some(fault) = fault {
        rp.provider.fault(fault);
    }
    let page = rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    assert_eq!(
        (page.status.as_u16(), page.body.as_str()),
        (200, "home: signed out"),
        "{page:?}"
    );
    assert!(!rp.has_session());
    let asked = rp.provider.last_request(Endpoint::EndSession).unwrap();
    // Another sign-in follows, in which the issuer asks who is there.
    rp.provider.clear_faults();
    let login = rp.begin(&rp.agent).await;
    assert!(login.body.contains("name=\"user\""), "{login:?}");
    let again = rp.go_on(&rp.agent, login, "mira").await;
    rp.assert_signed_in(&again);
    (rp, asked, page)
}

/// The `state` of an address.
fn state(page: &Page) -> Option<String> {
    let mut pairs = page.url.query_pairs();
    pairs
        .find(|(name, _)| name == "state")
        .map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn rp_init_logout() {
    let (rp, asked, page) = signed_out(None).await;
    // It is compared exactly with what is registered.
    assert_eq!(asked.query("post_logout_redirect_uri"), Some(rp.app.url.as_str()));
    assert!(asked.query("id_token_hint").is_some());
    assert!(asked.query("state").is_some_and(|state| state.len() >= 22));
    assert_eq!(state(&page).as_deref(), asked.query("state"));
}

#[tokio::test]
async fn rp_init_logout_other_state() {
    let (_, asked, page) = signed_out(Some(Fault::WrongLogoutState)).await;
    assert_eq!(state(&page).as_deref(), Some("another state"));
    assert_ne!(asked.query("state"), Some("another state"));
}

#[tokio::test]
async fn rp_init_logout_no_state() {
    let (_, asked, page) = signed_out(Some(Fault::MissingLogoutState)).await;
    assert_eq!(state(&page), None);
    assert!(asked.query("state").is_some());
}

/// Anybody can send a browser to where the issuer does.
#[tokio::test]
async fn coming_back_from_a_sign_out_signs_nobody_out() {
    let rp = Rp::start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    for query in ["?state=made-up", "?state=", ""] {
        let home = rp.agent.visit(&rp.app.at(&format!("/{query}"))).await;
        assert_eq!(home.body, "home: signed in as Mira Adler", "{query}");
    }
}
