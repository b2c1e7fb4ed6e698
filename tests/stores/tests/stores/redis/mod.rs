//! The store in Redis, against real servers.

mod address;
mod contract;
mod dump;
mod failover;
mod faults;
mod fit;
mod links;
mod logs;
mod many;
mod planned;
mod replicated;
mod rights;
mod secured;
mod servers;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use monocloud_runtime::store::{
    Created, IndexKey, Names, NewRecord, Record, RedisStore, Revision, SessionStore, StoreError, StoreKey,
    Updated,
};
use stores::{Certificates, Cluster, Sentinel, Server};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3_600);

/// As long as all tests take, nobody is replaced.
const NEVER: u32 = 60_000;

/// Two cores have much else to do: its answers may take long, unless the address says how long.
fn store(url: &str) -> Arc<dyn SessionStore> {
    let mut url = url.to_owned();
    if !url.contains("timeout=") {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str("timeout=20000");
    }
    Arc::new(RedisStore::new(&url).unwrap())
}

/// One for all tests that change nothing of it.
fn plain() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

fn certificates() -> &'static Certificates {
    static MADE: OnceLock<Certificates> = OnceLock::new();
    MADE.get_or_init(Certificates::new)
}

fn tls() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::with_tls(certificates(), true))
}

/// With a certificate of its own.
fn tls_url() -> String {
    let path = |file: &str| certificates().path(file).display().to_string();
    format!(
        "rediss://127.0.0.1:{}?ca={}&cert={}&key={}",
        tls().tls_port(),
        path("ca.crt"),
        path("client.crt"),
        path("client.key")
    )
}

fn sentinel() -> &'static Sentinel {
    static SENTINEL: OnceLock<Sentinel> = OnceLock::new();
    SENTINEL.get_or_init(|| Sentinel::start(NEVER))
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start(NEVER))
}

/// The number makes the key.
fn key(number: u64) -> StoreKey {
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    StoreKey::from_bytes(bytes)
}

fn name(number: u64) -> IndexKey {
    IndexKey::from_bytes(*key(number ^ (1 << 40)).as_bytes())
}

fn record(text: &'static str) -> Record {
    Record::new(
        Bytes::from_static(text.as_bytes()),
        Bytes::from_static(b"summary"),
        LONG,
    )
}

/// Of an account of its own.
fn new(number: u64) -> NewRecord {
    let names = Names {
        sid: None,
        sub: name(number),
    };
    NewRecord::new(record("session"), names, 1_000, LONG)
}

async fn created(store: &Arc<dyn SessionStore>, number: u64) -> StoreKey {
    let created = store.create(key(number), new(number)).await.unwrap();
    assert_eq!(created, Created::Created { evicted: Vec::new() });
    key(number)
}

async fn is_found(store: &Arc<dyn SessionStore>, key: StoreKey) -> bool {
    store.get(key).await.unwrap().is_some()
}

async fn update(store: &Arc<dyn SessionStore>, key: StoreKey) -> Result<Updated, StoreError> {
    store.update(key, Revision::FIRST, record("updated")).await
}

/// An error, before anybody has waited for much more than the two seconds of an answer.
async fn fails<T: std::fmt::Debug>(what: impl Future<Output = Result<T, StoreError>>) -> StoreError {
    let began = Instant::now();
    let error = what.await.unwrap_err();
    assert!(
        began.elapsed() < Duration::from_secs(6),
        "{:?}: {error}",
        began.elapsed()
    );
    error
}

/// Works again, by and by.
async fn works<T, F>(what: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    let began = Instant::now();
    loop {
        match what().await {
            Ok(done) => return done,
            Err(error) => assert!(began.elapsed() < Duration::from_secs(60), "still: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
