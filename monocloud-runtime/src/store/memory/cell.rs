//! The record of one live session: what each write does to it.

use std::time::Duration;

use bytes::Bytes;

use crate::store::{Exchange, Lease, Names, NewRecord, Owner, Record, Revision, Stored, Updated};

/// A session that is not over, unless its time is.
pub(super) struct Live {
    sealed: Box<[u8]>,
    summary: Box<[u8]>,
    /// In the store's milliseconds.
    pub(super) until: u64,
    revision: Revision,
    names: Names,
    rare: Option<Box<Rare>>,
}

/// What most sessions do without most of the time.
#[derive(Default)]
struct Rare {
    exchange: Option<Held>,
    /// Whether an exchange was given up that nobody knows the end of.
    unclear: bool,
    /// What it is filed under since.
    renamed: Vec<Names>,
}

#[derive(Clone, Copy)]
struct Held {
    /// Nobody, where whoever took it over has given it up.
    owner: Option<Owner>,
    until: u64,
    is_taken_over: bool,
}

impl Live {
    /// Bytes are copied: those of the caller may be a small part of something large.
    pub(super) fn new(new: &NewRecord, until: u64) -> Self {
        Self {
            sealed: new.record.sealed.as_ref().into(),
            summary: new.record.summary.as_ref().into(),
            until,
            revision: Revision::FIRST,
            names: new.names,
            rare: None,
        }
    }

    pub(super) fn stored(&self) -> Stored {
        Stored {
            sealed: Bytes::copy_from_slice(&self.sealed),
            revision: self.revision,
        }
    }

    pub(super) fn summary(&self) -> Bytes {
        Bytes::copy_from_slice(&self.summary)
    }

    pub(super) fn touch(&mut self, summary: &[u8]) {
        self.summary = summary.into();
    }

    /// All that it is filed under.
    pub(super) fn names(&self) -> impl Iterator<Item = Names> {
        let renamed = self.rare.iter().flat_map(|rare| rare.renamed.iter());
        [self.names].into_iter().chain(renamed.copied())
    }

    /// Gives the first of its names.
    pub(super) fn rename(&mut self, names: Names) -> Names {
        if self.names().all(|known| known != names) {
            self.rare.get_or_insert_default().renamed.push(names);
        }
        self.names
    }

    /// A write of anybody's, or of an exchange's owner. The lifetime is for the caller.
    pub(super) fn write(&mut self, expected: Revision, by: Option<Owner>, record: &Record) -> Updated {
        if by.is_some() && by != self.held().and_then(|held| held.owner) {
            return Updated::NotOwner;
        }
        if self.revision != expected {
            return Updated::Conflict(self.revision);
        }
        self.sealed = record.sealed.as_ref().into();
        self.summary = record.summary.as_ref().into();
        self.revision = expected.next();
        if by.is_some() {
            self.end_exchange(|_| false);
        }
        Updated::Updated
    }

    pub(super) fn begin(&mut self, expected: Revision, lease: Lease, now: u64, until: u64) -> Exchange {
        let held = self.held();
        if let Some(left) = held
            .and_then(|held| held.until.checked_sub(now))
            .filter(|left| *left > 0)
        {
            let left = Duration::from_millis(left);
            return Exchange::Busy { left };
        }
        if self.revision != expected {
            return Exchange::Newer(self.revision);
        }
        let rare = self.rare.get_or_insert_default();
        rare.exchange = Some(Held {
            owner: Some(lease.owner),
            until,
            is_taken_over: held.is_some(),
        });
        Exchange::Begun {
            taken_over: held.is_some(),
            unclear: rare.unclear,
        }
    }

    pub(super) fn abandon(&mut self, owner: Owner, unclear: bool) {
        let Some(held) = self.held().filter(|held| held.owner == Some(owner)) else {
            return;
        };
        self.end_exchange(|before| before || unclear);
        if held.is_taken_over {
            self.rare.get_or_insert_default().exchange = Some(Held {
                owner: None,
                until: 0,
                ..held
            });
        }
    }

    fn held(&self) -> Option<Held> {
        self.rare.as_ref()?.exchange
    }

    fn end_exchange(&mut self, unclear: impl FnOnce(bool) -> bool) {
        if let Some(rare) = &mut self.rare {
            rare.exchange = None;
            rare.unclear = unclear(rare.unclear);
            if !rare.unclear && rare.renamed.is_empty() {
                self.rare = None;
            }
        }
    }
}
