//! Processes that want different things of one refresh token at once: each gets its own.

use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, access_token, refresh_token};

use super::faulty::Call;
use super::fleet::{Fleet, Process};
use super::refresh::calls;

const ORDERS: &str = "https://orders.example.com";

fn with_orders(fleet: &Fleet) -> Process {
    fleet.process_with(|settings| settings.resources([(ORDERS, "orders:read")]))
}

#[tokio::test]
async fn a_token_for_a_resource_is_brought_after_a_refresh_elsewhere() {
    let fleet = Fleet::start().await;
    let (process, other) = (with_orders(&fleet), with_orders(&fleet));
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    let query = format!("?resource={ORDERS}&scopes=orders:read");
    let gate = process.store.gate(Call::Commit);
    let meanwhile = async {
        gate.arrived().await;
        let later = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            gate.open();
        };
        tokio::join!(other.tokens(&query, &cookies), later).0
    };
    let (default, orders) = tokio::join!(process.tokens("?force=1", &cookies), meanwhile);
    assert_eq!(orders["resource"], serde_json::json!([ORDERS]));
    assert_ne!(orders["access"], default["access"]);
    assert_eq!(calls(&fleet), 3);
    // All of it is in the one session.
    for process in [&process, &other] {
        assert_eq!(process.tokens("", &cookies).await["access"], default["access"]);
        assert_eq!(process.tokens(&query, &cookies).await["access"], orders["access"]);
    }
    assert_eq!(calls(&fleet), 3);
}

#[tokio::test]
async fn tokens_that_another_process_renews_are_revoked_all_the_same() {
    let fleet = Fleet::start().await;
    let (process, other) = (fleet.process(), fleet.process());
    let cookies = process.sign_in(&fleet, "mira").await.cookies();
    let gate = process.store.gate(Call::Commit);
    let meanwhile = async {
        gate.arrived().await;
        let later = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            gate.open();
        };
        tokio::join!(other.get("/revoke", &cookies), later).0
    };
    let (_, revoked) = tokio::join!(process.get("/tokens?force=1", &cookies), meanwhile);
    assert_eq!(revoked.body, "revoked");
    assert!(fleet.provider.calls(Endpoint::Revocation) > 0);
    for process in [&process, &other] {
        let session = process.session(&cookies).unwrap();
        assert_eq!((refresh_token(&session), access_token(&session)), (None, None));
        assert_eq!(process.refused("", &cookies).await.1, "no_refresh_token");
        assert!(process.lets_in(&cookies).await);
    }
    assert_eq!(
        process.get("/revoke", &cookies).await.body,
        "revoked",
        "it is done"
    );
}
