//! Keys, records and stores, as the properties need them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::crypto::random;
use crate::store::{
    Coordinated, Created, Denial, Exchange, IndexKey, Lease, Listed, Names, NewRecord, Owner, Record,
    Revision, SessionStore, StoreKey, Strangers,
};

pub(super) type Store = Arc<dyn SessionStore>;

/// Longer than any run.
pub(super) const LONG: Duration = Duration::from_secs(3_600);

/// Nothing but its end is waited for.
pub(super) const SHORT: Duration = Duration::from_millis(200);

/// In bytes.
pub(super) const LONGEST_SUMMARY: usize = 1_024;

/// No text, as nothing is that was sealed.
pub(super) const SUMMARY: &[u8] = b"\0\x80summary\xff\r\n";

/// After it, whatever is short is over.
pub(super) async fn short_is_over() {
    tokio::time::sleep(SHORT * 2).await;
}

/// Time for a call or two where everything is slow, and its end is waited for.
pub(super) const A_WHILE: Duration = Duration::from_millis(2_500);

/// After it, whatever lasts a while is over.
pub(super) async fn a_while_is_over() {
    tokio::time::sleep(A_WHILE + Duration::from_millis(300)).await;
}

pub(super) fn key() -> StoreKey {
    StoreKey::random()
}

pub(super) fn name() -> IndexKey {
    IndexKey::from_bytes(random())
}

pub(super) fn owner() -> Owner {
    Owner::from_bytes(random())
}

pub(super) fn lease(owner: Owner, length: Duration) -> Lease {
    Lease { owner, length }
}

/// Of every value, if they are many enough.
pub(super) fn sealed_bytes(first: u8, length: usize) -> Bytes {
    (0..length)
        .map(|at| first.wrapping_add(at.to_le_bytes()[0]))
        .collect()
}

pub(super) fn record(text: &'static str) -> Record {
    Record::new(
        Bytes::from_static(text.as_bytes()),
        Bytes::from_static(SUMMARY),
        LONG,
    )
}

pub(super) fn lasting(text: &'static str, remaining: Duration) -> Record {
    Record {
        remaining,
        ..record(text)
    }
}

pub(super) fn names() -> Names {
    Names {
        sid: Some(name()),
        sub: name(),
    }
}

/// A session that is nobody else's.
pub(super) fn new(text: &'static str) -> NewRecord {
    of(names(), text)
}

pub(super) fn of(names: Names, text: &'static str) -> NewRecord {
    NewRecord::new(record(text), names, 1_000_000, LONG)
}

pub(super) async fn create(store: &Store, key: StoreKey, new: NewRecord) -> Created {
    store.create(key, new).await.expect("the store creates")
}

/// The key of a session that was created.
pub(super) async fn created(store: &Store, new: NewRecord) -> StoreKey {
    let key = key();
    let created = create(store, key, new).await;
    assert!(matches!(created, Created::Created { .. }), "{created:?}");
    key
}

/// Text and revision.
pub(super) async fn found(store: &Store, key: StoreKey) -> Option<(String, u64)> {
    let stored = store.get(key).await.expect("the store reads")?;
    let text = String::from_utf8_lossy(&stored.sealed).into_owned();
    Some((text, stored.revision.get()))
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what is found")]
pub(super) fn as_found(text: &str, revision: u64) -> Option<(String, u64)> {
    Some((text.to_owned(), revision))
}

pub(super) async fn delete(store: &Store, key: StoreKey) {
    store.delete(key, LONG).await.expect("the store deletes");
}

pub(super) fn shared(store: &Store) -> &dyn Coordinated {
    store.coordinated().expect("it is a coordinated store")
}

pub(super) async fn begin(store: &Store, key: StoreKey, owner: Owner, length: Duration) -> Exchange {
    begin_at(store, key, Revision::FIRST, owner, length).await
}

pub(super) async fn begin_at(
    store: &Store,
    key: StoreKey,
    expected: Revision,
    owner: Owner,
    length: Duration,
) -> Exchange {
    let begun = shared(store).begin(key, expected, lease(owner, length)).await;
    begun.expect("the store begins an exchange")
}

/// The keys that ended, in the order of keys.
pub(super) async fn end_all(
    store: &Store,
    whose: &[IndexKey],
    denial: Denial,
    strangers: Strangers,
) -> Vec<StoreKey> {
    let ended = shared(store)
        .end_all(whose.to_vec(), denial, strangers, LONG)
        .await;
    let mut ended = ended.expect("the store ends sessions");
    ended.sort_unstable();
    ended
}

pub(super) fn sorted<const N: usize>(mut keys: [StoreKey; N]) -> Vec<StoreKey> {
    keys.sort_unstable();
    keys.to_vec()
}

pub(super) async fn list(store: &Store, sub: IndexKey) -> Vec<Listed> {
    shared(store)
        .list(vec![sub])
        .await
        .expect("the store lists sessions")
}

pub(super) async fn keys(store: &Store, sub: IndexKey) -> Vec<StoreKey> {
    list(store, sub)
        .await
        .into_iter()
        .map(|listed| listed.key)
        .collect()
}
