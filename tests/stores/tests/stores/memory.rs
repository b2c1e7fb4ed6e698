//! Sessions in memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use monocloud_runtime::store::{
    Created, Denial, IndexKey, Lease, MemoryStore, Names, NewRecord, Owner, Record, Revision, SessionStore,
    StoreError, StoreKey, Strangers,
};
use monocloud_runtime::testing::store_contract;

const HOUR: Duration = Duration::from_secs(3_600);

/// Spread as HMACs are.
fn spread(number: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for half in bytes.chunks_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        half.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
    }
    bytes
}

fn key(number: u64) -> StoreKey {
    StoreKey::from_bytes(spread(number))
}

fn name(number: u64) -> IndexKey {
    IndexKey::from_bytes(spread(number.wrapping_add(1 << 60)))
}

fn record(length: usize, remaining: Duration) -> Record {
    Record::new(Bytes::from(vec![7; length]), Bytes::from(vec![8; 120]), remaining)
}

/// The session of this number, of an account.
fn session(number: u64, account: u64, remaining: Duration) -> NewRecord {
    let names = Names {
        sid: Some(name(number + 1_000_000_000)),
        sub: name(account),
    };
    NewRecord::new(
        record(100, remaining),
        names,
        i64::try_from(number).unwrap(),
        HOUR,
    )
}

async fn create(store: &MemoryStore, number: u64, account: u64) -> Result<Created, StoreError> {
    store.create(key(number), session(number, account, HOUR)).await
}

fn is_there(store: &MemoryStore, number: u64) -> bool {
    store.get_now(key(number)).unwrap().unwrap().is_some()
}

