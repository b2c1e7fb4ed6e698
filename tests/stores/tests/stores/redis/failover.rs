//! A master is lost while sessions are used: what was acknowledged holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use monocloud_runtime::store::{Created, SessionStore, StoreKey};
use stores::{Cluster, Sentinel, Server, ask, until};

use super::{LONG, created, key, new, store, works};

const SESSIONS: u64 = 400;

/// So many ends are acknowledged before the master is lost, and most are not yet.
const ACKNOWLEDGED: u64 = 20;

/// What those who end sessions share.
#[derive(Default)]
struct Ends {
    stop: AtomicBool,
    at: AtomicU64,
    acknowledged: AtomicU64,
}

/// Ends one session after the other, whatever becomes of it; gives those whose end was acknowledged.
async fn end_them(store: Arc<dyn SessionStore>, ends: Arc<Ends>) -> Vec<StoreKey> {
    let mut ended = Vec::new();
    while !ends.stop.load(Ordering::Relaxed) {
        let number = ends.at.fetch_add(1, Ordering::Relaxed);
        if number >= SESSIONS {
            break;
        }
        if store.delete(key(number), LONG).await.is_ok() {
            ended.push(key(number));
            ends.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    ended
}

/// Loses a master half way.
async fn what_was_acknowledged_holds(url: &str, lose: impl FnOnce()) {
    let patient = store(url);
    for number in 0..SESSIONS {
        created(&patient, number).await;
    }
    let store = store(&format!("{url}?timeout=2000"));
    let ends = Arc::<Ends>::default();
    let enders: Vec<_> = (0..4)
        .map(|_| tokio::spawn(end_them(store.clone(), ends.clone())))
        .collect();
    until("some are acknowledged", || {
        ends.acknowledged.load(Ordering::Relaxed) >= ACKNOWLEDGED
    });
    lose();
    // Nobody is left to acknowledge, so that only reads work again.
    for number in 0..SESSIONS {
        works(|| store.get(key(number))).await;
    }
    ends.stop.store(true, Ordering::Relaxed);
    let mut ended = Vec::new();
    for ender in enders {
        ended.extend(ender.await.unwrap());
    }
    assert!(!ended.is_empty(), "none was acknowledged");
    for over in &ended {
        assert_eq!(works(|| store.get(*over)).await, None, "it came back");
    }
    // An end that was acknowledged closes its key, too.
    let again = works(|| store.create(ended[0], new(SESSIONS + 1))).await;
    assert_eq!(again, Created::Ended);
}

/// What the master is told from now on is with nobody else: its replica sleeps, and finds it dead.
fn cut_off(master: &Server, replica: &Server) {
    let port = replica.port();
    thread::spawn(move || ask(port, &["DEBUG", "SLEEP", "0.8"]));
    thread::sleep(Duration::from_millis(100));
    master.ask(&["CLIENT", "KILL", "TYPE", "replica"]);
    thread::sleep(Duration::from_millis(500));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_survive_the_loss_of_a_master_of_a_cluster() {
    let mut cluster = Cluster::start(1_500);
    let url = cluster.url();
    let lose = || {
        cut_off(&cluster.servers[1], &cluster.servers[4]);
        cluster.servers[1].kill();
    };
    what_was_acknowledged_holds(&url, lose).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_survive_the_loss_of_the_master_behind_sentinel() {
    let mut sentinel = Sentinel::start(1_000);
    let url = sentinel.url();
    let lose = || {
        let [master, replica] = &mut sentinel.servers;
        cut_off(master, replica);
        master.kill();
    };
    what_was_acknowledged_holds(&url, lose).await;
}
