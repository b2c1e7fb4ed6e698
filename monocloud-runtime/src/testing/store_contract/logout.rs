//! Who is ended by a name, and who is not created any more.

use super::given::{Store, create, created, end_all, found, key, keys, name, names, of, sorted};
use crate::store::{Created, Denial, Names, NewRecord, StoreKey, Strangers};

async fn is_denied(store: &Store, new: NewRecord) -> bool {
    let key = key();
    let created = create(store, key, new).await;
    let is_found = found(store, key).await.is_some();
    assert_eq!(
        matches!(created, Created::Created { .. }),
        is_found,
        "{created:?}"
    );
    created == Created::Denied
}

fn issued(names: Names, issued_at: Option<i64>) -> NewRecord {
    NewRecord {
        issued_at,
        ..of(names, "issued")
    }
}

fn made(names: Names, created_at: i64) -> NewRecord {
    NewRecord {
        created_at,
        ..of(names, "made")
    }
}

/// Others of the same account.
fn beside(names: Names) -> Names {
    Names {
        sid: Some(name()),
        ..names
    }
}

async fn are_gone(store: &Store, keys: &[StoreKey]) {
    for key in keys {
        assert_eq!(found(store, *key).await, None);
    }
}

pub(super) async fn logout_by_sid_ends_it_and_denies_it(store: &Store) {
    let account = names();
    let ended = created(store, of(account, "ended")).await;
    let other = created(store, of(beside(account), "other")).await;
    let sid = account.sid.expect("it has one");
    assert_eq!(
        end_all(store, &[sid], Denial::Every, Strangers::Deny).await,
        [ended]
    );
    are_gone(store, &[ended]).await;
    assert!(found(store, other).await.is_some(), "another of the account");
    assert!(is_denied(store, of(account, "again")).await);
    assert_eq!(keys(store, account.sub).await, [other]);
    assert_eq!(end_all(store, &[sid], Denial::Every, Strangers::Deny).await, []);
}

pub(super) async fn logout_by_sub_spares_what_was_issued_later(store: &Store) {
    let account = names();
    let issued = |at| issued(beside(account), at);
    let before = created(store, issued(Some(99))).await;
    let then = created(store, issued(Some(100))).await;
    let unknown = created(store, issued(None)).await;
    let later = created(store, issued(Some(101))).await;
    let stranger = created(store, of(names(), "stranger")).await;
    let ended = end_all(
        store,
        &[name(), account.sub],
        Denial::IssuedUntil(100),
        Strangers::Deny,
    )
    .await;
    assert_eq!(ended, sorted([before, then, unknown]));
    are_gone(store, &ended).await;
    assert_eq!(keys(store, account.sub).await, [later]);
    assert!(found(store, later).await.is_some() && found(store, stranger).await.is_some());
    for (at, denied) in [(Some(100), true), (None, true), (Some(101), false)] {
        assert_eq!(is_denied(store, issued(at)).await, denied, "{at:?}");
    }
}

pub(super) async fn logout_of_an_account_spares_what_was_made_later(store: &Store) {
    let account = names();
    let made = |at| made(beside(account), at);
    let before = created(store, made(999)).await;
    let then = created(store, made(1_000)).await;
    let denial = Denial::CreatedBefore(1_000);
    assert_eq!(
        end_all(store, &[account.sub], denial, Strangers::Deny).await,
        [before]
    );
    are_gone(store, &[before]).await;
    assert!(found(store, then).await.is_some());
    for (at, denied) in [(999, true), (1_000, false)] {
        assert_eq!(is_denied(store, made(at)).await, denied, "{at}");
    }
}

pub(super) async fn a_denial_comes_before_the_session_it_is_for(store: &Store) {
    let (by_sid, by_sub) = (names(), names());
    let sid = by_sid.sid.expect("it has one");
    assert_eq!(
        end_all(store, &[sid, by_sub.sub], Denial::Every, Strangers::Deny).await,
        []
    );
    assert!(is_denied(store, of(by_sid, "denied")).await);
    assert!(is_denied(store, of(by_sub, "denied")).await);
    assert_eq!(keys(store, by_sid.sub).await, []);
    assert!(!is_denied(store, of(beside(by_sid), "another")).await);
}

pub(super) async fn strangers_are_passed_over(store: &Store) {
    let (stranger, known) = (names(), names());
    let (unknown_sid, sid) = (stranger.sid.expect("it has one"), known.sid.expect("it has one"));
    let ended = created(store, of(known, "known")).await;
    let whose = [unknown_sid, sid];
    assert_eq!(
        end_all(store, &whose, Denial::Every, Strangers::PassOver).await,
        [ended]
    );
    are_gone(store, &[ended]).await;
    assert!(is_denied(store, of(known, "again")).await);
    assert!(!is_denied(store, of(stranger, "stranger")).await);
}

pub(super) async fn denials_add_up(store: &Store) {
    let account = names();
    for denial in [
        Denial::IssuedUntil(100),
        Denial::CreatedBefore(2_000),
        Denial::IssuedUntil(50),
        Denial::CreatedBefore(1_000),
    ] {
        end_all(store, &[account.sub], denial, Strangers::Deny).await;
    }
    let at = |created_at, issued_at| NewRecord {
        issued_at: Some(issued_at),
        ..made(account, created_at)
    };
    for (created_at, issued_at, denied) in [
        (2_000, 100, true),
        (1_999, 101, true),
        (2_000, 101, false),
        (1_500, 80, true),
    ] {
        let at = at(created_at, issued_at);
        assert_eq!(is_denied(store, at).await, denied, "{created_at} {issued_at}");
    }
    end_all(store, &[account.sub], Denial::Every, Strangers::Deny).await;
    end_all(store, &[account.sub], Denial::IssuedUntil(1), Strangers::Deny).await;
    assert!(is_denied(store, at(i64::MAX, i64::MAX)).await);
}