fn evicted<const N: usize>(numbers: [u64; N]) -> Created {
    Created::Created {
        evicted: numbers.map(key).to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_the_whole_contract() {
    let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new());
    store_contract::basic(&store).await;
    store_contract::coordinated(&store).await;
    store_contract::shared_log(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_shared_store_keeps_the_contract() {
    let store: Arc<dyn SessionStore> = Arc::new(Arc::new(MemoryStore::new()));
    store_contract::basic(&store).await;
    assert!(store.coordinated().is_some());
}

#[tokio::test]
async fn an_account_evicts_its_own_oldest() {
    let store = MemoryStore::new().max_sessions_of_user(2);
    for number in [1, 2] {
        assert_eq!(create(&store, number, 1).await.unwrap(), evicted([]));
    }
    assert_eq!(create(&store, 3, 1).await.unwrap(), evicted([1]));
    store.delete(key(1), HOUR).await.unwrap();
    let mut fewer = session(4, 1, HOUR);
    fewer.most_of_user = Some(1);
    assert_eq!(store.create(key(4), fewer).await.unwrap(), evicted([2, 3]));
    let mut more = session(5, 1, HOUR);
    more.most_of_user = Some(50);
    assert_eq!(store.create(key(5), more).await.unwrap(), evicted([2, 3]));
}

#[tokio::test]
async fn no_account_evicts_another() {
    let store = MemoryStore::new().max_sessions(3).max_sessions_of_user(10);
    create(&store, 1, 1).await.unwrap();
    for number in 2..100 {
        create(&store, number, 2).await.unwrap();
        assert!(is_there(&store, 1) && is_there(&store, number), "{number}");
    }
    assert!(!is_there(&store, 97) && is_there(&store, 98));
}

#[tokio::test]
async fn a_full_store_refuses() {
    let store = MemoryStore::new().max_sessions(2);
    create(&store, 1, 1).await.unwrap();
    create(&store, 2, 2).await.unwrap();
    assert!(matches!(create(&store, 3, 3).await, Err(StoreError::Full)));
    assert!(!is_there(&store, 3));
    let shared = store.coordinated().unwrap();
    assert_eq!(shared.list(vec![name(3)]).await.unwrap(), []);
    assert_eq!(create(&store, 1, 1).await.unwrap(), Created::Exists);
    assert_eq!(
        create(&store, 4, 1).await.unwrap(),
        evicted([1]),
        "its own gives way"
    );
    assert!(!is_there(&store, 1) && is_there(&store, 2) && is_there(&store, 4));
    store.delete(key(2), HOUR).await.unwrap();
    assert_eq!(create(&store, 3, 3).await.unwrap(), evicted([]));
}

/// What cannot be remembered is not said to be; who is there is out all the same.
#[tokio::test]
async fn a_denial_without_room_is_an_error_and_ends_who_is_there() {
    let store = MemoryStore::new().max_sessions(2);
    let shared = store.coordinated().unwrap();
    create(&store, 1, 1).await.unwrap();
    let end = |account| shared.end_all(vec![name(account)], Denial::Every, Strangers::Deny, HOUR);
    end(8).await.unwrap();
    end(9).await.unwrap();
    assert!(matches!(end(1).await, Err(StoreError::Full)));
    assert!(!is_there(&store, 1));
    assert_eq!(create(&store, 8, 8).await.unwrap(), Created::Denied);
    end(8).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn denials_that_are_over_make_room() {
    let store = MemoryStore::new().max_sessions(2);
    let shared = store.coordinated().unwrap();
    for account in 0..10 {
        let whose = vec![name(account)];
        shared
            .end_all(whose, Denial::Every, Strangers::Deny, HOUR)
            .await
            .unwrap();
        tokio::time::advance(HOUR / 2).await;
    }
    assert!(matches!(create(&store, 1, 0).await, Ok(Created::Created { .. })));
    assert_eq!(create(&store, 2, 9).await.unwrap(), Created::Denied);
}

#[tokio::test(start_paused = true)]
async fn expired_records_are_swept() {
    let store = MemoryStore::new().max_sessions(1_000);
    for number in 0..1_000 {
        store
            .create(key(number), session(number, number, HOUR / 2))
            .await
            .unwrap();
    }
    tokio::time::advance(HOUR).await;
    for number in 1_000..2_000 {
        assert_eq!(
            create(&store, number, number).await.unwrap(),
            evicted([]),
            "{number}"
        );
    }
    let shown = format!("{store:?}");
    assert!(shown.contains("sessions: 1000"), "{shown}");
}

/// A key that is closed longer than its record would have lived, or shorter, is forgotten in time, and takes no place.
#[tokio::test(start_paused = true)]
async fn tombstones_take_no_place() {
    let store = MemoryStore::new().max_sessions(1);
    for number in 0..100 {
        create(&store, number, number).await.unwrap();
        store.delete(key(number), HOUR).await.unwrap();
    }
    assert_eq!(create(&store, 5, 5).await.unwrap(), Created::Ended);
    tokio::time::advance(HOUR).await;
    assert_eq!(create(&store, 5, 5).await.unwrap(), evicted([]));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_came_again_is_found_by_its_names() {
    let store = MemoryStore::new();
    store.create(key(1), session(1, 1, HOUR)).await.unwrap();
    tokio::time::advance(HOUR).await;
    assert_eq!(create(&store, 1, 1).await.unwrap(), evicted([]));
    let shared = store.coordinated().unwrap();
    assert_eq!(shared.list(vec![name(1)]).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slid_session_outlives_its_first_end() {
    let store = MemoryStore::new();
    create(&store, 1, 1).await.unwrap();
    store
        .update(key(1), Revision::FIRST, record(100, 3 * HOUR))
        .await
        .unwrap();
    tokio::time::advance(2 * HOUR).await;
    for number in 1_000..3_000 {
        create(&store, number, number).await.unwrap();
    }
    assert!(is_there(&store, 1));
    let lease = Lease {
        owner: Owner::from_bytes([1; 16]),
        length: HOUR,
    };
    let begun = store
        .coordinated()
        .unwrap()
        .begin(key(1), Revision::FIRST.next(), lease)
        .await;
    assert!(format!("{begun:?}").contains("Begun"), "{begun:?}");
}

#[tokio::test]
async fn a_record_does_not_keep_what_it_was_a_part_of() {
    let store = MemoryStore::new();
    let large = Bytes::from(vec![7; 1_000_000]);
    let mut new = session(1, 1, HOUR);
    new.record.sealed = large.slice(..10);
    store.create(key(1), new).await.unwrap();
    assert!(large.try_into_mut().is_ok(), "nobody else holds it");
}

/// Of as many different and small sessions each, so that it is not the processor's caches that are compared; medians of
/// several rounds in turn, and the best of three, as a shared machine has bad moments.
#[tokio::test]
async fn lookups_do_not_slow_down() {
    let few = filled(1_000).await;
    let many = filled(50_000).await;
    assert!((0..3).any(|_| slowdown(&few, &many) <= 1.5), "look-ups slow down");
}

/// How many times as long it takes with many.
fn slowdown(few: &MemoryStore, many: &MemoryStore) -> f64 {
    let (mut of_few, mut of_many) = (Vec::new(), Vec::new());
    for _ in 0..41 {
        of_few.push(time_of_lookups(few, 10));
        of_many.push(time_of_lookups(many, 500));
    }
    of_few.sort_unstable();
    of_many.sort_unstable();
    let (few, many) = (of_few[20], of_many[20]);
    let ratio = many.as_secs_f64() / few.as_secs_f64();
    println!("1,000 look-ups: {few:?} of 1,000 sessions, {many:?} of 50,000: {ratio:.2}");
    ratio
}

async fn filled(sessions: u64) -> MemoryStore {
    let store = MemoryStore::new();
    for number in 0..sessions {
        create(&store, number, number).await.unwrap();
    }
    store
}

/// A hundred sessions, ten times each: every so-manieth of the store's.
fn time_of_lookups(store: &MemoryStore, every: u64) -> Duration {
    let keys: Vec<StoreKey> = (0..1_000).map(|at| key(at % 100 * every)).collect();
    let began = Instant::now();
    for key in keys {
        assert!(store.get_now(key).unwrap().unwrap().is_some());
    }
    began.elapsed()
}
