//! Names that are denied, each with a moment, for as long as any session can live.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::entry::{Entry, Kind};
use super::time::Now;
use crate::crypto::Name;

#[derive(Default)]
pub(super) struct Bounded {
    by_name: HashMap<Name, Latest>,
    /// Each once, in the order in which they are forgotten.
    by_time: BTreeSet<(Instant, Name)>,
}

/// What several notes come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Latest {
    /// Of the issuer's clock, in seconds.
    pub(super) moment: i64,
    /// When it was noted last, by our own clock, in milliseconds.
    pub(super) noted_at: i64,
    pub(super) until: Instant,
}

impl Bounded {
    /// The moment of a name.
    pub(super) fn get(&self, name: &Name) -> Option<i64> {
        self.by_name.get(name).map(|latest| latest.moment)
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Notes a name. Of two moments of one name the later counts.
    pub(super) fn note(&mut self, name: Name, latest: Latest) {
        let known = self.by_name.entry(name).or_insert(latest);
        self.by_time.remove(&(known.until, name));
        *known = known.and(latest);
        self.by_time.insert((known.until, name));
    }

    /// Forgets what denies no session any more.
    pub(super) fn tidy(&mut self, lifetime: Duration, now: Now) {
        while let Some((until, name)) = self.by_time.first().copied()
            && until <= now.instant
        {
            self.by_time.pop_first();
            let Some(latest) = self.by_name.get_mut(&name) else {
                continue;
            };
            match now.until_over(latest.noted_at, lifetime) {
                Some(until) => {
                    latest.until = until;
                    self.by_time.insert((until, name));
                }
                None => drop(self.by_name.remove(&name)),
            }
        }
    }

    /// Keeps this many, those that would be forgotten last, and says what the others come to.
    pub(super) fn keep(&mut self, most: usize) -> Option<Latest> {
        let mut others: Option<Latest> = None;
        while self.by_name.len() > most
            && let Some((_, name)) = self.by_time.pop_first()
        {
            if let Some(latest) = self.by_name.remove(&name) {
                others = Some(others.map_or(latest, |others| others.and(latest)));
            }
        }
        others
    }

    /// All of them, for a file.
    pub(super) fn entries(&self, kind: Kind, now: Now) -> impl Iterator<Item = Entry> {
        let of = move |(name, latest): (&Name, &Latest)| latest.entry(kind, *name, now);
        self.by_name.iter().map(of)
    }
}

impl Latest {
    pub(super) fn new(moment: i64, lifetime: Duration, now: Now) -> Self {
        Self {
            moment,
            noted_at: now.millis,
            until: now.instant + lifetime,
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            moment: self.moment.max(other.moment),
            noted_at: self.noted_at.max(other.noted_at),
            until: self.until.max(other.until),
        }
    }

    pub(super) fn entry(self, kind: Kind, name: Name, now: Now) -> Entry {
        Entry {
            kind,
            name,
            session: Name::default(),
            moment: self.moment,
            noted_at: self.noted_at,
            until: now.millis_at(self.until),
        }
    }
}
