//! One refresh at a time.

use super::given::{
    LONG, SHORT, Store, as_found, begin, begin_at, created, delete, found, new, owner, record, shared,
    short_is_over,
};
use crate::store::{Exchange, Owner, Record, Revision, StoreKey, Updated};

const BEGUN: Exchange = Exchange::Begun {
    taken_over: false,
    unclear: false,
};

async fn commit(store: &Store, key: StoreKey, expected: u64, owner: Owner, text: &'static str) -> Updated {
    let record: Record = record(text);
    let committed = shared(store)
        .commit(key, Revision::new(expected), owner, record)
        .await;
    committed.expect("the store commits")
}

async fn abandon(store: &Store, key: StoreKey, owner: Owner, unclear: bool) {
    let abandoned = shared(store).abandon(key, owner, unclear).await;
    abandoned.expect("the store gives an exchange up");
}

async fn update(store: &Store, key: StoreKey, expected: u64, text: &'static str) -> Updated {
    let updated = store.update(key, Revision::new(expected), record(text)).await;
    updated.expect("the store updates")
}

fn is_busy(exchange: Exchange) -> bool {
    matches!(exchange, Exchange::Busy { left } if !left.is_zero() && left <= LONG)
}

pub(super) async fn one_exchange_at_a_time(store: &Store) {
    let key = created(store, new("first")).await;
    let (first, second) = (owner(), owner());
    assert_eq!(begin(store, key, first, LONG).await, BEGUN);
    let other = begin(store, key, second, LONG).await;
    assert!(is_busy(other), "{other:?}");
    let older = begin_at(store, key, Revision::new(9), second, LONG).await;
    assert!(is_busy(older), "{older:?}");
    abandon(store, key, first, false).await;
    assert_eq!(begin(store, key, second, LONG).await, BEGUN);
}

pub(super) async fn an_exchange_begins_at_the_newest_revision(store: &Store) {
    let key = created(store, new("first")).await;
    update(store, key, 1, "second").await;
    assert_eq!(
        begin(store, key, owner(), LONG).await,
        Exchange::Newer(Revision::new(2))
    );
    assert_eq!(begin_at(store, key, Revision::new(2), owner(), LONG).await, BEGUN);
}

pub(super) async fn a_commit_is_a_write_and_ends_the_exchange(store: &Store) {
    let key = created(store, new("first")).await;
    let first = owner();
    begin(store, key, first, LONG).await;
    assert_eq!(commit(store, key, 1, first, "second").await, Updated::Updated);
    assert_eq!(found(store, key).await, as_found("second", 2));
    assert_eq!(commit(store, key, 2, first, "third").await, Updated::NotOwner);
    assert_eq!(begin_at(store, key, Revision::new(2), owner(), LONG).await, BEGUN);
}

pub(super) async fn a_lease_that_ran_out_is_taken_over_and_said(store: &Store) {
    let key = created(store, new("first")).await;
    begin(store, key, owner(), SHORT).await;
    short_is_over().await;
    let taken_over = Exchange::Begun {
        taken_over: true,
        unclear: false,
    };
    assert_eq!(begin(store, key, owner(), LONG).await, taken_over);
}

pub(super) async fn what_was_taken_over_and_given_up_is_taken_over_by_the_next(store: &Store) {
    let key = created(store, new("first")).await;
    begin(store, key, owner(), SHORT).await;
    short_is_over().await;
    let taken_over = |unclear| Exchange::Begun {
        taken_over: true,
        unclear,
    };
    for (before, after) in [(false, false), (false, true), (true, false)] {
        let of = owner();
        assert_eq!(begin(store, key, of, LONG).await, taken_over(before));
        abandon(store, key, of, after).await;
        assert_eq!(commit(store, key, 1, of, "late").await, Updated::NotOwner);
    }
    let last = owner();
    assert_eq!(begin(store, key, last, LONG).await, taken_over(true));
    assert_eq!(commit(store, key, 1, last, "second").await, Updated::Updated);
    let of = owner();
    assert_eq!(begin_at(store, key, Revision::new(2), of, LONG).await, BEGUN);
    abandon(store, key, of, false).await;
    assert_eq!(begin_at(store, key, Revision::new(2), owner(), LONG).await, BEGUN);
}

pub(super) async fn a_late_owner_commits_nothing(store: &Store) {
    let key = created(store, new("first")).await;
    let (late, next) = (owner(), owner());
    begin(store, key, late, SHORT).await;
    short_is_over().await;
    begin(store, key, next, LONG).await;
    assert_eq!(commit(store, key, 1, late, "late").await, Updated::NotOwner);
    abandon(store, key, late, true).await;
    assert_eq!(found(store, key).await, as_found("first", 1));
    assert_eq!(commit(store, key, 1, next, "next").await, Updated::Updated);
}

pub(super) async fn an_owner_nobody_took_over_from_may_be_late(store: &Store) {
    let key = created(store, new("first")).await;
    let late = owner();
    begin(store, key, late, SHORT).await;
    short_is_over().await;
    assert_eq!(commit(store, key, 1, late, "late").await, Updated::Updated);
    assert_eq!(found(store, key).await, as_found("late", 2));
}

pub(super) async fn an_unclear_exchange_is_told_to_the_next(store: &Store) {
    let key = created(store, new("first")).await;
    let unclear = Exchange::Begun {
        taken_over: false,
        unclear: true,
    };
    for is_unclear in [true, false] {
        let of = owner();
        begin(store, key, of, LONG).await;
        abandon(store, key, of, is_unclear).await;
    }
    let next = owner();
    assert_eq!(
        begin(store, key, next, LONG).await,
        unclear,
        "until one is committed"
    );
    assert_eq!(commit(store, key, 1, next, "second").await, Updated::Updated);
    assert_eq!(begin_at(store, key, Revision::new(2), owner(), LONG).await, BEGUN);
}

pub(super) async fn only_the_owner_abandons(store: &Store) {
    let key = created(store, new("first")).await;
    begin(store, key, owner(), LONG).await;
    abandon(store, key, owner(), true).await;
    let still = begin(store, key, owner(), LONG).await;
    assert!(is_busy(still), "{still:?}");
}

pub(super) async fn an_update_during_an_exchange_is_a_conflict_for_its_owner_and_lets_it_commit(
    store: &Store,
) {
    let key = created(store, new("first")).await;
    let first = owner();
    begin(store, key, first, LONG).await;
    assert_eq!(update(store, key, 1, "second").await, Updated::Updated);
    let conflict = commit(store, key, 1, first, "third").await;
    assert_eq!(conflict, Updated::Conflict(Revision::new(2)));
    let other = begin_at(store, key, Revision::new(2), owner(), LONG).await;
    assert!(is_busy(other), "{other:?}");
    assert_eq!(commit(store, key, 2, first, "third").await, Updated::Updated);
    assert_eq!(found(store, key).await, as_found("third", 3));
}

pub(super) async fn delete_beats_an_exchange(store: &Store) {
    let key = created(store, new("first")).await;
    let first = owner();
    begin(store, key, first, LONG).await;
    delete(store, key).await;
    assert_eq!(commit(store, key, 1, first, "late").await, Updated::Gone);
    abandon(store, key, first, true).await;
    assert_eq!(begin(store, key, owner(), LONG).await, Exchange::Gone);
    assert_eq!(found(store, key).await, None);
}
