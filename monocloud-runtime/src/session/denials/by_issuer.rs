//! What the issuer says is over: sessions of a `sid`, and those of a `sub` up to a moment.
//!
//! In memory: a restart forgets it. A `sid` is denied outright: no time is compared. For a `sub` the ID token's `iat` is
//! compared with the logout's, both by the issuer's clock; one of the same second counts as earlier. Where there are too
//! many, the oldest become one moment for everybody: more people sign in again than would have to, and no session is
//! revived. What nobody has signed has a bound of its own, at which more is refused: it pushes out nothing and signs out
//! nobody else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use super::super::record::Record;
use super::bounded::{Bounded, Latest};
use super::time::Now;
use crate::crypto::{Name, Named, Names};

/// About 25 MB.
const MAX_SIDS: usize = 200_000;

/// About 12 MB.
const MAX_SUBS: usize = 100_000;

/// Of those that came by the front channel, where anybody may have sent them. About 6 MB.
const MAX_UNPROVED: usize = 50_000;

/// Whose sessions are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose<'a> {
    /// Of one session at the issuer.
    Sid(&'a str),
    /// Of a user, whose ID token was issued by then, in seconds since the Unix epoch.
    Sub(&'a str),
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
    /// `iat` of its first ID token; the earliest time of all where it is not known.
    issued_at: i64,
}

impl ByIssuer {
    pub(super) fn denies(&self, record: &Record, names: &Names) -> bool {
        self.any.load(Ordering::Acquire) && {
            let subject = Subject::of(record, names);
            let denied = self.denied.read().unwrap_or_else(PoisonError::into_inner);
            denied.denies(subject)
        }
    }

    /// `issued_at` is the issuer's moment; `now_millis` is the time by which sessions are created, of which none lives
    /// longer than `lifetime`.
    pub(super) fn deny(
        &self,
        whose: Whose<'_>,
        issuer: &str,
        names: &Names,
        issued_at: i64,
        (lifetime, now_millis): (Duration, i64),
    ) {
        let (kind, value) = match whose {
            Whose::Sid(sid) => (Named::Sid, sid),
            Whose::Sub(sub) => (Named::Sub, sub),
        };
        let name = names.of(kind, issuer, value);
        let most = Most {
            sids: MAX_SIDS,
            subs: MAX_SUBS,
        };
        self.denied
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(kind, name, issued_at, lifetime, Now::at(now_millis), most);
        self.any.store(true, Ordering::Release);
    }

    /// Denies a `sid` that somebody has named who may be anybody. Says whether that is new.
    pub(super) fn deny_unproved(
        &self,
        sid: &str,
        issuer: &str,
        names: &Names,
        (lifetime, now_millis): (Duration, i64),
    ) -> Result<bool, Full> {
        let name = names.of(Named::Sid, issuer, sid);
        let is_new = self
            .denied
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert_unproved(name, lifetime, Now::at(now_millis), MAX_UNPROVED)?;
        self.any.store(true, Ordering::Release);
        Ok(is_new)
    }
}

impl Subject {
    fn of(record: &Record, names: &Names) -> Self {
        let issuer = record.issuer();
        Self {
            sid: record.sid().map(|sid| names.of(Named::Sid, issuer, sid)),
            sub: names.of(Named::Sub, issuer, record.user().sub()),
            issued_at: record.issued_at(),
        }
    }
}

impl Denied {
    fn denies(&self, subject: Subject) -> bool {
        let Subject { sid, sub, issued_at } = subject;
        self.everybody
            .is_some_and(|everybody| issued_at <= everybody.moment)
            || sid.is_some_and(|sid| self.sids.get(&sid).is_some() || self.unproved.get(&sid).is_some())
            || self.subs.get(&sub).is_some_and(|until| issued_at <= until)
    }

    fn insert(&mut self, named: Named, name: Name, issued_at: i64, lifetime: Duration, now: Now, most: Most) {
        self.tidy(lifetime, now);
        let (of_kind, most) = match named {
            Named::Sid => (&mut self.sids, most.sids),
            Named::Sub => (&mut self.subs, most.subs),
        };
        of_kind.insert(name, issued_at, lifetime, now);
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
            kind = ?named,
            most,
            issued_until = everybody.moment,
            "the issuer ended more sessions than are remembered one by one: everybody whose ID token is as old as the oldest of those has to sign in again"
        );
    }

    fn insert_unproved(
        &mut self,
        name: Name,
        lifetime: Duration,
        now: Now,
        most: usize,
    ) -> Result<bool, Full> {
        self.tidy(lifetime, now);
        if self.sids.get(&name).is_some() {
            return Ok(false);
        }
        let is_new = self.unproved.get(&name).is_none();
        if is_new && self.unproved.len() >= most {
            return Err(Full);
        }
        self.unproved.insert(name, 0, lifetime, now);
        Ok(is_new)
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
