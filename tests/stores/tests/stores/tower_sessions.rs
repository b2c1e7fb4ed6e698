//! Stores of tower-sessions, behind the adapter.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::SessionsIn;
use monocloud_runtime::store::{
    Created, IndexKey, Names, NewRecord, Record, Revision, SessionStore, StoreError, StoreKey, TowerSessions,
};
use monocloud_runtime::testing::store_contract;
use tokio::sync::Semaphore;
use tokio_rusqlite::Connection;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record as Theirs};
use tower_sessions::session_store::{Error, Result as TheirResult};
use tower_sessions::{MemoryStore, SessionStore as TheirStore};
use tower_sessions_rusqlite_store::RusqliteStore;

const HOUR: Duration = Duration::from_secs(3_600);
const KEY: StoreKey = StoreKey::from_bytes([7; 16]);

fn record(text: &'static str) -> Record {
    Record::new(Bytes::from_static(text.as_bytes()), Bytes::new(), HOUR)
}

fn session(text: &'static str) -> NewRecord {
    let names = Names {
        sid: None,
        sub: IndexKey::from_bytes([8; 16]),
    };
    NewRecord::new(record(text), names, 0, HOUR)
}

async fn read(store: &impl SessionStore) -> Option<Bytes> {
    store.get(KEY).await.unwrap().map(|stored| stored.sealed)
}

async fn sqlite(connection: Connection) -> RusqliteStore {
    let store = RusqliteStore::new(connection);
    store.migrate().await.unwrap();
    store
}

/// A database of a test, gone with it.
struct Database(PathBuf);

