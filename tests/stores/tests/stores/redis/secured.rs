//! Several servers that speak TLS, also among themselves, and want a password of whoever comes.

use monocloud_runtime::store::{Denial, Strangers};
use monocloud_runtime::testing::store_contract;
use stores::{Cluster, Sentinel};

use super::{LONG, NEVER, certificates, created, fails, is_found, name, store};

/// Where any of these words is another one, nobody is let in.
async fn is_for_who_has(url: &str, words: &[&str]) {
    for word in words {
        assert!(url.contains(word), "{url}");
        let wrong = url.replace(word, "timeout=2000");
        fails(store(&wrong).check()).await;
    }
    let store = store(url);
    store_contract::basic(&store).await;
    let shared = store.coordinated().unwrap();
    let session = created(&store, 1).await;
    assert!(is_found(&store, session).await);
    let ended = shared.end_all(vec![name(1)], Denial::Every, Strangers::Deny, LONG);
    assert_eq!(ended.await.unwrap(), [session]);
    assert!(!is_found(&store, session).await);
}

/// As it stands in an address.
fn authority() -> String {
    format!("ca={}", certificates().path("ca.crt").display())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_is_spoken_to_with_tls_and_a_password() {
    let cluster = Cluster::secured(NEVER, certificates());
    is_for_who_has(&cluster.url(), &[&authority(), "servers-word"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinel_and_its_servers_are_spoken_to_with_tls_and_a_password_each() {
    let sentinel = Sentinel::secured(NEVER, certificates());
    let words = [&*authority(), "servers-word", "sentinel-word", "watcher"];
    is_for_who_has(&sentinel.url(), &words).await;
}
