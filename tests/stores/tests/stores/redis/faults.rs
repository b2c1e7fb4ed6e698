//! A server that goes away, comes back, or does less than it should: nobody is let in by it, and nobody is signed out whose
//! record is there once it is back.

use std::time::Duration;

use monocloud_runtime::store::{Claim, Created, Denial, Lease, Owner, StoreError, Strangers, Updated};
use stores::Server;

use super::{LONG, created, fails, is_found, key, name, new, store, update, works};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_killed_comes_back_with_what_it_had() {
    let mut server = Server::with("appendonly yes\nappendfsync always\n");
    let store = store(&server.url());
    let session = created(&store, 1).await;
    let ended = created(&store, 2).await;
    store.delete(ended, LONG).await.unwrap();
    let denial = Denial::Every;
    let shared = store.coordinated().unwrap();
    shared
        .end_all(vec![name(3)], denial, Strangers::Deny, LONG)
        .await
        .unwrap();

    server.kill();
    for _ in 0..3 {
        let error = fails(store.get(session)).await;
        assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
    }
    fails(store.create(key(4), new(4))).await;
    fails(update(&store, session)).await;
    fails(store.delete(session, LONG)).await;
    fails(store.check()).await;
    fails(shared.list(vec![name(1)])).await;
    fails(shared.end_all(vec![name(1)], denial, Strangers::Deny, LONG)).await;

    server.start_again();
    assert!(works(|| store.get(session)).await.is_some());
    assert!(!is_found(&store, ended).await);
    assert_eq!(store.create(ended, new(2)).await.unwrap(), Created::Ended);
    assert_eq!(store.create(key(3), new(3)).await.unwrap(), Created::Denied);
    assert_eq!(update(&store, session).await.unwrap(), Updated::Updated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lost_everything_has_nobody() {
    let mut server = Server::start();
    let store = store(&server.url());
    let session = created(&store, 1).await;
    server.kill();
    fails(store.get(session)).await;
    server.start_again();
    assert_eq!(works(|| store.get(session)).await, None);
    assert_eq!(update(&store, session).await.unwrap(), Updated::Gone);
    created(&store, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_answer_is_not_waited_for() {
    let server = Server::start();
    let patient = store(&server.url());
    let session = created(&patient, 1).await;
    let store = store(&format!("{}?timeout=500", server.url()));
    assert!(works(|| store.get(session)).await.is_some());
    let paused = server.pause();
    for _ in 0..2 {
        let error = fails(store.get(session)).await;
        assert!(matches!(error, StoreError::Timeout(_)), "{error:?}");
    }
    fails(store.delete(session, LONG)).await;
    drop(paused);
    // Whether it was deleted was not known, so that either is right; another one is as it was.
    works(|| store.get(session)).await;
    created(&patient, 2).await;
    assert!(works(|| store.get(key(2))).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gave_up_waiting_leaves_no_connection_that_is_silent() {
    let server = Server::start();
    // Half of that is silence enough.
    let store = store(&format!("{}?timeout=6000", server.url()));
    let session = created(&store, 1).await;
    server.ask(&["CONFIG", "RESETSTAT"]);
    let paused = server.pause();
    let given_up = tokio::time::timeout(Duration::from_millis(3_600), store.get(session)).await;
    assert!(given_up.is_err());
    drop(paused);
    assert!(works(|| store.get(session)).await.is_some());
    // That which asked for its id, a new one of the store or more, and this one.
    let received = server.info("stats", "total_connections_received");
    assert!(received.parse::<u32>().unwrap() >= 3, "{received}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_became_a_replica_is_neither_read_nor_written() {
    let server = Server::start();
    let store = store(&server.url());
    let session = created(&store, 1).await;
    server.ask(&["REPLICAOF", "127.0.0.1", "1"]);
    for _ in 0..2 {
        let error = fails(store.get(session)).await;
        assert!(matches!(error, StoreError::Unfit(_)), "{error:?}");
    }
    fails(update(&store, session)).await;
    fails(store.delete(session, LONG)).await;
    fails(store.check()).await;
    fails(store.create(key(2), new(2))).await;
    fails(store.coordinated().unwrap().list(vec![name(1)])).await;

    server.ask(&["REPLICAOF", "NO", "ONE"]);
    assert!(works(|| store.get(session)).await.is_some());
    assert_eq!(works(|| update(&store, session)).await, Updated::Updated);
    works(|| store.delete(session, LONG)).await;
    assert!(!is_found(&store, session).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_no_writes_is_read() {
    let server = Server::start();
    let store = store(&server.url());
    let session = created(&store, 1).await;
    server.ask(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
    assert!(is_found(&store, session).await);
    for error in [
        fails(update(&store, session)).await,
        fails(store.delete(session, LONG)).await,
        fails(store.check()).await,
        fails(store.create(key(2), new(2))).await,
    ] {
        assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    }
    assert!(is_found(&store, session).await);
    server.ask(&["CONFIG", "SET", "min-replicas-to-write", "0"]);
    assert_eq!(update(&store, session).await.unwrap(), Updated::Updated);
    store.delete(session, LONG).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_server_is_read_and_ends_sessions_and_hears_of_logouts() {
    let server = Server::start();
    let store = store(&server.url());
    let shared = store.coordinated().unwrap();
    let session = created(&store, 1).await;
    let left = created(&store, 2).await;
    let denied = created(&store, 3).await;
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    for error in [
        fails(update(&store, session)).await,
        fails(store.check()).await,
        fails(store.create(key(4), new(4))).await,
    ] {
        assert!(matches!(error, StoreError::Full), "{error:?}");
    }
    assert!(is_found(&store, session).await);
    store.delete(session, LONG).await.unwrap();
    let lease = Lease {
        owner: Owner::from_bytes([9; 16]),
        length: LONG,
    };
    assert_eq!(shared.claim(name(4), lease).await.unwrap(), Claim::Claimed);
    let ended = shared
        .end_all(vec![name(3)], Denial::Every, Strangers::Deny, LONG)
        .await;
    assert_eq!(ended.unwrap(), [denied]);
    assert!(shared.settle(name(4), lease.owner, Some(LONG)).await.unwrap());
    assert_eq!(shared.claim(name(4), lease).await.unwrap(), Claim::Done);

    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    for over in [session, denied] {
        assert!(!is_found(&store, over).await);
    }
    assert_eq!(store.create(session, new(1)).await.unwrap(), Created::Ended);
    assert_eq!(store.create(key(5), new(3)).await.unwrap(), Created::Denied);
    assert_eq!(update(&store, left).await.unwrap(), Updated::Updated);
    created(&store, 4).await;
}
