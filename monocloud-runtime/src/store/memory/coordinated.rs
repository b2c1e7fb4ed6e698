//! What belongs to several sessions, or to several who write one.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;

use super::MemoryStore;
use crate::store::{
    BoxFuture, CLOSED_FOR, Claim, Coordinated, Denial, Exchange, IndexKey, Lease, Listed, Owner, Record,
    Revision, SharedLog, StoreError, StoreKey, Strangers, Updated,
};

impl MemoryStore {
    /// Where there is no room to deny what comes later, those that are there end all the same.
    fn end_now(
        &self,
        whose: &[IndexKey],
        denial: Denial,
        strangers: Strangers,
        lifetime: Duration,
    ) -> Result<Vec<StoreKey>, StoreError> {
        let (now, until) = self.span(lifetime);
        let mut ended = Vec::new();
        let mut are_kept = true;
        for name in whose {
            let mut deny = self
                .index
                .deny(*name, denial, strangers, (now, until), &self.denials);
            if !deny.is_kept {
                self.denials.free(self.index.sweep(now));
                deny = self
                    .index
                    .deny(*name, denial, strangers, (now, until), &self.denials);
            }
            are_kept &= deny.is_kept;
            for key in deny.members {
                if self.close(key, CLOSED_FOR) {
                    ended.push(key);
                }
                // One that is being created is not there yet, and will not be.
                self.index.remove(*name, key);
            }
        }
        if are_kept {
            Ok(ended)
        } else {
            Err(StoreError::Full)
        }
    }

    fn list_now(&self, sub: &[IndexKey]) -> Vec<Listed> {
        let now = self.now();
        let mut members: Vec<_> = sub.iter().flat_map(|name| self.index.members(*name)).collect();
        members.sort_by_key(|member| (member.created_at, member.key));
        let mut seen = HashSet::new();
        members.retain(|member| seen.insert(member.key));
        let listed = |key| {
            Some(Listed {
                key,
                summary: self.cells.summary(key, now)?,
            })
        };
        members
            .into_iter()
            .filter_map(|member| listed(member.key))
            .collect()
    }
}

impl Coordinated for MemoryStore {
    fn begin(
        &self,
        key: StoreKey,
        expected: Revision,
        lease: Lease,
    ) -> BoxFuture<'_, Result<Exchange, StoreError>> {
        Box::pin(async move { Ok(self.cells.begin(key, expected, lease, self.span(lease.length))) })
    }

    fn commit(
        &self,
        key: StoreKey,
        expected: Revision,
        owner: Owner,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        Box::pin(async move { Ok(self.write(key, expected, Some(owner), &record)) })
    }

    fn abandon(&self, key: StoreKey, owner: Owner, unclear: bool) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.cells.abandon(key, owner, unclear, self.now());
            Ok(())
        })
    }

    fn end_all(
        &self,
        whose: Vec<IndexKey>,
        denial: Denial,
        strangers: Strangers,
        lifetime: Duration,
    ) -> BoxFuture<'_, Result<Vec<StoreKey>, StoreError>> {
        Box::pin(async move { self.end_now(&whose, denial, strangers, lifetime) })
    }

    fn list(&self, sub: Vec<IndexKey>) -> BoxFuture<'_, Result<Vec<Listed>, StoreError>> {
        Box::pin(async move { Ok(self.list_now(&sub)) })
    }

    fn touch(&self, key: StoreKey, summary: Bytes) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.cells.touch(key, &summary, self.now());
            Ok(())
        })
    }

    fn claim(&self, name: IndexKey, lease: Lease) -> BoxFuture<'_, Result<Claim, StoreError>> {
        Box::pin(async move { self.claims.claim(name, lease.owner, self.span(lease.length)) })
    }

    fn settle(
        &self,
        name: IndexKey,
        owner: Owner,
        keep: Option<Duration>,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let (now, until) = self.span(keep.unwrap_or_default());
            Ok(self.claims.settle(name, owner, now, keep.map(|_| until)))
        })
    }

    fn log(&self) -> Option<&dyn SharedLog> {
        Some(self)
    }
}
