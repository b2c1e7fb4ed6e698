//! Which sessions an account has.

use bytes::Bytes;

use super::given::{
    LONGEST_SUMMARY, SHORT, SUMMARY, Store, as_found, create, created, delete, end_all, found, key, keys,
    lasting, list, name, names, of, record, sealed_bytes, shared, short_is_over, sorted,
};
use crate::store::{
    Created, Denial, IndexKey, Listed, Names, NewRecord, Record, Revision, StoreKey, Strangers, Updated,
};

fn of_account(sub: IndexKey, created_at: i64) -> NewRecord {
    let names = Names {
        sid: Some(name()),
        sub,
    };
    NewRecord {
        created_at,
        ..of(names, "session")
    }
}

/// At most two.
async fn evicted(store: &Store, sub: IndexKey, created_at: i64) -> (StoreKey, Vec<StoreKey>) {
    let new = NewRecord {
        most_of_user: Some(2),
        ..of_account(sub, created_at)
    };
    let key = key();
    match create(store, key, new).await {
        Created::Created { evicted } => (key, evicted),
        other => panic!("{other:?}"),
    }
}

pub(super) async fn the_oldest_of_a_user_is_evicted(store: &Store) {
    let sub = name();
    let other = created(store, of_account(name(), 1)).await;
    let (second, none) = evicted(store, sub, 20).await;
    assert_eq!(none, []);
    let (first, none) = evicted(store, sub, 10).await;
    assert_eq!(none, []);
    let (third, oldest) = evicted(store, sub, 30).await;
    assert_eq!(oldest, [first]);
    let (fourth, oldest) = evicted(store, sub, 40).await;
    assert_eq!(oldest, [first, second], "nobody deleted the first");
    delete(store, first).await;
    delete(store, second).await;
    assert_eq!(keys(store, sub).await, [third, fourth]);
    assert!(found(store, other).await.is_some());
}

pub(super) async fn a_new_session_does_not_evict_itself(store: &Store) {
    let sub = name();
    let (first, _) = evicted(store, sub, 10).await;
    evicted(store, sub, 20).await;
    let (_, oldest) = evicted(store, sub, 5).await;
    assert_eq!(oldest, [first]);
}

pub(super) async fn a_list_has_the_live_ones_in_order(store: &Store) {
    let sub = name();
    let [long, updated] = [0, 7].map(|first| sealed_bytes(first, LONGEST_SUMMARY));
    let mut new = of_account(sub, 30);
    new.record.summary = long.clone();
    let third = created(store, new).await;
    let first = created(store, of_account(sub, 10)).await;
    let second = created(store, of_account(sub, 20)).await;
    let ended = created(store, of_account(sub, 15)).await;
    created(store, of_account(name(), 16)).await;
    let short = NewRecord {
        record: lasting("short", SHORT),
        ..of_account(sub, 17)
    };
    created(store, short).await;
    delete(store, ended).await;
    short_is_over().await;
    let update = Record {
        summary: updated.clone(),
        ..record("second")
    };
    store
        .update(second, Revision::FIRST, update)
        .await
        .expect("the store updates");
    let listed = list(store, sub).await;
    let expected = [
        (first, Bytes::from_static(SUMMARY)),
        (second, updated),
        (third, long),
    ];
    assert_eq!(listed, expected.map(|(key, summary)| Listed { key, summary }));
    let both = shared(store)
        .list(vec![sub, name(), sub])
        .await
        .expect("the store lists");
    assert_eq!(both, listed, "each once");
}

pub(super) async fn a_touch_is_no_write(store: &Store) {
    let sub = name();
    let session = created(store, of_account(sub, 1)).await;
    let ended = created(store, of_account(sub, 2)).await;
    delete(store, ended).await;
    let summary = sealed_bytes(11, LONGEST_SUMMARY);
    for key in [session, ended, key()] {
        let touched = shared(store).touch(key, summary.clone()).await;
        touched.expect("the store notes");
    }
    let key = session;
    assert_eq!(list(store, sub).await, [Listed { key, summary }]);
    assert_eq!(found(store, session).await, as_found("session", 1));
    assert_eq!(found(store, ended).await, None);
}

pub(super) async fn renamed_sessions_are_found_by_both_names(store: &Store) {
    let (before, after) = (names(), names());
    let sessions = [
        created(store, of(before, "first")).await,
        created(store, of(before, "second")).await,
    ];
    for session in sessions {
        let renamed = Record {
            renamed: Some(after),
            ..record("renamed")
        };
        let updated = store.update(session, Revision::FIRST, renamed).await;
        assert_eq!(updated.expect("the store updates"), Updated::Updated);
        assert_eq!(found(store, session).await, as_found("renamed", 2));
    }
    for sub in [before.sub, after.sub] {
        let mut listed = keys(store, sub).await;
        listed.sort_unstable();
        assert_eq!(listed, sorted(sessions));
    }
    delete(store, sessions[0]).await;
    for sub in [before.sub, after.sub] {
        assert_eq!(keys(store, sub).await, [sessions[1]]);
    }
    let sid = after.sid.expect("it has one");
    assert_eq!(
        end_all(store, &[sid], Denial::Every, Strangers::Deny).await,
        [sessions[1]]
    );
    assert_eq!(found(store, sessions[1]).await, None);
}
