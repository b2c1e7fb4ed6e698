//! One-time values: whose they are, and which are done.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::hash::ByHmac;
use crate::store::{Claim, IndexKey, Owner, StoreError};

/// They live some minutes, and come with a signature of the issuer's: more are none of an ordinary day.
const MOST: usize = 100_000;

#[derive(Default)]
pub(super) struct Claims {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    claims: HashMap<IndexKey, Claimed, ByHmac>,
    due: BTreeSet<(u64, IndexKey)>,
}

struct Claimed {
    /// Nobody's any more: it is done.
    owner: Option<Owner>,
    until: u64,
}

impl Claims {
    pub(super) fn claim(
        &self,
        name: IndexKey,
        owner: Owner,
        (now, until): (u64, u64),
    ) -> Result<Claim, StoreError> {
        let mut known = self.known();
        known.sweep(now);
        let is_full = known.claims.len() >= MOST;
        match known.claims.entry(name) {
            Entry::Occupied(claimed) if claimed.get().owner.is_none() => return Ok(Claim::Done),
            Entry::Occupied(_) => return Ok(Claim::InProgress),
            Entry::Vacant(_) if is_full => return Err(StoreError::Full),
            Entry::Vacant(vacant) => vacant.insert(Claimed {
                owner: Some(owner),
                until,
            }),
        };
        known.due.insert((until, name));
        Ok(Claim::Claimed)
    }

    /// Until when it stays known, or that it is free. Whether it was the owner's.
    pub(super) fn settle(&self, name: IndexKey, owner: Owner, now: u64, until: Option<u64>) -> bool {
        let mut known = self.known();
        known.sweep(now);
        let Known { claims, due } = &mut *known;
        let Some(claimed) = claims
            .get_mut(&name)
            .filter(|claimed| claimed.owner == Some(owner))
        else {
            return false;
        };
        due.remove(&(claimed.until, name));
        if let Some(until) = until {
            *claimed = Claimed { owner: None, until };
            due.insert((until, name));
        } else {
            claims.remove(&name);
        }
        true
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// All of them: what remains is known and in time.
    fn sweep(&mut self, now: u64) {
        while let Some((until, name)) = self.due.first().copied()
            && until <= now
        {
            self.due.pop_first();
            self.claims.remove(&name);
        }
    }
}