impl Database {
    fn new(name: &str) -> Self {
        let file = format!("{name}-{}.sqlite", std::process::id());
        Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(file))
    }

    /// As a process opens it that was started anew.
    async fn open(&self) -> TowerSessions<RusqliteStore> {
        TowerSessions::new(sqlite(Connection::open(&self.0).await.unwrap()).await)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn their_store_in_memory_keeps_what_any_store_must() {
    let store: Arc<dyn SessionStore> = Arc::new(TowerSessions::new(MemoryStore::default()));
    store_contract::basic(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn their_store_in_sqlite_keeps_what_any_store_must() {
    let connection = Connection::open_in_memory().await.unwrap();
    let store: Arc<dyn SessionStore> = Arc::new(TowerSessions::new(sqlite(connection).await));
    store_contract::basic(&store).await;
}

#[test]
fn what_their_stores_cannot_do_is_refused_at_start() {
    const SEVERAL: &str = "MONOCLOUD_AUTH_MULTIPLE_INSTANCES";
    const MOST: &str = "MONOCLOUD_AUTH_MAX_SESSIONS_PER_USER";
    const PLACE: &str = "MONOCLOUD_AUTH_SESSIONS_IN";
    let site = || {
        MonoCloud::builder()
            .tenant_domain("http://127.0.0.1:9")
            .client_id("app")
            .client_secret("the client's secret")
            .app_url("http://localhost:3000")
            .cookie_secret("a cookie secret of these tests, 32 bytes")
            .store(TowerSessions::new(MemoryStore::default()))
    };
    for (builder, variable) in [
        (site().multiple_instances(true), SEVERAL),
        (site().max_sessions_per_user(3), MOST),
        (site().sessions_in(SessionsIn::Cookies), PLACE),
    ] {
        let error = builder.build().unwrap_err();
        assert!(
            matches!(error.problems(), [problem] if problem.contains(variable)),
            "{error}"
        );
    }
    assert!(site().build().is_ok());
}

#[tokio::test]
async fn sessions_and_their_ends_outlive_the_process() {
    let database = Database::new("outlive");
    let ended = StoreKey::from_bytes([9; 16]);
    let store = database.open().await;
    for key in [KEY, ended] {
        store.create(key, session("first")).await.unwrap();
    }
    store
        .update(KEY, Revision::FIRST, record("second"))
        .await
        .unwrap();
    store.delete(ended, HOUR).await.unwrap();
    drop(store);
    let store = database.open().await;
    let found = store.get(KEY).await.unwrap().unwrap();
    assert_eq!(
        (&*found.sealed, found.revision),
        (&b"second"[..], Revision::new(2))
    );
    assert_eq!(
        store.create(ended, session("again")).await.unwrap(),
        Created::Ended
    );
}

#[test]
fn it_is_no_store_for_several_processes() {
    assert!(TowerSessions::new(MemoryStore::default()).coordinated().is_none());
}

/// Saves when it is let, and then only.
#[derive(Clone, Debug)]
struct Slow {
    theirs: MemoryStore,
    saves: Arc<Semaphore>,
}

#[async_trait]
impl TheirStore for Slow {
    async fn save(&self, record: &Theirs) -> TheirResult<()> {
        self.saves.acquire().await.unwrap().forget();
        self.theirs.save(record).await
    }

    async fn load(&self, id: &Id) -> TheirResult<Option<Theirs>> {
        self.theirs.load(id).await
    }

    async fn delete(&self, id: &Id) -> TheirResult<()> {
        self.theirs.delete(id).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_given_up_lands_before_the_next_one() {
    let saves = Arc::new(Semaphore::new(1));
    let store = TowerSessions::new(Slow {
        theirs: MemoryStore::default(),
        saves: saves.clone(),
    });
    store.create(KEY, session("first")).await.unwrap();
    let moment = Duration::from_secs(1);
    let slid = tokio::time::timeout(moment, store.update(KEY, Revision::FIRST, record("slid"))).await;
    assert!(slid.is_err(), "the request waits no longer");
    let ended = tokio::time::timeout(moment, store.delete(KEY, HOUR)).await;
    assert!(ended.is_err(), "it does not say that it is done");
    assert_eq!(read(&store).await.as_deref(), Some(&b"first"[..]));
    saves.add_permits(1);
    tokio::time::sleep(moment).await;
    assert_eq!(read(&store).await.as_deref(), Some(&b"slid"[..]));
    saves.add_permits(1);
    tokio::time::sleep(moment).await;
    assert_eq!(read(&store).await, None, "the end is the last");
    saves.add_permits(1);
    let ended = store.create(KEY, session("again")).await.unwrap();
    assert_eq!(ended, Created::Ended);
}

/// Fails, with what a driver may say.
#[derive(Debug)]
struct Broken;

#[async_trait]
impl TheirStore for Broken {
    async fn save(&self, _: &Theirs) -> TheirResult<()> {
        panic!("a driver that panics")
    }

    async fn load(&self, id: &Id) -> TheirResult<Option<Theirs>> {
        if *id == Id(0) {
            return Ok(None);
        }
        Err(Error::Backend(format!(
            "\u{1b}[31mno\nroute {}",
            "a".repeat(9_999)
        )))
    }

    async fn delete(&self, _: &Id) -> TheirResult<()> {
        Ok(())
    }
}

fn is_refused<T>(answer: Result<T, StoreError>) -> String {
    answer.err().expect("nothing could be found out").to_string()
}

#[tokio::test]
async fn a_store_that_fails_is_never_one_that_has_nothing() {
    let store = TowerSessions::new(Broken);
    for said in [
        is_refused(store.get(KEY).await),
        is_refused(store.create(KEY, session("first")).await),
        is_refused(store.update(KEY, Revision::FIRST, record("second")).await),
        is_refused(store.delete(KEY, HOUR).await),
        is_refused(store.check().await),
    ] {
        assert!(said.starts_with("[31mno route aaa"), "{said}");
        assert!(said.chars().count() < 210, "{} characters", said.len());
    }
    let panicked = is_refused(
        store
            .create(StoreKey::from_bytes([0; 16]), session("first"))
            .await,
    );
    assert_eq!(panicked, "the store panicked, or the runtime ends");
}

#[tokio::test]
async fn what_another_application_wrote_is_nobodys_session() {
    let theirs = MemoryStore::default();
    let foreign = Theirs {
        id: Id(i128::from_le_bytes(*KEY.as_bytes())),
        data: HashMap::from([("sealed".to_owned(), "c2Vzc2lvbg".into())]),
        expiry_date: OffsetDateTime::now_utc() + HOUR,
    };
    theirs.save(&foreign).await.unwrap();
    let store = TowerSessions::new(theirs);
    for said in [
        is_refused(store.get(KEY).await),
        is_refused(store.create(KEY, session("first")).await),
        is_refused(store.delete(KEY, HOUR).await),
    ] {
        assert!(said.contains("a table, or a prefix, of its own"), "{said}");
    }
}
