//! What happens at the same time.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::given::{
    LONG, Store, as_found, begin, create, created, end_all, found, key, keys, lease, name, names, new, of,
    owner, record, shared,
};
use crate::store::{
    Claim, Created, Denial, Exchange, IndexKey, Names, NewRecord, Revision, Strangers, Updated,
};

const AT_ONCE: usize = 64;

/// What came of it when it was done so many times at once.
async fn outcomes<T, F>(store: &Store, what: impl Fn(Store) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks = (0..AT_ONCE).map(|_| tokio::spawn(what(store.clone())));
    let outcomes = join_all(tasks).await.into_iter();
    outcomes
        .map(|outcome| outcome.expect("the store answers"))
        .collect()
}

/// How many of all that was done at once came out as it may for one alone.
async fn how_many<T, F>(store: &Store, what: impl Fn(Store) -> F, is_the_one: impl Fn(&T) -> bool) -> usize
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    outcomes(store, what)
        .await
        .iter()
        .filter(|outcome| is_the_one(outcome))
        .count()
}

pub(super) async fn of_many_creations_at_once_one_wins(store: &Store) {
    let (key, session) = (key(), new("session"));
    let sub = session.names.sub;
    let creation = |store: Store| {
        let session = session.clone();
        async move { create(&store, key, session).await }
    };
    let is_created = |created: &Created| matches!(created, Created::Created { .. });
    assert_eq!(how_many(store, creation, is_created).await, 1);
    assert_eq!(keys(store, sub).await, [key]);
}

pub(super) async fn of_many_sessions_made_at_once_some_are_left(store: &Store) {
    let sub = name();
    let creation = |store: Store| async move {
        let of_user = NewRecord {
            most_of_user: Some(2),
            ..of(Names { sub, ..names() }, "session")
        };
        match create(&store, key(), of_user).await {
            Created::Created { evicted } => evicted,
            other => panic!("{other:?}"),
        }
    };
    let tasks = (0..AT_ONCE).map(|_| tokio::spawn(creation(store.clone())));
    let evicted: BTreeSet<_> = join_all(tasks)
        .await
        .into_iter()
        .flat_map(Result::unwrap)
        .collect();
    assert!(AT_ONCE - evicted.len() >= 2, "they evict each other");
}

pub(super) async fn of_many_updates_at_once_one_wins(store: &Store) {
    let key = created(store, new("first")).await;
    let update = |store: Store| async move {
        let updated = store.update(key, Revision::FIRST, record("second")).await;
        updated.expect("the store updates")
    };
    let mut late = outcomes(store, update).await;
    late.retain(|updated| *updated != Updated::Updated);
    assert_eq!(late, [Updated::Conflict(Revision::new(2)); AT_ONCE - 1]);
    assert_eq!(found(store, key).await, as_found("second", 2));
}

pub(super) async fn of_many_exchanges_at_once_one_begins(store: &Store) {
    let key = created(store, new("first")).await;
    let exchange = |store: Store| async move { begin(&store, key, owner(), LONG).await };
    let is_begun = |exchange: &Exchange| matches!(exchange, Exchange::Begun { .. });
    assert_eq!(how_many(store, exchange, is_begun).await, 1);
}

pub(super) async fn of_many_claims_at_once_one_is_given(store: &Store) {
    let value = name();
    let claim = |store: Store| async move {
        let claimed = shared(&store).claim(value, lease(owner(), LONG)).await;
        claimed.expect("the store gives claims")
    };
    assert_eq!(how_many(store, claim, |claim| *claim == Claim::Claimed).await, 1);
}

pub(super) async fn deleting_and_writing_at_once_leaves_nothing(store: &Store) {
    for _ in 0..50 {
        let key = created(store, new("first")).await;
        let (writer, deleter) = (store.clone(), store.clone());
        let writing = tokio::spawn(async move {
            let mut revision = Revision::FIRST;
            for _ in 0..1_000 {
                match writer.update(key, revision, record("more")).await {
                    Ok(Updated::Updated) => revision = revision.next(),
                    _ => return,
                }
            }
        });
        let deleting = tokio::spawn(async move { deleter.delete(key, LONG).await });
        deleting
            .await
            .expect("the store answers")
            .expect("the store deletes");
        assert_eq!(found(store, key).await, None);
        writing.await.expect("the store answers");
        assert_eq!(found(store, key).await, None);
    }
}

pub(super) async fn creating_and_denying_at_once_leaves_no_session(store: &Store) {
    for round in 0..200 {
        let (session, key) = (names(), key());
        let name = session.sid.filter(|_| round % 2 == 0).unwrap_or(session.sub);
        let (creator, denier) = (store.clone(), store.clone());
        let creating = tokio::spawn(async move { create(&creator, key, of(session, "session")).await });
        let denying =
            tokio::spawn(async move { end_all(&denier, &[name], Denial::Every, Strangers::Deny).await });
        let created = creating.await.expect("the store answers");
        let ended = denying.await.expect("the store answers");
        assert_eq!(found(store, key).await, None, "{created:?}, {ended:?}");
        assert_eq!(keys(store, session.sub).await, []);
    }
}

pub(super) async fn no_denial_is_lost_to_another(store: &Store) {
    let denied: Vec<IndexKey> = (0..10_000).map(|_| name()).collect();
    for names in denied.chunks(AT_ONCE) {
        let deny = |name: IndexKey| {
            let store = store.clone();
            tokio::spawn(async move { end_all(&store, &[name], Denial::Every, Strangers::Deny).await })
        };
        for task in join_all(names.iter().copied().map(deny)).await {
            assert_eq!(task.expect("the store answers"), []);
        }
    }
    for names in denied.chunks(AT_ONCE) {
        let create = |sub: IndexKey| {
            let (store, names) = (store.clone(), Names { sid: None, sub });
            tokio::spawn(async move { create(&store, key(), of(names, "late")).await })
        };
        for task in join_all(names.iter().copied().map(create)).await {
            assert_eq!(task.expect("the store answers"), Created::Denied);
        }
    }
}
