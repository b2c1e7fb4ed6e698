//! What must be on more than one machine before anybody is told.

use std::time::Duration;

use monocloud_runtime::store::{Created, Denial, Lease, Owner, StoreError, Strangers};
use stores::Server;

use super::{LONG, created, fails, is_found, key, name, new, sentinel, store, update};

fn is_not_replicated(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::NotReplicated {
            acknowledged: 0,
            needed: 1
        }
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_and_denials_are_done_when_a_replica_has_them() {
    let server = Server::start();
    let url = server.url();
    let alone = store(&url);
    let session = created(&alone, 1).await;
    let claim = Lease {
        owner: Owner::from_bytes([1; 16]),
        length: LONG,
    };
    let store = store(&format!("{url}?replicas=1"));
    let shared = store.coordinated().unwrap();
    shared.claim(name(9), claim).await.unwrap();
    for error in [
        fails(store.delete(session, LONG)).await,
        fails(store.create(key(2), new(2))).await,
        fails(store.check()).await,
        fails(shared.end_all(vec![name(3)], Denial::Every, Strangers::Deny, LONG)).await,
        fails(shared.settle(name(9), claim.owner, Some(LONG))).await,
    ] {
        assert!(is_not_replicated(&error), "{error:?}");
    }
    // It is ended here; what is not known is whether it stays so.
    assert!(!is_found(&store, session).await);

    let replica = Server::with(&format!("replicaof 127.0.0.1 {}\n", server.port()));
    stores::until("the replica follows", || {
        server.info("replication", "slave0").contains("state=online")
    });
    store.delete(session, LONG).await.unwrap();
    assert_eq!(
        replica
            .ask(&["HGET", &format!("mc1:{{{session}}}:s"), "x"])
            .text(),
        "1"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_and_updates_wait_for_no_replica() {
    let server = Server::start();
    let url = server.url();
    let session = created(&store(&url), 1).await;
    let store = store(&format!("{url}?replicas=1"));
    assert!(is_found(&store, session).await);
    update(&store, session).await.unwrap();
}

/// `WAIT` holds up its connection, and whoever waits with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_without_a_replica_fail_and_hold_up_no_read() {
    let server = Server::start();
    let url = server.url();
    let session = created(&store(&url), 1).await;
    let store = store(&format!("{url}?replicas=1&timeout=5000"));
    let deletes = (10..300).map(|number| {
        let store = store.clone();
        tokio::spawn(async move { store.delete(key(number), LONG).await })
    });
    let deletes: Vec<_> = deletes.collect();
    for _ in 0..20 {
        assert!(is_found(&store, session).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for delete in deletes {
        delete.await.unwrap().unwrap_err();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_denied_meanwhile_is_closed() {
    let store = store(&sentinel().url());
    let shared = store.coordinated().unwrap();
    shared
        .end_all(vec![name(1_001)], Denial::Every, Strangers::Deny, LONG)
        .await
        .unwrap();
    assert_eq!(
        store.create(key(1_001), new(1_001)).await.unwrap(),
        Created::Denied
    );
    assert_eq!(
        store.create(key(1_001), new(1_002)).await.unwrap(),
        Created::Ended
    );
}
