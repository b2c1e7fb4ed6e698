//! Which sessions are over before their time, whatever their cookie says: those that ended here, and those that the
//! issuer says are over. Asked wherever a session is read, and when one is created.
//!
//! In memory, so that a restart forgets it, unless there is a file.

mod bounded;
mod by_issuer;
mod ended;
mod ending;
mod entry;
#[cfg(test)]
mod folder;
mod log;
mod time;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use self::by_issuer::ByIssuer;
use self::ended::Ended;
use self::entry::{Entry, Kind};
use self::log::Found;
use self::time::Now;
use self::writer::Writer;
use super::record::Record;
use crate::crypto::Names;

pub(crate) use by_issuer::{Full, Whose};
pub(crate) use ending::Ending;
pub(crate) use writer::Written;

pub(crate) struct Denials {
    names: Names,
    memory: Arc<Memory>,
    writer: Option<Writer>,
}

#[derive(Default)]
struct Memory {
    ended: Ended,
    by_issuer: ByIssuer,
}

impl Denials {
    /// In memory alone.
    pub(crate) fn new(names: Names) -> Self {
        Self {
            names,
            memory: Arc::default(),
            writer: None,
        }
    }

    /// In memory and in a file, which nobody else may have open. The last two are as in [`Self::end`].
    pub(crate) fn in_file(
        names: Names,
        path: &Path,
        lifetime: Duration,
        now_millis: i64,
    ) -> Result<Self, String> {
        let found = Found::at(path)?;
        let (memory, now) = (Arc::<Memory>::default(), Now::at(now_millis));
        for entry in found.entries() {
            memory.restore(entry, lifetime, now);
        }
        let held = memory.clone();
        let writer = found
            .with(&memory.entries(now))
            .and_then(|log| Writer::start(log, now, move |now| held.entries(now)));
        Ok(Self {
            names,
            memory,
            writer: Some(writer.map_err(|error| format!("it cannot be written ({error})"))?),
        })
    }

    /// Whether the session is over.
    pub(crate) fn denies(&self, record: &Record) -> bool {
        self.memory.ended.contains(record, &self.names) || self.is_logged_out(record)
    }

    /// Whether the issuer says so.
    pub(crate) fn is_logged_out(&self, record: &Record) -> bool {
        self.memory.by_issuer.denies(record, &self.names)
    }

    /// From which millisecond on a new session of `sub` does not count as one that ended here: one to come, where the
    /// clock was set back.
    pub(crate) fn earliest(&self, sub: &str) -> i64 {
        self.memory.ended.earliest(sub, &self.names)
    }

    /// Ends one session. `lifetime` is the longest that any can live; `now_millis` is the time by which they are created.
    pub(crate) fn end(&self, ending: Ending, lifetime: Duration, now_millis: i64) {
        let now = Now::at(now_millis);
        let entry = self
            .memory
            .ended
            .insert(ending, self.names.current(), (lifetime, now));
        // It is on its way, and nobody waits for it.
        let _ = self.write(Vec::from_iter(entry), now);
    }

    /// Ends all sessions of `sub` that were created by now. The last two are as in [`Self::end`].
    pub(crate) fn end_account(&self, sub: &str, lifetime: Duration, now_millis: i64) -> Written {
        let now = Now::at(now_millis);
        let namer = self.names.current();
        let entry = self
            .memory
            .ended
            .insert_account(sub, namer, (lifetime, now), now_millis);
        self.write(vec![entry], now)
    }

    /// Ends what `issuer` says is over, each with the moment by its own clock by which the ID tokens of those sessions
    /// were issued. The last two are as in [`Self::end`]. It is over at once, also where it cannot be written.
    pub(crate) fn log_out<'a>(
        &self,
        issuer: &str,
        over: impl IntoIterator<Item = (Whose<'a>, i64)>,
        lifetime: Duration,
        now_millis: i64,
    ) -> Written {
        let now = Now::at(now_millis);
        let deny = |(whose, issued_by)| {
            let namer = self.names.current();
            self.memory
                .by_issuer
                .deny((issuer, whose), namer, issued_by, (lifetime, now))
        };
        self.write(over.into_iter().map(deny).collect(), now)
    }

    /// The same for a `sid` that nobody has proved to be the issuer's word: says whether that is new, and is refused where
    /// there are too many.
    pub(crate) fn log_out_unproved(
        &self,
        issuer: &str,
        sid: &str,
        lifetime: Duration,
        now_millis: i64,
    ) -> Result<(bool, Written), Full> {
        let now = Now::at(now_millis);
        let namer = self.names.current();
        let entry = self
            .memory
            .by_issuer
            .deny_unproved((issuer, sid), namer, (lifetime, now))?;
        Ok((entry.is_some(), self.write(Vec::from_iter(entry), now)))
    }

    fn write(&self, entries: Vec<Entry>, now: Now) -> Written {
        match &self.writer {
            Some(writer) if !entries.is_empty() => writer.write(entries, now),
            _ => Written::nothing(),
        }
    }
}

impl Memory {
    fn restore(&self, entry: &Entry, lifetime: Duration, now: Now) {
        match entry.kind {
            Kind::Ended | Kind::EndedBefore | Kind::EverybodyBefore => {
                self.ended.restore(entry, lifetime, now);
            }
            Kind::Sid | Kind::Sub | Kind::Everybody | Kind::UnprovedSid => {
                self.by_issuer.restore(entry, lifetime, now);
            }
        }
    }

    fn entries(&self, now: Now) -> Vec<Entry> {
        let mut entries = self.ended.entries(now);
        entries.extend(self.by_issuer.entries(now));
        entries
    }
}
