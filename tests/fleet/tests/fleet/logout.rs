//! Somebody signs out at the provider, or in another of its applications: no process lets them in any more, nor a copy.

use std::time::{Duration, Instant};

use monocloud_runtime::settings::{SessionCookie, StateCookie};
use stores::Server;
use support::{UserAgent, within_a_second};

use crate::mode::Mode;
use crate::site::{BACK_CHANNEL, Fleet, Setup, registration};

in_each_mode!(
    a_sign_out_at_the_provider_is_heard_by_all_processes_within_a_second,
    a_sign_out_in_another_app_is_heard_by_all_processes_within_a_second,
    a_sign_out_at_one_process_holds_at_all,
);

/// Signs out, and makes sure that it holds everywhere. Gives how long that took.
async fn is_over(fleet: &Fleet, ada: &UserAgent, sign_out: impl AsyncFnOnce()) -> Duration {
    let ben = UserAgent::new();
    fleet.sign_in(&ben, "ben-okri").await;
    let thief = fleet.copy(ada);
    assert_eq!(fleet.ask(&thief).await, [200; 3]);
    let before = fleet.front.done(BACK_CHANNEL);
    let said = Instant::now();
    sign_out().await;
    fleet.is_over(&thief).await;
    let taken = said.elapsed();
    assert_eq!(fleet.ask(ada).await, [401; 3]);
    assert_eq!(fleet.front.done(BACK_CHANNEL), before + 1, "one process was told");
    assert_eq!(fleet.ask(&ben).await, [200; 3], "somebody else's session goes on");
    taken
}

async fn a_sign_out_at_the_provider_is_heard_by_all_processes_within_a_second(mode: Mode) {
    let redis = Server::start();
    let fleet = Fleet::of(mode, &redis).await;
    // Whichever of them is told.
    for told in 0..3 {
        within_a_second(async || {
            let ada = UserAgent::new();
            fleet.sign_in(&ada, "ada-byron").await;
            let question = ada.visit(&format!("{}/session/end", fleet.peer.issuer)).await;
            let sign_out = async || {
                fleet.front.only(Some(told));
                ada.submit(&question, &[("logout", "yes")]).await;
                fleet.front.only(None);
            };
            is_over(&fleet, &ada, sign_out).await
        })
        .await;
    }
}

async fn a_sign_out_in_another_app_is_heard_by_all_processes_within_a_second(mode: Mode) {
    let redis = Server::start();
    let listening = support::listen().await;
    let fleet = Fleet::start(Setup {
        other: Some(registration("other", &listening.url, None)),
        ..Setup::at(mode, &redis.url())
    })
    .await;
    // Two apps on one machine share its cookies.
    let other = fleet
        .settings()
        .client_id("other")
        .app_url(&listening.url)
        .session_cookie(SessionCookie::new().name("other-session"))
        .state_cookie(StateCookie::new().name("other-state"))
        .build()
        .unwrap();
    let other = listening.serve(support::app(&other));
    within_a_second(async || {
        let ada = UserAgent::new();
        fleet.sign_in(&ada, "ada-byron").await;
        // The provider knows her, and asks whether this app may know her too.
        let consent = ada.visit(&other.at("/dashboard")).await;
        assert!(consent.body.contains(r#"value="consent""#), "{consent:?}");
        let page = ada.submit(&consent, &[]).await;
        assert_eq!(page.url.as_str(), other.at("/dashboard"), "{page:?}");
        let question = ada.visit(&other.at("/api/auth/signout")).await;
        let sign_out = async || {
            let home = ada.submit(&question, &[("logout", "yes")]).await;
            assert_eq!(home.body, "home: signed out");
        };
        is_over(&fleet, &ada, sign_out).await
    })
    .await;
}

async fn a_sign_out_at_one_process_holds_at_all(mode: Mode) {
    let redis = Server::start();
    let fleet = Fleet::of(mode, &redis).await;
    let ben = UserAgent::new();
    fleet.sign_in(&ben, "ben-okri").await;
    for at in 0..3 {
        let ada = UserAgent::new();
        fleet.sign_in(&ada, "ada-byron").await;
        let thief = fleet.copy(&ada);
        fleet.front.only(Some(at));
        assert!(fleet.sign_out(&ada).await);
        fleet.front.only(None);
        fleet.is_over(&thief).await;
    }
    assert_eq!(fleet.ask(&ben).await, [200; 3]);
}
