//! What a refresh leaves in the store, where sessions are in cookies and processes share a store beside.

use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, Fault};

use super::faulty::Call;
use super::fleet::{Fleet, Process};
use super::refresh::calls;
use crate::fixtures::{Browser, LIFETIME};

/// Its answer may never have reached the browser.
#[tokio::test]
async fn what_a_process_brought_that_is_gone_is_there_for_cookies_from_before() {
    let fleet = Fleet::in_cookies().await;
    let cookies = fleet.process().sign_in(&fleet, "mira").await.cookies();
    fleet.clock.advance(LIFETIME);
    let brought = fleet.process().tokens("", &cookies).await;
    let (given, newer) = fleet.process().renewed("", &cookies).await;
    assert_eq!((given, calls(&fleet)), (brought, 2));
    fleet.clock.advance(LIFETIME);
    // Whoever has the cookie from before, and whoever has the one after.
    let next = fleet.process().tokens("", &cookies).await;
    let same = fleet.process().tokens("", &newer).await;
    assert_eq!((next["expired"].as_bool(), calls(&fleet)), (Some(false), 3));
    assert_eq!(same, next);
}

/// The cookie of whoever signs out has a refresh token that was used.
#[tokio::test]
async fn what_another_process_brought_is_revoked_at_sign_out() {
    let fleet = Fleet::in_cookies().await;
    let revoking = || fleet.process_with(|settings| settings.revoke_on_sign_out(true));
    let (process, other) = (revoking(), revoking());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    let brought = process.tokens("?force=1", &cookies).await;
    assert_eq!(other.get("/api/auth/signout", &cookies).await.status, 303);
    let revoked = fleet.provider.last_request(Endpoint::Revocation).unwrap();
    assert_eq!(revoked.form("token"), brought["refresh"].as_str());
}

#[tokio::test]
async fn a_session_that_never_was_refreshed_keeps_nothing_in_the_store() {
    let fleet = Fleet::in_cookies().await;
    let process = fleet.process();
    let browser = process.sign_in(&fleet, "mira").await;
    process.tokens("", &browser.cookies()).await;
    let calls = process.store.calls();
    assert!(
        !calls
            .iter()
            .any(|call| matches!(call, Call::Create | Call::Get | Call::Begin)),
        "{calls:?}"
    );
}

/// Two processes, and the cookies of a session from before and after the second has refreshed it.
async fn refreshed_elsewhere(fleet: &Fleet) -> ([Process; 2], [String; 2]) {
    let (process, other) = (fleet.process(), fleet.process());
    let cookies = process.sign_in(fleet, "mira").await.cookies();
    let (_, newer) = other.renewed("?force=1", &cookies).await;
    ([process, other], [cookies, newer])
}

/// A refresh token that nobody takes any more goes from every cookie, though the one that had it sent is older.
#[tokio::test]
async fn a_spent_refresh_token_goes_from_newer_cookies_than_the_one_that_asked() {
    let fleet = Fleet::in_cookies().await;
    let ([process, _], [cookies, newer]) = refreshed_elsewhere(&fleet).await;
    fleet.provider.fault(Fault::LostAnswer(Endpoint::Token));
    assert_eq!(fleet.process().refused("?force=1", &newer).await.0, 503);
    fleet.provider.clear_faults();
    fleet
        .provider
        .fault(Fault::TokenError("invalid_grant".to_owned()));
    fleet.clock.advance(LIFETIME);
    assert_eq!(process.refused("", &cookies).await.1, "refresh_refused");
    for process in [&process, &fleet.process()] {
        let mut browser = Browser::with(&process.app, &newer);
        browser.get("/tokens").await;
        assert!(!process.has_refresh_token(&browser.cookies()));
        assert!(process.lets_in(&browser.cookies()).await);
    }
    let mut browser = Browser::with(&process.app, &newer);
    assert_eq!(browser.get("/api/me").await.status, 200);
    assert!(!process.has_refresh_token(&browser.cookies()));
    assert_eq!(calls(&fleet), 4, "it is not sent again");
}

/// The newest one was sent, whichever cookie asked.
#[tokio::test]
async fn what_was_refused_is_over_though_an_older_cookie_asked() {
    let fleet = Fleet::in_cookies().await;
    let ([process, other], [cookies, newer]) = refreshed_elsewhere(&fleet).await;
    fleet
        .provider
        .fault(Fault::TokenError("invalid_grant".to_owned()));
    fleet.clock.advance(LIFETIME);
    let gate = process.store.gate(Call::Begin);
    let meanwhile = async {
        gate.arrived().await;
        assert!(process.lets_in(&newer).await);
        gate.open();
    };
    let (refused, ()) = tokio::join!(process.refused("", &cookies), meanwhile);
    assert_eq!(refused, (401, "refresh_refused".to_owned()));
    fleet.is_over(&newer, [&process, &other, &fleet.process()]).await;
    // As long as it is known which refresh token was sent.
    assert_eq!(process.store.last_ended_for(), Some(Duration::from_hours(24)));
}

/// The store has lost what it had, and the process knows why the refresh token may be refused.
#[tokio::test]
async fn an_unclear_refresh_ends_nothing_though_the_store_has_forgotten_it() {
    let fleet = Fleet::in_cookies().await;
    let process = fleet.process();
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    fleet.provider.fault(Fault::LostAnswer(Endpoint::Token));
    assert_eq!(process.refused("?force=1", &cookies).await.0, 503);
    process.store.forget();
    fleet.provider.clear_faults();
    fleet
        .provider
        .fault(Fault::TokenError("invalid_grant".to_owned()));
    // What failed is not tried again for a moment.
    fleet.clock.advance(2);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(process.refused("?force=1", &cookies).await.1, "refresh_refused");
    assert_eq!(calls(&fleet), 3, "it was sent");
    assert!(process.lets_in(&cookies).await);
    assert!(fleet.process().lets_in(&cookies).await);
}
