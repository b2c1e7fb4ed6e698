//! What acts once.

use std::time::Duration;

use super::given::{A_WHILE, LONG, SHORT, Store, a_while_is_over, lease, name, owner, shared, short_is_over};
use crate::store::{Claim, IndexKey, Owner};

async fn claim(store: &Store, name: IndexKey, owner: Owner, length: Duration) -> Claim {
    let claimed = shared(store).claim(name, lease(owner, length)).await;
    claimed.expect("the store gives claims")
}

async fn settle(store: &Store, name: IndexKey, owner: Owner, keep: Option<Duration>) -> bool {
    let settled = shared(store).settle(name, owner, keep).await;
    settled.expect("the store settles claims")
}

pub(super) async fn a_claim_is_given_once(store: &Store) {
    let (value, first) = (name(), owner());
    assert_eq!(claim(store, value, first, LONG).await, Claim::Claimed);
    assert_eq!(claim(store, value, owner(), LONG).await, Claim::InProgress);
    assert_eq!(
        claim(store, name(), owner(), LONG).await,
        Claim::Claimed,
        "another"
    );
    assert!(settle(store, value, first, Some(LONG)).await);
    assert_eq!(claim(store, value, owner(), LONG).await, Claim::Done);
}

pub(super) async fn a_released_claim_is_given_again(store: &Store) {
    let (value, first) = (name(), owner());
    claim(store, value, first, LONG).await;
    assert!(settle(store, value, first, None).await);
    assert!(!settle(store, value, first, None).await, "it is nobody's now");
    assert_eq!(claim(store, value, owner(), LONG).await, Claim::Claimed);
}

pub(super) async fn a_claim_that_ran_out_is_given_again(store: &Store) {
    let value = name();
    let late = owner();
    claim(store, value, late, SHORT).await;
    short_is_over().await;
    assert!(!settle(store, value, late, Some(LONG)).await);
    assert_eq!(claim(store, value, owner(), LONG).await, Claim::Claimed);
}

pub(super) async fn what_is_done_stays_known(store: &Store) {
    let (value, first) = (name(), owner());
    claim(store, value, first, A_WHILE).await;
    assert!(settle(store, value, first, Some(LONG)).await);
    assert!(!settle(store, value, first, None).await, "it is done");
    a_while_is_over().await;
    assert_eq!(
        claim(store, value, owner(), LONG).await,
        Claim::Done,
        "longer than its lease"
    );
}

pub(super) async fn a_late_owner_settles_nothing(store: &Store) {
    let (value, late, next) = (name(), owner(), owner());
    claim(store, value, late, SHORT).await;
    short_is_over().await;
    claim(store, value, next, LONG).await;
    for keep in [None, Some(LONG)] {
        assert!(!settle(store, value, late, keep).await);
        assert_eq!(claim(store, value, owner(), LONG).await, Claim::InProgress);
    }
    assert!(settle(store, value, next, Some(LONG)).await);
    assert_eq!(claim(store, value, owner(), LONG).await, Claim::Done);
}
