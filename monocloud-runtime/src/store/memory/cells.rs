//! All sessions: a step takes one lock, for as long as it lasts.

use std::sync::MutexGuard;

use bytes::Bytes;

use super::cell::Live;
use super::shard::{Found, Shard};
use super::shards::Shards;
use crate::store::{Exchange, Lease, Names, Owner, Record, Revision, StoreKey, Stored, Updated};

/// A write takes out so many sessions that are over, so that none is a long one.
const AT_ONCE: usize = 64;

pub(super) struct Cells {
    shards: Shards<Shard>,
}

/// Why a session cannot be created.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Live,
    Closed,
}

impl Cells {
    pub(super) fn new() -> Self {
        Self {
            shards: Shards::new(),
        }
    }

    pub(super) fn get(&self, key: StoreKey, now: u64) -> Option<Stored> {
        self.shard(key).live(key, now).map(|live| live.stored())
    }

    pub(super) fn summary(&self, key: StoreKey, now: u64) -> Option<Bytes> {
        self.shard(key).live(key, now).map(|live| live.summary())
    }

    pub(super) fn is_live(&self, key: StoreKey, now: u64) -> bool {
        self.shard(key).live(key, now).is_some()
    }

    pub(super) fn taken(&self, key: StoreKey, now: u64) -> Option<Taken> {
        taken(&self.shard(key).find(key, now))
    }

    pub(super) fn create(&self, key: StoreKey, live: Live, now: u64) -> Result<(), Taken> {
        let mut shard = self.shard(key);
        if let Some(taken) = taken(&shard.find(key, now)) {
            return Err(taken);
        }
        shard.insert(key, live);
        Ok(())
    }

    pub(super) fn write(
        &self,
        key: StoreKey,
        expected: Revision,
        by: Option<Owner>,
        record: &Record,
        (now, until): (u64, u64),
    ) -> Updated {
        let write = |live: &mut Live| {
            let updated = live.write(expected, by, record);
            if updated == Updated::Updated {
                live.until = until;
            }
            updated
        };
        self.shard(key).change(key, now, write).unwrap_or(Updated::Gone)
    }

    /// Gives the first of its names.
    pub(super) fn rename(&self, key: StoreKey, names: Names, now: u64) -> Option<Names> {
        self.shard(key).live(key, now).map(|live| live.rename(names))
    }

    pub(super) fn begin(
        &self,
        key: StoreKey,
        expected: Revision,
        lease: Lease,
        (now, until): (u64, u64),
    ) -> Exchange {
        match self.shard(key).live(key, now) {
            Some(live) => live.begin(expected, lease, now, until),
            None => Exchange::Gone,
        }
    }

    pub(super) fn abandon(&self, key: StoreKey, owner: Owner, unclear: bool, now: u64) {
        if let Some(live) = self.shard(key).live(key, now) {
            live.abandon(owner, unclear);
        }
    }

    pub(super) fn touch(&self, key: StoreKey, summary: &[u8], now: u64) {
        if let Some(live) = self.shard(key).live(key, now) {
            live.touch(summary);
        }
    }

    /// Gives what was there, over or not.
    pub(super) fn close(&self, key: StoreKey, until: u64) -> Option<Live> {
        self.shard(key).close(key, until)
    }

    /// Takes out what is there, if it is over.
    pub(super) fn drop_over(&self, key: StoreKey, now: u64) -> Option<Live> {
        self.shard(key).drop_over(key, now)
    }

    /// Takes some of what is over out of the key's shard.
    pub(super) fn sweep_near(&self, key: StoreKey, now: u64) -> Vec<(StoreKey, Live)> {
        self.shard(key).sweep(now, AT_ONCE)
    }

    /// Takes out all that is over.
    pub(super) fn sweep(&self, now: u64) -> Vec<(StoreKey, Live)> {
        self.shards
            .each()
            .flat_map(|mut shard| shard.sweep(now, usize::MAX))
            .collect()
    }

    fn shard(&self, key: StoreKey) -> MutexGuard<'_, Shard> {
        self.shards.of(key.as_bytes())
    }
}

fn taken(found: &Found<'_>) -> Option<Taken> {
    match found {
        Found::Nothing => None,
        Found::Live(_) => Some(Taken::Live),
        Found::Closed => Some(Taken::Closed),
    }
}
