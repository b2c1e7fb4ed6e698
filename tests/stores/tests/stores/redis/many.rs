//! Accounts with many sessions, as a robot's or a shared one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use monocloud_runtime::store::{
    Created, Denial, IndexKey, Names, NewRecord, SessionStore, StoreKey, Strangers,
};

use stores::{Cluster, Server};

use super::{LONG, NEVER, is_found, key, name, record, store};

const MANY: u64 = 10_000;

fn of(number: u64, sub: IndexKey) -> NewRecord {
    let names = Names {
        sid: Some(name(number)),
        sub,
    };
    NewRecord::new(record("session"), names, 1_000, LONG)
}

/// In order.
async fn create(store: &Arc<dyn SessionStore>, sub: IndexKey) -> Vec<StoreKey> {
    let keys: Vec<_> = (0..MANY).map(key).collect();
    let numbers: Vec<_> = (0..MANY).collect();
    for numbers in numbers.chunks(100) {
        let created = numbers
            .iter()
            .map(|number| store.create(key(*number), of(*number, sub)));
        for created in futures_util::future::join_all(created).await {
            assert!(matches!(created.unwrap(), Created::Created { .. }));
        }
    }
    keys
}

async fn are_listed_and_ended(url: &str) {
    let store = store(url);
    let sub = name(1 << 50);
    let keys = create(&store, sub).await;
    let shared = store.coordinated().unwrap();
    let listed = shared.list(vec![sub]).await.unwrap();
    let listed: Vec<_> = listed.into_iter().map(|listed| listed.key).collect();
    assert_eq!(listed, keys);
    let began = Instant::now();
    let ended = shared.end_all(vec![sub], Denial::Every, Strangers::Deny, LONG);
    assert_eq!(ended.await.unwrap().len(), keys.len());
    let took = began.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    println!("{MANY} sessions ended after {took:?}");
    assert_eq!(shared.list(vec![sub]).await.unwrap().len(), 0);
    for key in keys.into_iter().step_by(1_000) {
        assert!(!is_found(&store, key).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_sessions_of_an_account_are_listed_and_ended() {
    are_listed_and_ended(&Server::start().url()).await;
}

/// Where each must be on a replica before it is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_sessions_of_an_account_are_ended_in_a_cluster() {
    are_listed_and_ended(&Cluster::start(NEVER).url()).await;
}
