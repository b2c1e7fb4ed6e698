//! What the issuer says is over: sessions of a `sid`, and those of a `sub` up to a moment.
//!
//! A `sid` is denied outright: no time is compared. For a `sub` the ID token's `iat` is compared with the logout's, both by
//! the issuer's clock; one of the same second counts as earlier. Where there are too many, the oldest become one moment for
//! everybody: more people sign in again than would have to, and no session is revived. What nobody has signed has a bound
//! of its own, at which more is refused: it pushes out nothing and signs out nobody else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use super::super::record::Record;
use super::bounded::{Bounded, Latest};
use super::entry::{Entry, Kind};
use super::time::Now;
use crate::crypto::{Name, Named, Namer, Names};

/// About 25 MB.
const MAX_SIDS: usize = 200_000;

/// About 12 MB.
const MAX_SUBS: usize = 100_000;

/// Of those that came by the front channel, where anybody may have sent them. About 6 MB.
const MAX_UNPROVED: usize = 50_000;

const MOST: Most = Most {
    sids: MAX_SIDS,
    subs: MAX_SUBS,
};

/// Whose sessions are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose<'a> {
    /// Of one session at the issuer.
    Sid(&'a str),
    /// Of a user, whose ID token was issued by then, in seconds since the Unix epoch.
    Sub(&'a str),
    /// Of those the ones of which the issuer never said which session of its own they are of.
    SubWithoutSid(&'a str),
}

#[derive(Default)]
pub(super) struct ByIssuer {
    any: AtomicBool,
    denied: RwLock<Denied>,
}

#[derive(Default)]
struct Denied {
    sids: Bounded,
    subs: Bounded,
    /// Each a `sid`.
    unproved: Bounded,
    everybody: Option<Latest>,
}

/// How many there may be.
#[derive(Clone, Copy)]
struct Most {
    sids: usize,
    subs: usize,
}

/// More came than are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// What of a session is compared.
#[derive(Clone, Copy)]
struct Subject {
    sid: Option<Name>,
    sub: Name,
    /// The user of one that has no `sid`.
    sub_without_sid: Option<Name>,
    /// `iat` of its first ID token; the earliest time of all where it is not known.
    issued_at: i64,
}

impl ByIssuer {
    pub(super) fn denies(&self, record: &Record, names: &Names) -> bool {
        self.any.load(Ordering::Acquire) && {
            let denied = self.denied.read().unwrap_or_else(PoisonError::into_inner);
            names
                .each()
                .any(|namer| denied.denies(Subject::of(record, namer)))
        }
    }

    /// The ID tokens of these sessions were issued by `issued_by`; none that is created by now lives longer than `lifetime`.
    /// What is returned is to be written.
    pub(super) fn deny(
        &self,
        (issuer, whose): (&str, Whose<'_>),
        namer: Namer<'_>,
        issued_by: i64,
        (lifetime, now): (Duration, Now),
    ) -> Entry {
        let (kind, what, value) = match whose {
            Whose::Sid(sid) => (Kind::Sid, Named::Sid, sid),
            Whose::Sub(sub) => (Kind::Sub, Named::Sub, sub),
            Whose::SubWithoutSid(sub) => (Kind::Sub, Named::SubWithoutSid, sub),
        };
        let name = namer.of(what, issuer, value);
        let latest = Latest::new(issued_by, lifetime, now);
        let mut denied = self.denied.write().unwrap_or_else(PoisonError::into_inner);
        denied.tidy(lifetime, now);
        denied.insert(kind, name, latest, MOST);
        self.any.store(true, Ordering::Release);
        latest.entry(kind, name, now)
    }

    /// Denies a `sid` that somebody has named who may be anybody. What is new is returned, to be written.
    pub(super) fn deny_unproved(
        &self,
        (issuer, sid): (&str, &str),
        namer: Namer<'_>,
        (lifetime, now): (Duration, Now),
    ) -> Result<Option<Entry>, Full> {
        let name = namer.of(Named::Sid, issuer, sid);
        let latest = Latest::new(0, lifetime, now);
        let mut denied = self.denied.write().unwrap_or_else(PoisonError::into_inner);
        denied.tidy(lifetime, now);
        let is_new = denied.insert_unproved(name, latest, MAX_UNPROVED)?;
        self.any.store(true, Ordering::Release);
        Ok(is_new.then(|| latest.entry(Kind::UnprovedSid, name, now)))
    }

    /// Takes an entry of a file back.
    pub(super) fn restore(&self, entry: &Entry, lifetime: Duration, now: Now) {
        let Some(until) = entry.holds_until(lifetime, now) else {
            return;
        };
        let latest = Latest {
            moment: entry.moment,
            noted_at: entry.noted_at,
            until,
        };
        let mut denied = self.denied.write().unwrap_or_else(PoisonError::into_inner);
        denied.tidy(lifetime, now);
        match entry.kind {
            Kind::UnprovedSid => denied.unproved.note(entry.name, latest),
            kind => denied.insert(kind, entry.name, latest, MOST),
        }
        self.any.store(true, Ordering::Release);
    }

    /// All of them, for a file.
    pub(super) fn entries(&self, now: Now) -> Vec<Entry> {
        let denied = self.denied.read().unwrap_or_else(PoisonError::into_inner);
        let everybody = denied.everybody.iter();
        let sids = denied.sids.entries(Kind::Sid, now);
        sids.chain(denied.subs.entries(Kind::Sub, now))
            .chain(denied.unproved.entries(Kind::UnprovedSid, now))
            .chain(everybody.map(|latest| latest.entry(Kind::Everybody, Name::default(), now)))
            .collect()
    }
}

impl Subject {
    fn of(record: &Record, namer: Namer<'_>) -> Self {
        let (issuer, sub) = (record.issuer(), record.user().sub());
        let sid = record.sid().map(|sid| namer.of(Named::Sid, issuer, sid));
        Self {
            sid,
            sub: namer.of(Named::Sub, issuer, sub),
            sub_without_sid: match sid {
                Some(_) => None,
                None => Some(namer.of(Named::SubWithoutSid, issuer, sub)),
            },
            issued_at: record.issued_at(),
        }
    }
}

impl Denied {
    fn denies(&self, subject: Subject) -> bool {
        let issued_by = |moment: Option<i64>| moment.is_some_and(|moment| subject.issued_at <= moment);
        let sub = |name: &Name| issued_by(self.subs.get(name));
        issued_by(self.everybody.map(|everybody| everybody.moment))
            || subject
                .sid
                .is_some_and(|sid| self.sids.get(&sid).is_some() || self.unproved.get(&sid).is_some())
            || sub(&subject.sub)
            || subject.sub_without_sid.as_ref().is_some_and(sub)
    }

    fn insert(&mut self, kind: Kind, name: Name, latest: Latest, most: Most) {
        let (of_kind, most) = match kind {
            Kind::Sid => (&mut self.sids, most.sids),
            Kind::Sub => (&mut self.subs, most.subs),
            _ => {
                self.everybody = Some(self.everybody.map_or(latest, |earlier| earlier.and(latest)));
                return;
            }
        };
        of_kind.note(name, latest);
        if of_kind.len() <= most {
            return;
        }
        let Some(oldest) = of_kind.keep(most - most / 10) else {
            return;
        };
        let everybody = self.everybody.map_or(oldest, |earlier| earlier.and(oldest));
        self.everybody = Some(everybody);
        tracing::error!(
            name: "monocloud.logout.full",
            ?kind,
            most,
            issued_until = everybody.moment,
            "the issuer ended more sessions than are remembered one by one: everybody whose ID token is as old as the oldest of those has to sign in again"
        );
    }

    /// Says whether it is new. What is known is not noted anew: no session of a `sid` that is denied begins.
    fn insert_unproved(&mut self, name: Name, latest: Latest, most: usize) -> Result<bool, Full> {
        if self.sids.get(&name).is_some() || self.unproved.get(&name).is_some() {
            return Ok(false);
        }
        if self.unproved.len() >= most {
            return Err(Full);
        }
        self.unproved.note(name, latest);
        Ok(true)
    }

    fn tidy(&mut self, lifetime: Duration, now: Now) {
        self.unproved.tidy(lifetime, now);
        self.sids.tidy(lifetime, now);
        self.subs.tidy(lifetime, now);
        if let Some(everybody) = &mut self.everybody
            && everybody.until <= now.instant
        {
            match now.until_over(everybody.noted_at, lifetime) {
                Some(until) => everybody.until = until,
                None => self.everybody = None,
            }
        }
    }
}

#[cfg(test)]
mod tests;
