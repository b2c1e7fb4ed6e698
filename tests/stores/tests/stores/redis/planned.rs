//! A replica takes over although the master is well, which then follows it.

use std::sync::Arc;

use monocloud_runtime::store::{Created, Denial, SessionStore, Strangers};
use stores::{Cluster, Sentinel, Server, until};

use super::{LONG, NEVER, created, is_found, key, name, new, store, works};

/// So many that each of three masters has some of them.
const SESSIONS: u64 = 60;

/// A third of them end before, and a third after; one of these by a logout.
async fn sessions_are_found_and_ended(store: Arc<dyn SessionStore>, fail_over: impl FnOnce()) {
    for number in 0..SESSIONS {
        created(&store, number).await;
    }
    let [before, after, never] = [0, 1, 2].map(|third| (0..SESSIONS).skip(third).step_by(3));
    for number in before.clone() {
        store.delete(key(number), LONG).await.unwrap();
    }
    let shared = store.coordinated().unwrap();
    let denied = name(SESSIONS);
    shared
        .end_all(vec![denied], Denial::Every, Strangers::Deny, LONG)
        .await
        .unwrap();
    fail_over();
    for number in after.clone().chain(never.clone()) {
        assert!(works(|| store.get(key(number))).await.is_some(), "it was lost");
    }
    for number in before.clone() {
        assert!(!is_found(&store, key(number)).await, "it came back");
        let again = store.create(key(number), new(SESSIONS + 1)).await.unwrap();
        assert_eq!(again, Created::Ended);
    }
    let again = store.create(key(SESSIONS), new(SESSIONS)).await.unwrap();
    assert_eq!(again, Created::Denied);
    // The one that was the master has it.
    let mut after = after;
    let logged_out = after.next().unwrap();
    let ended = works(|| shared.end_all(vec![name(logged_out)], Denial::Every, Strangers::Deny, LONG));
    assert_eq!(ended.await, [key(logged_out)]);
    assert!(!is_found(&store, key(logged_out)).await);
    for number in after {
        store.delete(key(number), LONG).await.unwrap();
        assert!(!is_found(&store, key(number)).await);
    }
    for number in never {
        assert!(is_found(&store, key(number)).await);
    }
}

/// Until the one that was the master follows it.
fn has_taken_over(replica: &Server, master: &Server) {
    until("the replica is the master", || replica.is_master());
    until("the master is its replica", || {
        !master.is_master() && master.info("replication", "master_link_status") == "up"
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_of_a_cluster_that_takes_over_knows_what_is_over() {
    let cluster = Cluster::start(NEVER);
    let [master, replica] = [1, 4].map(|at| &cluster.servers[at]);
    sessions_are_found_and_ended(store(&cluster.url()), || {
        replica.ask(&["CLUSTER", "FAILOVER"]);
        has_taken_over(replica, master);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_behind_sentinel_that_takes_over_knows_what_is_over() {
    let sentinel = Sentinel::start(NEVER);
    let [master, replica] = &sentinel.servers;
    sessions_are_found_and_ended(store(&sentinel.url()), || {
        sentinel.fail_over();
        has_taken_over(replica, master);
    })
    .await;
}
