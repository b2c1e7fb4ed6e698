//! The issuer goes away and comes back. The app neither waits for it at start nor needs a restart after.

use monocloud_runtime::settings::ResponseMode;
use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::ProviderUser;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::testing::{Endpoint, Fault};

use crate::rp::{Rp, Setup, assert_error_page, failures_are_forgotten};

/// The app was started while the issuer was away.
async fn without_issuer(setup: Setup) -> Rp {
    let rp = setup.start().await;
    rp.provider.stop().await;
    rp
}

fn plant_session(rp: &Rp) {
    let mira = ProviderUser::new("mira").name("Mira Adler");
    for pair in session_cookie(&rp.auth, mira).split("; ") {
        rp.agent.set_cookie(&rp.app.url, &format!("{pair}; Path=/"));
    }
}

#[tokio::test]
async fn pages_are_served_and_sessions_live_on() {
    let rp = without_issuer(Setup::new()).await;
    let home = rp.agent.visit(&rp.app.url).await;
    assert_eq!(home.body, "home: signed out");
    plant_session(&rp);
    for (path, body) in [
        ("/", "home: signed in as Mira Adler"),
        ("/dashboard", "dashboard of Mira Adler"),
    ] {
        let page = rp.agent.visit(&rp.app.at(path)).await;
        assert_eq!((page.status.as_u16(), page.body.as_str()), (200, body));
    }
    let me = rp.agent.visit(&rp.app.at("/api/me")).await;
    assert_eq!(me.json()["sub"], "mira");
}

#[tokio::test]
async fn sign_in_answers_503_with_a_page_and_works_when_the_issuer_is_back() {
    let rp = without_issuer(Setup::new()).await;
    for path in ["/api/auth/signin", "/dashboard"] {
        let page = rp.agent.visit(&rp.app.at(path)).await;
        assert_eq!(page.status, 503, "{page:?}");
        assert!(page.body.contains("does not answer"), "{page:?}");
        assert_error_page(&page);
        assert_eq!(rp.pending(), 0);
    }
    rp.provider.restart().await.unwrap();
    failures_are_forgotten().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

/// The page leads back to where it was going: its link begins another sign-in.
#[tokio::test]
async fn the_503_page_leads_on() {
    let rp = without_issuer(Setup::new()).await;
    let page = rp.agent.visit(&rp.app.at("/dashboard")).await;
    rp.provider.restart().await.unwrap();
    failures_are_forgotten().await;
    let again = page
        .links()
        .into_iter()
        .find(|link| link.contains("/api/auth/signin"));
    let page = rp.agent.follow(&page, &again.unwrap()).await;
    let page = rp.go_on(&rp.agent, page, "mira").await;
    assert_eq!(page.status, 200);
    assert!(rp.has_session());
}

/// The browser has the issuer's answer and goes to the app with it while the issuer goes away. A reload is enough.
#[tokio::test]
async fn a_callback_while_the_issuer_is_away_answers_503_and_a_reload_signs_in() {
    let rp = Rp::start().await;
    let login = rp.begin(&rp.agent).await;
    // The same request, answered with a form, so that the browser can be stopped before it goes back.
    let login = rp
        .agent
        .visit(&format!("{}&response_mode=form_post", login.url))
        .await;
    let form = rp.agent.submit(&login, &[("user", "mira")]).await;
    let mut callback = url::Url::parse(&rp.app.at("/api/auth/callback")).unwrap();
    for name in ["code", "state", "iss"] {
        callback.query_pairs_mut().append_pair(name, hidden(&form, name));
    }
    rp.provider.stop().await;
    for _ in 0..2 {
        let page = rp.agent.follow(&form, callback.as_str()).await;
        rp.assert_refused(&page, 503);
    }
    rp.provider.restart().await.unwrap();
    let page = rp.agent.visit(callback.as_str()).await;
    rp.assert_signed_in(&page);
    assert_eq!(rp.calls(Endpoint::Token), 1);
}

/// The keys are asked for when there is a token to check and not before. Without them the code is spent in vain, and
/// the page offers another sign-in.
#[tokio::test]
async fn without_keys_another_sign_in_is_offered() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::Status(Endpoint::Jwks, 503));
    let page = rp.sign_in().await;
    assert_eq!(page.status, 503, "{page:?}");
    assert_error_page(&page);
    assert!(!rp.has_session());
    assert_eq!((rp.calls(Endpoint::Token), rp.calls(Endpoint::Jwks)), (1, 1));
    rp.provider.clear_faults();
    failures_are_forgotten().await;
    let again = page
        .links()
        .into_iter()
        .find(|link| link.contains("/api/auth/signin"));
    let login = rp.agent.follow(&page, &again.unwrap()).await;
    rp.go_on(&rp.agent, login, "mira").await;
    assert!(rp.has_session());
}

/// The token is the issuer's own, so that its new key is to be had and not the token to be refused: however often it is
/// tried, and with the next one when the issuer is back.
#[tokio::test]
async fn a_new_key_that_cannot_be_had_is_503_until_it_can() {
    let rp = Rp::start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    rp.provider.rotate_keys();
    rp.provider.fault(Fault::Status(Endpoint::Jwks, 503));
    for _ in 0..2 {
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 503);
    }
    rp.provider.clear_faults();
    failures_are_forgotten().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

/// With `form_post` a reload sends the form again.
#[tokio::test]
async fn the_same_with_form_post() {
    let rp = Setup::new().mode(ResponseMode::FormPost).start().await;
    let login = rp.begin(&rp.agent).await;
    let form = rp.agent.submit(&login, &[("user", "mira")]).await;
    rp.provider.stop().await;
    let page = rp.agent.submit(&form, &[]).await;
    rp.assert_refused(&page, 503);
    rp.provider.restart().await.unwrap();
    let page = rp.agent.submit(&form, &[]).await;
    rp.assert_signed_in(&page);
}

#[tokio::test]
async fn sign_out_ends_the_session_and_goes_home() {
    let rp = without_issuer(Setup::new()).await;
    plant_session(&rp);
    let copy = rp.agent.cookies(&rp.app.url);
    let page = rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    assert_eq!(page.body, "home: signed out", "{page:?}");
    assert!(!rp.has_session());
    for (name, value) in copy {
        rp.agent
            .set_cookie(&rp.app.url, &format!("{name}={value}; Path=/"));
    }
    let page = rp.agent.visit(&rp.app.url).await;
    assert_eq!(page.body, "home: signed out");
}

/// The metadata is still known from the sign-in, and leads to a page that nobody serves.
#[tokio::test]
async fn sign_out_after_the_issuer_went_away_goes_home_too() {
    let clock = Clock::fixed(1_900_000_000);
    let rp = Setup::new().clock(&clock).start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp.provider.stop().await;
    clock.advance(6);
    let page = rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    assert_eq!(page.body, "home: signed out", "{page:?}");
    assert!(!rp.has_session());
}

#[tokio::test]
async fn a_refetch_of_userinfo_answers_503_and_keeps_the_session() {
    let rp = Rp::start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp.provider.stop().await;
    let page = rp
        .agent
        .fetch(http::Method::GET, &rp.app.at("/api/auth/userinfo?refetch=true"))
        .await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(page.header("retry-after").is_some());
    assert_eq!(page.json()["error"], "unreachable");
    let page = rp.agent.visit(&rp.app.at("/api/auth/userinfo")).await;
    assert_eq!(page.json()["name"], "Mira Adler");
}

/// The value of a hidden field of the provider's form.
fn hidden<'a>(page: &'a support::Page, name: &str) -> &'a str {
    let (_, rest) = page
        .body
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    rest.split('"').next().unwrap()
}
