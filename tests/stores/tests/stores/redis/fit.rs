//! Which servers are fit for sessions.

use std::sync::Arc;

use monocloud_runtime::store::{RedisStore, Revision, SessionStore, StoreError};
use stores::Server;

use super::{created, fails, is_found, key, store, works};

/// A user who may do everything but what is named.
fn without(server: &Server, commands: &[&str]) -> String {
    let mut user = vec!["ACL", "SETUSER", "app", "on", ">secret-word", "~mc1:*", "+@all"];
    user.extend(commands);
    server.ask(&user);
    format!("redis://app:secret-word@127.0.0.1:{}", server.port())
}

fn is_unfit(error: &StoreError, word: &str) -> bool {
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
async fn a_policy_that_nobody_tells_must_be_said() {
    let server = Server::start();
    let url = without(&server, &["-config", "-info"]);
    let error = fails(store(&url).get(key(1))).await;
    assert!(is_unfit(&error, "assume_noeviction"), "{error:?}");
    let assuming: Arc<dyn SessionStore> = Arc::new(RedisStore::new(&url).unwrap().assume_noeviction());
    created(&assuming, 1).await;
    assert!(is_found(&assuming, key(1)).await);
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
        fails(store.update(key(1), Revision::FIRST, super::record("payload"))).await,
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
