//! Which servers are fit for sessions.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use monocloud_runtime::store::{RedisStore, Revision, SessionStore as _, StoreError};
use stores::{Cluster, Server};

use super::{NEVER, created, fails, key, record, store, works};

/// A user who may do everything but what is named.
pub(super) fn without(server: &Server, commands: &[&str]) -> String {
    let mut user = vec!["ACL", "SETUSER", "app", "on", ">secret-word", "~mc1:*", "+@all"];
    user.extend(commands);
    server.ask(&user);
    format!("redis://app:secret-word@127.0.0.1:{}", server.port())
}

pub(super) fn is_unfit(error: &StoreError, word: &str) -> bool {
    matches!(error, StoreError::Unfit(why) if why.contains(word))
}

#[tokio::test]
async fn a_server_that_evicts_is_not_used_until_it_does_not() {
    let server = Server::with("maxmemory-policy allkeys-lru\n");
    let store = store(&server.url());
    for error in [fails(store.get(key(1))).await, fails(store.check()).await] {
        assert!(is_unfit(&error, "allkeys-lru"), "{error:?}");
    }
    server.ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    works(|| store.check()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_one_of_whose_masters_evicts_is_not_used_until_it_does_not() {
    let cluster = Cluster::start(NEVER);
    let policy = |policy| cluster.servers[2].ask(&["CONFIG", "SET", "maxmemory-policy", policy]);
    policy("allkeys-lru");
    let store = store(&cluster.url());
    // Wherever they would be.
    for number in 1..10 {
        let error = fails(store.get(key(number))).await;
        assert!(is_unfit(&error, "allkeys-lru"), "{error:?}");
    }
    let error = fails(store.check()).await;
    assert!(is_unfit(&error, "allkeys-lru"), "{error:?}");
    policy("noeviction");
    works(|| store.check()).await;
}

/// After thirty time limits, which is a minute where nothing else is said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_begins_to_evict_is_found_out() {
    let server = Server::start();
    let store = store(&format!("{}?timeout=200", server.url()));
    works(|| store.check()).await;
    server.ask(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"]);
    let began = Instant::now();
    let is_found_out =
        async || matches!(store.get(key(1)).await, Err(error) if is_unfit(&error, "allkeys-lfu"));
    while !is_found_out().await {
        assert!(began.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Whether it could be seen: not where this machine was slower than the time limit.
async fn is_kept() -> bool {
    let server = Server::start();
    let store = store(&format!("{}?timeout=200", server.url()));
    works(|| store.get(key(1))).await;
    // It takes the place that the store's own may leave.
    let _other = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    server.ask(&["CONFIG", "SET", "maxclients", "1"]);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(8) {
        match store.get(key(1)).await {
            Err(StoreError::Timeout(_)) => return false,
            found => assert_eq!(found.unwrap(), None),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let refused = stores::ask(server.port(), &["PING"]).unwrap().text();
    assert!(refused.contains("max number of clients"), "{refused}");
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_works_is_kept_where_no_newer_one_can_be_made() {
    for _ in 0..5 {
        if is_kept().await {
            return;
        }
    }
    panic!("this machine is too slow");
}

#[tokio::test]
async fn the_policy_is_told_by_info_where_config_is_not_allowed() {
    let server = Server::start();
    let url = without(&server, &["-config"]);
    created(&store(&url), 1).await;
    server.ask(&["CONFIG", "SET", "maxmemory-policy", "volatile-ttl"]);
    let error = fails(store(&url).get(key(1))).await;
    assert!(is_unfit(&error, "volatile-ttl"), "{error:?}");
}

#[tokio::test]
async fn what_is_told_counts_for_more_than_what_was_said() {
    let server = Server::with("maxmemory-policy volatile-lru\n");
    let assuming = RedisStore::new(&server.url()).unwrap().assume_noeviction();
    assert!(is_unfit(&fails(assuming.get(key(1))).await, "volatile-lru"));
}

#[tokio::test]
async fn a_replica_is_known_by_info_where_role_is_not_allowed() {
    let server = Server::start();
    let store = store(&without(&server, &["-role"]));
    created(&store, 1).await;
    server.ask(&["REPLICAOF", "127.0.0.1", "1"]);
    assert!(is_unfit(&fails(store.get(key(1))).await, "replica"));
}

#[tokio::test]
async fn errors_and_debug_tell_no_password_and_no_key() {
    let server = Server::start();
    let url = without(&server, &["-evalsha"]);
    let wrong = url.replace("secret-word", "wrong-word");
    let store = RedisStore::new(&url).unwrap();
    let stranger = RedisStore::new(&wrong).unwrap();
    let errors = [
        fails(stranger.get(key(1))).await,
        fails(store.update(key(1), Revision::FIRST, record("payload"))).await,
    ];
    let told = format!("{errors:?} {} {} {store:?} {stranger:?}", errors[0], errors[1]);
    for secret in ["secret-word", "wrong-word", &key(1).to_string(), "payload"] {
        assert!(!told.contains(secret), "{told}");
    }
    assert!(
        told.contains("authentication failed") && told.contains("127.0.0.1"),
        "{told}"
    );
}
