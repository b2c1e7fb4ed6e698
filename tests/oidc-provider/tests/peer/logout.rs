//! Somebody signs out at the provider, or in another of its applications: it says so, and the session is over here.

use std::time::{Duration, Instant};

use monocloud_runtime::settings::{SessionCookie, StateCookie};
use serde_json::json;
use support::{Page, Served, UserAgent, within_a_second};

use crate::site::{Client, Extra, Site, registration};

/// An app that is told of logouts, by the `sid` of the session or by `sub` alone.
async fn site(by_sid: bool, extra: Extra) -> Site {
    let extra = Extra {
        client: json!({ "backchannel_logout_session_required": by_sid }),
        provider: json!({ "features": { "backchannelLogout": { "enabled": true } } }),
        ..extra
    };
    Site::with(Client::default(), extra, |app| app).await
}

/// Somebody else's browser with a copy of the cookies.
fn thief_of(site: &Site, agent: &UserAgent) -> UserAgent {
    let thief = UserAgent::new();
    for (name, value) in agent.cookies(&site.app.url) {
        thief.set_cookie(&site.app.url, &format!("{name}={value}; Path=/"));
    }
    thief
}

async fn is_in(site: &Site, agent: &UserAgent) -> bool {
    site.visit(agent, "/").await.body.starts_with("home: signed in")
}

fn told(site: &mut Site) -> usize {
    let seen = site.peer.seen();
    seen.iter()
        .filter(|event| *event == "backchannel.success app")
        .count()
}

/// Says yes to the provider's question, and makes sure that the session and its copy are over. Gives how long that took.
async fn confirm(site: &mut Site, agent: &UserAgent, thief: &UserAgent, question: &Page) -> (Duration, Page) {
    assert!(
        question.url.as_str().starts_with(&site.peer.issuer),
        "{question:?}"
    );
    let before = told(site);
    let said = Instant::now();
    let page = agent.submit(question, &[("logout", "yes")]).await;
    assert!(!is_in(site, thief).await, "a stolen copy is dead too");
    let taken = said.elapsed();
    assert!(!is_in(site, agent).await);
    assert_eq!(told(site), before + 1);
    (taken, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_at_the_provider_ends_the_session_and_every_copy() {
    for by_sid in [true, false] {
        let mut site = site(by_sid, Extra::default()).await;
        let ben = UserAgent::new();
        site.sign_in(&ben, "/dashboard", "ben").await;
        within_a_second(async || {
            let ada = UserAgent::new();
            site.sign_in(&ada, "/dashboard", "ada").await;
            let thief = thief_of(&site, &ada);
            assert!(is_in(&site, &thief).await);
            let question = ada.visit(&format!("{}/session/end", site.peer.issuer)).await;
            let (taken, _) = confirm(&mut site, &ada, &thief, &question).await;
            assert!(is_in(&site, &ben).await, "somebody else's session goes on");
            site.open_login(&ada, "/dashboard").await;
            taken
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_by_sid_leaves_the_persons_other_browser_alone() {
    let mut site = site(true, Extra::default()).await;
    within_a_second(async || {
        let (here, there) = (UserAgent::new(), UserAgent::new());
        for agent in [&here, &there] {
            site.sign_in(agent, "/dashboard", "ada").await;
        }
        let thief = thief_of(&site, &here);
        let question = here.visit(&format!("{}/session/end", site.peer.issuer)).await;
        let (taken, _) = confirm(&mut site, &here, &thief, &question).await;
        assert!(is_in(&site, &there).await);
        taken
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_in_another_app_ends_the_session_and_every_copy() {
    for by_sid in [true, false] {
        let listening = support::listen().await;
        let extra = Extra {
            other: Some(registration("other", &listening)),
            ..Extra::default()
        };
        let mut site = site(by_sid, extra).await;
        // Two apps on one machine share its cookies.
        let other = site
            .settings()
            .client_id("other")
            .app_url(&listening.url)
            .session_cookie(SessionCookie::new().name("other-session"))
            .state_cookie(StateCookie::new().name("other-state"))
            .build()
            .unwrap();
        let other: Served = listening.serve(support::app(&other));
        within_a_second(async || {
            let ada = UserAgent::new();
            site.sign_in(&ada, "/dashboard", "ada").await;
            // The provider knows her, and asks whether this app may know her too.
            let consent = ada.visit(&other.at("/dashboard")).await;
            assert!(consent.body.contains(r#"value="consent""#), "{consent:?}");
            let page = ada.submit(&consent, &[]).await;
            assert_eq!(page.url.as_str(), other.at("/dashboard"), "{page:?}");
            let thief = thief_of(&site, &ada);
            assert!(is_in(&site, &thief).await);
            let question = ada.visit(&other.at("/api/auth/signout")).await;
            let (taken, home) = confirm(&mut site, &ada, &thief, &question).await;
            assert!(home.url.as_str().starts_with(&other.url), "{home:?}");
            assert_eq!(home.body, "home: signed out");
            taken
        })
        .await;
    }
}
