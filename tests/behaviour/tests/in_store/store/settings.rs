//! Settings about where sessions are that cannot hold what they promise: refused at start, by name and with the way out.

use std::sync::Arc;
use std::time::Duration;

use monocloud_runtime::MonoCloud;
use monocloud_runtime::http_client::BoxFuture;
use monocloud_runtime::settings::{Builder, SessionsIn};
use monocloud_runtime::store::{
    Created, MemoryStore, NewRecord, Record, Revision, SessionStore, StoreError, StoreKey, Stored, Updated,
};

use super::faulty::{Faulty, Weather};
use crate::fixtures::{ORIGIN, SECRET};

/// What any key-value store can do.
struct Basic(MemoryStore);

impl SessionStore for Basic {
    fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.0.get(key)
    }

    fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>> {
        self.0.create(key, new)
    }

    fn update(
        &self,
        key: StoreKey,
        expected: Revision,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        self.0.update(key, expected, record)
    }

    fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.delete(key, at_least)
    }
}

fn settings() -> Builder {
    MonoCloud::builder()
        .tenant_domain("http://127.0.0.1:9")
        .client_id("app")
        .client_secret("the-client's-secret")
        .app_url(ORIGIN)
        .cookie_secret(SECRET)
}

fn basic() -> Builder {
    settings().store(Basic(MemoryStore::new()))
}

fn in_memory() -> Builder {
    settings().store(MemoryStore::new())
}

fn shared() -> Builder {
    settings().store(Faulty::new(Arc::new(MemoryStore::new())))
}

#[test]
fn settings_that_cannot_hold_what_they_promise_are_refused_at_start() {
    const PLACE: &str = "MONOCLOUD_AUTH_SESSIONS_IN";
    const MOST: &str = "MONOCLOUD_AUTH_MAX_SESSIONS_PER_USER";
    const SEVERAL: &str = "MONOCLOUD_AUTH_MULTIPLE_INSTANCES";
    let memory = || settings().sessions_in(SessionsIn::Memory);
    for (builder, variable) in vec![
        (shared().sessions_in(SessionsIn::Memory), PLACE),
        (basic().sessions_in(SessionsIn::Cookies), PLACE),
        (
            shared().sessions_in(SessionsIn::Cookies).max_sessions_per_user(3),
            MOST,
        ),
        (
            shared()
                .sessions_in(SessionsIn::Cookies)
                .denials_file("/tmp/denials"),
            "MONOCLOUD_AUTH_DENIALS_FILE",
        ),
        (memory().multiple_instances(true), SEVERAL),
        (basic().multiple_instances(true), SEVERAL),
        (in_memory().multiple_instances(true), SEVERAL),
        (
            settings()
                .store(Arc::new(MemoryStore::new()))
                .multiple_instances(true)
                .sessions_in(SessionsIn::Cookies),
            SEVERAL,
        ),
        (basic().max_sessions_per_user(3), MOST),
        (settings().max_sessions_per_user(3), MOST),
        (
            settings()
                .sessions_in(SessionsIn::Cookies)
                .max_sessions_per_user(3),
            MOST,
        ),
        (memory().max_sessions_per_user(0), MOST),
        (memory().max_sessions_per_user(1_001), MOST),
    ] {
        let error = builder
            .build()
            .err()
            .unwrap_or_else(|| panic!("{variable} was accepted"));
        let [problem] = error.problems() else {
            panic!("{:?}", error.problems())
        };
        assert!(problem.contains(variable), "{problem}");
    }
    for builder in [
        memory().max_sessions_per_user(1_000),
        shared().max_sessions_per_user(1).multiple_instances(true),
        basic(),
        in_memory().max_sessions_per_user(1),
        settings().multiple_instances(true),
        settings().sessions_in(SessionsIn::Cookies),
        shared().sessions_in(SessionsIn::Cookies),
        shared().sessions_in(SessionsIn::Cookies).multiple_instances(true),
    ] {
        assert!(builder.build().is_ok());
    }
}

/// Nothing is connected to before it is used.
#[test]
fn a_redis_that_no_session_would_be_in_is_refused() {
    const URL: &str = "MONOCLOUD_AUTH_REDIS_URL";
    const PLACE: &str = "MONOCLOUD_AUTH_SESSIONS_IN";
    let at = |url: &str| settings().redis(url);
    let redis = || at("redis://:hunter2@127.0.0.1:9");
    for (builder, variable) in [
        (settings().sessions_in(SessionsIn::Redis), PLACE),
        (redis().sessions_in(SessionsIn::Memory), URL),
        (redis().store(MemoryStore::new()), URL),
        (at("http://:hunter2@127.0.0.1"), URL),
        (at("rediss://:hunter2@127.0.0.1?ca=/no/such/file.pem"), URL),
        (
            settings().redis_assume_noeviction(true),
            "MONOCLOUD_AUTH_REDIS_ASSUME_NOEVICTION",
        ),
    ] {
        let error = builder
            .build()
            .err()
            .unwrap_or_else(|| panic!("{variable} was accepted"));
        let [problem] = error.problems() else {
            panic!("{:?}", error.problems())
        };
        assert!(problem.contains(variable), "{problem}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    for builder in [
        redis(),
        redis().sessions_in(SessionsIn::Redis),
        redis().redis_assume_noeviction(true),
        redis().multiple_instances(true).max_sessions_per_user(3),
        redis().multiple_instances(true).sessions_in(SessionsIn::Cookies),
    ] {
        assert!(!format!("{builder:?}").contains("hunter2"));
        let client = builder.build().unwrap();
        assert!(!format!("{client:?}").contains("hunter2"));
    }
}

/// Who asks it is told that it was too slow, and no later.
#[tokio::test]
async fn a_store_says_how_long_it_may_take() {
    let store = Arc::new(Faulty::new(Arc::default()));
    store.weather(Weather::Hangs);
    store.limit(Duration::from_millis(50));
    let auth = settings().store(store).build().unwrap();
    let asked = std::time::Instant::now();
    let error = auth.check().await.unwrap_err();
    assert_eq!(error.code(), "store_unavailable");
    assert!(error.to_string().contains("50ms"), "{error}");
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
}

#[test]
fn a_place_that_nobody_knows_is_refused() {
    for (value, is_good) in [
        ("memory", true),
        ("Cookies", true),
        ("disk", false),
        ("redis!", false),
    ] {
        let builder = settings().with_vars([("MONOCLOUD_AUTH_SESSIONS_IN", value)]);
        assert_eq!(builder.build().is_ok(), is_good, "{value}");
    }
}

#[tokio::test]
async fn a_basic_store_says_what_it_cannot() {
    let auth = basic().build().unwrap();
    assert!(auth.check().await.is_ok());
    let error = auth.sessions("mira").await.unwrap_err();
    assert_eq!((error.code(), error.status().as_u16()), ("store_cannot", 500));
    assert!(auth.end_sessions("mira").await.is_ok());
}
