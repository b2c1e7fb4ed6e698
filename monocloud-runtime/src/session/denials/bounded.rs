//! Names that are denied, each with a moment, for as long as any session can live.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::time::Now;
use crate::crypto::Name;

#[derive(Default)]
pub(super) struct Bounded {
    by_name: HashMap<Name, Entry>,
    /// Each once, in the order in which they are forgotten.
    by_time: BTreeSet<(Instant, Name)>,
}

struct Entry {
    /// Of the issuer's clock, in seconds.
    moment: i64,
    /// When it was noted last, by our own clock, in milliseconds.
    noted_at: i64,
    until: Instant,
}

/// What several entries come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Latest {
    pub(super) moment: i64,
    pub(super) noted_at: i64,
    pub(super) until: Instant,
}

impl Bounded {
    /// The moment of a name.
    pub(super) fn get(&self, name: &Name) -> Option<i64> {
        self.by_name.get(name).map(|entry| entry.moment)
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Notes a name. Of two moments of one name the later counts.
    pub(super) fn insert(&mut self, name: Name, moment: i64, lifetime: Duration, now: Now) {
        let until = now.instant + lifetime;
        let entry = self.by_name.entry(name).or_insert(Entry {
            moment,
            noted_at: now.millis,
            until,
        });
        self.by_time.remove(&(entry.until, name));
        entry.moment = entry.moment.max(moment);
        entry.noted_at = entry.noted_at.max(now.millis);
        entry.until = until;
        self.by_time.insert((until, name));
    }

    /// Forgets what denies no session any more.
    pub(super) fn tidy(&mut self, lifetime: Duration, now: Now) {
        while let Some((until, name)) = self.by_time.first().copied()
            && until <= now.instant
        {
            self.by_time.pop_first();
            let Some(entry) = self.by_name.get_mut(&name) else {
                continue;
            };
            match now.until_over(entry.noted_at, lifetime) {
                Some(until) => {
                    entry.until = until;
                    self.by_time.insert((until, name));
                }
                None => drop(self.by_name.remove(&name)),
            }
        }
    }

    /// Keeps this many, those that would be forgotten last, and says what the others come to.
    pub(super) fn keep(&mut self, most: usize) -> Option<Latest> {
        let mut latest: Option<Latest> = None;
        while self.by_name.len() > most
            && let Some((until, name)) = self.by_time.pop_first()
        {
            let Some(entry) = self.by_name.remove(&name) else {
                continue;
            };
            let of_entry = Latest {
                moment: entry.moment,
                noted_at: entry.noted_at,
                until,
            };
            latest = Some(latest.map_or(of_entry, |latest| latest.and(of_entry)));
        }
        latest
    }
}

impl Latest {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            moment: self.moment.max(other.moment),
            noted_at: self.noted_at.max(other.noted_at),
            until: self.until.max(other.until),
        }
    }
}
