//! What becomes of one record.

use std::time::Duration;

use bytes::Bytes;

use super::given::{
    A_WHILE, LONG, LONGEST_SUMMARY, SHORT, Store, a_while_is_over, as_found, create, created, delete, found,
    key, lasting, new, record, sealed_bytes, short_is_over,
};
use crate::store::{Created, NewRecord, Record, Revision, StoreKey, Updated};

/// In bytes, and without its summary.
const LONGEST: usize = 256 * 1_024;

async fn update(store: &Store, key: StoreKey, expected: u64, record: Record) -> Updated {
    let updated = store.update(key, Revision::new(expected), record).await;
    updated.expect("the store updates")
}

fn new_lasting(text: &'static str, remaining: Duration) -> NewRecord {
    NewRecord {
        record: lasting(text, remaining),
        ..new(text)
    }
}

pub(super) async fn it_says_that_it_works(store: &Store) {
    store.check().await.expect("it is ready");
}

pub(super) async fn a_record_is_read_as_it_was_written(store: &Store) {
    for length in [0, 1, 2_000, LONGEST] {
        let (first, second) = (sealed_bytes(0, length), sealed_bytes(7, length));
        let written = |sealed: &Bytes| Record {
            sealed: sealed.clone(),
            summary: sealed_bytes(0, LONGEST_SUMMARY),
            ..record("")
        };
        let session = NewRecord {
            record: written(&first),
            ..new("")
        };
        let key = created(store, session).await;
        assert_reads(store, key, &first, Revision::FIRST).await;
        assert_eq!(update(store, key, 1, written(&second)).await, Updated::Updated);
        assert_reads(store, key, &second, Revision::FIRST.next()).await;
    }
}

async fn assert_reads(store: &Store, key: StoreKey, sealed: &Bytes, revision: Revision) {
    let read = store.get(key).await.expect("the store reads");
    let read = read.expect("it is there");
    let (bytes, length) = (read.sealed.len(), sealed.len());
    assert!(read.sealed == *sealed, "{length} bytes come back as {bytes}");
    assert_eq!(read.revision, revision);
}

pub(super) async fn keys_do_not_meet(store: &Store) {
    let first = key();
    let beside = |at: usize, bit: u8| {
        let mut bytes = *first.as_bytes();
        bytes[at] ^= bit;
        StoreKey::from_bytes(bytes)
    };
    create(store, first, new("first")).await;
    for other in [beside(15, 1), beside(0, 128), beside(8, 1)] {
        assert_eq!(found(store, other).await, None);
        assert_eq!(update(store, other, 1, record("other")).await, Updated::Gone);
        delete(store, other).await;
    }
    assert_eq!(found(store, first).await, as_found("first", 1));
}

pub(super) async fn nothing_is_created_twice(store: &Store) {
    let (key, session) = (key(), new("first"));
    let again = NewRecord {
        record: record("second"),
        ..session.clone()
    };
    assert!(matches!(
        create(store, key, session).await,
        Created::Created { .. }
    ));
    assert_eq!(create(store, key, again).await, Created::Exists);
    assert_eq!(found(store, key).await, as_found("first", 1));
}

pub(super) async fn an_update_needs_the_revision_it_was_made_of(store: &Store) {
    let key = created(store, new("first")).await;
    assert_eq!(update(store, key, 1, record("second")).await, Updated::Updated);
    let conflict = Updated::Conflict(Revision::new(2));
    for other in [0, 1, 3] {
        assert_eq!(
            update(store, key, other, record("other")).await,
            conflict,
            "{other}"
        );
    }
    assert_eq!(found(store, key).await, as_found("second", 2));
    assert_eq!(update(store, key, 2, record("third")).await, Updated::Updated);
    assert_eq!(found(store, key).await, as_found("third", 3));
}

pub(super) async fn an_update_makes_no_record(store: &Store) {
    let key = key();
    assert_eq!(update(store, key, 1, record("first")).await, Updated::Gone);
    assert_eq!(found(store, key).await, None);
    assert!(matches!(
        create(store, key, new("later")).await,
        Created::Created { .. }
    ));
}

pub(super) async fn what_was_deleted_is_not_found_updated_or_created_again(store: &Store) {
    let (key, session) = (key(), new("first"));
    create(store, key, session.clone()).await;
    delete(store, key).await;
    assert_eq!(found(store, key).await, None);
    assert_eq!(update(store, key, 1, record("second")).await, Updated::Gone);
    assert_eq!(create(store, key, session).await, Created::Ended);
    assert_eq!(found(store, key).await, None);
}

pub(super) async fn deleting_nothing_closes_the_key(store: &Store) {
    let key = key();
    delete(store, key).await;
    assert_eq!(create(store, key, new("late")).await, Created::Ended);
    assert_eq!(found(store, key).await, None);
}

pub(super) async fn deleting_twice_is_done(store: &Store) {
    let key = created(store, new("first")).await;
    delete(store, key).await;
    store.delete(key, SHORT).await.expect("the store deletes");
    short_is_over().await;
    assert_eq!(
        create(store, key, new("late")).await,
        Created::Ended,
        "the first is not over"
    );
}

pub(super) async fn a_record_ends_when_it_was_told_to(store: &Store) {
    let key = created(store, new_lasting("short", A_WHILE)).await;
    assert_eq!(found(store, key).await, as_found("short", 1));
    a_while_is_over().await;
    assert_eq!(found(store, key).await, None);
}

pub(super) async fn what_ended_is_not_written(store: &Store) {
    let key = created(store, new_lasting("short", SHORT)).await;
    short_is_over().await;
    assert_eq!(update(store, key, 1, record("late")).await, Updated::Gone);
    assert_eq!(found(store, key).await, None);
}

pub(super) async fn an_update_prolongs(store: &Store) {
    let key = created(store, new_lasting("first", A_WHILE)).await;
    assert_eq!(
        update(store, key, 1, lasting("second", LONG)).await,
        Updated::Updated
    );
    a_while_is_over().await;
    assert_eq!(found(store, key).await, as_found("second", 2));
}

pub(super) async fn an_update_may_shorten(store: &Store) {
    let key = created(store, new("first")).await;
    assert_eq!(
        update(store, key, 1, lasting("second", SHORT)).await,
        Updated::Updated
    );
    short_is_over().await;
    assert_eq!(found(store, key).await, None);
}

pub(super) async fn get_now_says_what_get_says(store: &Store) {
    let live = created(store, new("first")).await;
    let ended = created(store, new("first")).await;
    delete(store, ended).await;
    for key in [live, ended, key()] {
        let read = store.get(key).await.expect("the store reads");
        if let Some(at_once) = store.get_now(key) {
            assert_eq!(at_once.expect("the store reads"), read);
        }
    }
}
