//! The whole contract, wherever sessions may be kept.

use monocloud_runtime::testing::store_contract;

use super::{cluster, plain, sentinel, store, tls_url};

/// Both parts at once: they wait much, and their keys are different ones.
async fn keeps_it(url: &str) {
    let store = store(url);
    tokio::join!(
        store_contract::basic(&store),
        store_contract::coordinated(&store),
        store_contract::shared_log(&store)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_keeps_the_whole_contract() {
    keeps_it(&plain().url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_with_tls_keeps_the_whole_contract() {
    keeps_it(&tls_url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_behind_sentinel_keep_the_whole_contract() {
    keeps_it(&sentinel().url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_keeps_the_whole_contract() {
    keeps_it(&cluster().url()).await;
}
