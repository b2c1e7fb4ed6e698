//! Sessions that are over, though their store has not said so: nobody gets in with one here, and the store is asked until
//! it says so.

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::store::{SessionStore, StoreKey};

/// Further ones are refused as long as their process knows them otherwise.
const MOST: usize = 10_000;

/// After one that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Clones share.
#[derive(Clone, Default)]
pub(super) struct Unfinished {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    any: AtomicBool,
    keys: Mutex<BTreeSet<StoreKey>>,
}

impl Unfinished {
    pub(super) fn contains(&self, key: StoreKey) -> bool {
        self.inner.any.load(Ordering::Acquire) && self.inner.keys().contains(&key)
    }

    /// `ended_for` is as in [`SessionStore::delete`].
    pub(super) fn add(&self, key: StoreKey, store: Arc<dyn SessionStore>, ended_for: Duration) {
        let mut keys = self.inner.keys();
        if keys.len() == MOST {
            tracing::error!(
                name: "monocloud.store.too_many_unfinished",
                "so many sessions wait for the store to end them that no more are remembered: where this process forgets one, its store decides whether it is over"
            );
            return;
        }
        if keys.insert(key) && keys.len() == 1 {
            self.inner.any.store(true, Ordering::Release);
            tokio::spawn(self.clone().finish(store, ended_for));
        }
    }

    async fn finish(self, store: Arc<dyn SessionStore>, ended_for: Duration) {
        let mut before = None;
        // Each in its turn: a store may be away for some of them alone.
        while let Some(key) = self.inner.next(before) {
            before = Some(key);
            let ended = tokio::time::timeout(store.time_limit(), store.delete(key, ended_for)).await;
            if matches!(ended, Ok(Ok(()))) {
                self.inner.forget(key);
            } else {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

impl Inner {
    /// The one after this, and after the last the first.
    fn next(&self, before: Option<StoreKey>) -> Option<StoreKey> {
        let keys = self.keys();
        let after = before.and_then(|before| keys.range((Excluded(before), Unbounded)).next());
        after.or(keys.first()).copied()
    }

    fn forget(&self, key: StoreKey) {
        let mut keys = self.keys();
        keys.remove(&key);
        self.any.store(!keys.is_empty(), Ordering::Release);
    }

    fn keys(&self) -> MutexGuard<'_, BTreeSet<StoreKey>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
