//! A log whose server does less than it should: what it lost is noticed, and what it has can be read all the same.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use monocloud_runtime::store::{LogPage, LogPosition, SessionStore, StoreError, Updated};
use stores::{Server, until};
use tokio::task::JoinHandle;

use super::{LONG, created, fails, is_found, name, store, update, works};

fn entry(number: u8) -> Bytes {
    vec![number].into()
}

async fn append(store: &dyn SessionStore, number: u8) -> Result<(), StoreError> {
    let log = store.coordinated().unwrap().log().unwrap();
    log.append(name(1), vec![entry(number)], LONG).await
}

async fn read(store: &dyn SessionStore, after: Option<LogPosition>) -> Result<LogPage, StoreError> {
    let log = store.coordinated().unwrap().log().unwrap();
    log.read(name(1), after, Duration::from_millis(1)).await
}

/// Others may have gone on from there, with entries of earlier times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_went_back_to_what_it_had_saved_is_found_out() {
    let mut server = Server::start();
    let store = store(&server.url());
    append(&*store, 1).await.unwrap();
    server.ask(&["SAVE"]);
    append(&*store, 2).await.unwrap();
    let page = read(&*store, None).await.unwrap();
    assert_eq!((page.entries.len(), page.is_anew), (2, false));
    server.kill();
    server.start_again();
    let again = works(|| read(&*store, Some(page.position))).await;
    assert!(again.is_anew && !again.is_end);
    assert_eq!(again.position.epoch, page.position.epoch);
    let next = read(&*store, Some(again.position)).await.unwrap();
    assert_eq!(
        (next.entries, next.is_anew, next.is_end),
        (vec![entry(1)], false, true)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lost_everything_is_found_out() {
    let server = Server::start();
    let store = store(&server.url());
    append(&*store, 1).await.unwrap();
    let page = read(&*store, None).await.unwrap();
    server.ask(&["FLUSHALL"]);
    let again = read(&*store, Some(page.position)).await.unwrap();
    assert!(again.is_anew && again.entries.is_empty() && !again.is_end);
    assert_ne!(again.position.epoch, page.position.epoch);
    append(&*store, 2).await.unwrap();
    let next = read(&*store, Some(again.position)).await.unwrap();
    assert_eq!((next.entries, next.is_anew), (vec![entry(2)], false));
}

/// What is over must be told, and heard, though there is no room for anything else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_server_takes_entries_and_a_read_only_one_gives_them() {
    let server = Server::start();
    let writer = store(&server.url());
    append(&*writer, 1).await.unwrap();
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    append(&*writer, 2).await.unwrap();
    assert_eq!(read(&*writer, None).await.unwrap().entries.len(), 2);
    // Whoever starts now needs no write to read.
    let reader = store(&format!("{}?replicas=1", server.url()));
    assert_eq!(read(&*reader, None).await.unwrap().entries.len(), 2);
    let error = fails(append(&*reader, 3)).await;
    assert!(matches!(error, StoreError::NotReplicated { .. }), "{error:?}");
}

/// Reads what is appended to a log next, for as long as the store waits for it.
fn follow(store: &Arc<dyn SessionStore>, log: u64, after: LogPosition) -> JoinHandle<LogPage> {
    let store = Arc::clone(store);
    tokio::spawn(async move {
        let shared = store.coordinated().unwrap().log().unwrap();
        shared.read(name(log), Some(after), LONG).await.unwrap()
    })
}

/// A read that waits holds its connection up, which is therefore nobody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_one_log_holds_up_no_other() {
    let server = Server::start();
    // A read waits for a quarter of that.
    let store = store(&format!("{}?timeout=60000", server.url()));
    let log = store.coordinated().unwrap().log().unwrap();
    let mut waiting = Vec::new();
    for number in [1, 2] {
        let start = log.read(name(number), None, Duration::ZERO).await.unwrap();
        waiting.push(follow(&store, number, start.position));
        until("a read waits", || {
            server.info("clients", "blocked_clients") == number.to_string()
        });
    }
    let [first, second] = <[JoinHandle<LogPage>; 2]>::try_from(waiting).unwrap();

    let key = created(&store, 1).await;
    assert!(is_found(&store, key).await);
    assert_eq!(update(&store, key).await.unwrap(), Updated::Updated);
    store.delete(key, LONG).await.unwrap();
    log.append(name(3), vec![entry(3)], LONG).await.unwrap();
    let third = log.read(name(3), None, LONG).await.unwrap();
    assert_eq!(third.entries, [entry(3)]);
    log.append(name(2), vec![entry(2)], LONG).await.unwrap();
    assert_eq!(second.await.unwrap().entries, [entry(2)]);
    assert!(!first.is_finished(), "all of it was done while somebody waited");

    log.append(name(1), vec![entry(1)], LONG).await.unwrap();
    assert_eq!(first.await.unwrap().entries, [entry(1)]);
}
