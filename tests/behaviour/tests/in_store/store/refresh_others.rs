//! Processes that want different things of one refresh token at once: each gets its own.

use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, access_token, refresh_token};

use super::eventually;
use super::faulty::Call;
use super::fleet::{Fleet, Process};
use super::refresh::calls;
use crate::fixtures::Browser;

const ORDERS: &str = "https://orders.example.com";

/// More than a store takes in one record.
const TOO_LONG: usize = 300_000;

/// Somebody else is at the tokens for so long.
const WHILE: Duration = Duration::from_millis(200);

fn with_orders(fleet: &Fleet) -> Process {
    fleet.process_with(|settings| settings.resources([(ORDERS, "orders:read")]))
}

#[tokio::test]
async fn a_token_for_a_resource_is_brought_after_a_refresh_elsewhere() {
    for fleet in Fleet::both().await {
        let (process, other) = (with_orders(&fleet), with_orders(&fleet));
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        let query = format!("?resource={ORDERS}&scopes=orders:read");
        let gate = process.store.gate(Call::Commit);
        let meanwhile = gate.meanwhile(WHILE, other.tokens(&query, &cookies));
        let (default, orders) = tokio::join!(process.tokens("?force=1", &cookies), meanwhile);
        assert_eq!(orders["resource"], serde_json::json!([ORDERS]));
        assert_ne!(orders["access"], default["access"]);
        assert_eq!(calls(&fleet), 3);
        let sent = fleet.provider.last_request(Endpoint::Token).unwrap();
        assert_eq!(sent.form("refresh_token"), default["refresh"].as_str());
        // All of it is in the one session, also for cookies from before.
        for process in [&process, &other] {
            assert_eq!(process.tokens("", &cookies).await["access"], default["access"]);
            assert_eq!(process.tokens(&query, &cookies).await["access"], orders["access"]);
        }
        let third = with_orders(&fleet);
        assert_eq!(third.tokens(&query, &cookies).await["access"], orders["access"]);
        assert_eq!(third.tokens("", &cookies).await["access"], default["access"]);
        assert_eq!(calls(&fleet), 3);
    }
}

#[tokio::test]
async fn tokens_that_another_process_renews_are_revoked_all_the_same() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let cookies = process.sign_in(&fleet, "mira").await.cookies();
        let mut browser = Browser::with(&other.app, &cookies);
        let gate = process.store.gate(Call::Commit);
        let meanwhile = gate.meanwhile(WHILE, browser.get("/revoke"));
        let (brought, revoked) = tokio::join!(process.tokens("?force=1", &cookies), meanwhile);
        assert_eq!(revoked.body, "revoked");
        let sent = fleet.provider.last_request(Endpoint::Revocation).unwrap();
        assert_eq!(sent.form("token"), brought["refresh"].as_str());
        let asked = || (calls(&fleet), fleet.provider.calls(Endpoint::Revocation));
        let before = asked();
        for process in [&process, &other, &fleet.process()] {
            let session = process.session(&browser.cookies()).unwrap();
            assert_eq!((refresh_token(&session), access_token(&session)), (None, None));
            let refused = process.refused("", &browser.cookies()).await;
            assert_eq!(refused.1, "no_refresh_token");
            // A cookie from before has the tokens of before, and brings no others. What was forced serves for a moment.
            eventually(async || process.refused("?force=1", &cookies).await.1 == "no_refresh_token").await;
            assert!(process.lets_in(&cookies).await);
            let again = process.get("/revoke", &cookies).await;
            assert_eq!(again.body, "revoked", "it is done");
        }
        assert_eq!(asked(), before);
    }
}

/// The refresh token is what matters: with it whoever has a cookie from before gets an access token of its own.
#[tokio::test]
async fn of_tokens_that_are_too_long_to_be_shared_the_refresh_token_is() {
    let fleet = Fleet::in_cookies().await;
    let (process, other) = (fleet.process(), fleet.process());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    // It says nothing of a token that was changed on the way.
    fleet.provider.tamper_id_token(|_, claims| {
        claims.remove("at_hash");
    });
    fleet
        .provider
        .tamper_token_response(|answer| answer["access_token"] = "t".repeat(TOO_LONG).into());
    let (long, newer) = process.renewed("?force=1", &cookies).await;
    assert_eq!(long["access"].as_str().unwrap().len(), TOO_LONG);
    fleet.provider.clear_faults();

    let own = other.tokens("?force=1", &cookies).await;
    assert_eq!((own["expired"].as_bool(), calls(&fleet)), (Some(false), 3));
    assert!(own["access"].as_str().unwrap().len() < TOO_LONG);
    let sent = fleet.provider.last_request(Endpoint::Token).unwrap();
    assert_eq!(sent.form("refresh_token"), long["refresh"].as_str());
    // From then on all have that.
    for cookies in [&cookies, &newer] {
        let given = fleet.process().tokens("?force=1", cookies).await;
        assert_eq!(given, own);
    }
    assert_eq!(calls(&fleet), 3);
}
