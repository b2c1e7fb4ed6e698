//! Which sessions are over before their time, whatever their cookie says: those that ended here, and those that the
//! issuer says are over. Asked wherever a session is read, and when one is created.
//!
//! In memory, so that a restart forgets it, unless there is a file, or others who share a log with this process.

mod bounded;
mod by_issuer;
mod ended;
mod ending;
mod entry;
#[cfg(test)]
mod folder;
mod heard;
mod log;
mod memory;
mod sharing;
mod time;
mod writer;
mod written;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use self::entry::Entry;
use self::log::Found;
use self::memory::Memory;
use self::sharing::Sharing;
use self::time::Now;
use self::writer::Writer;
use super::record::Record;
use crate::crypto::{Namer, Names};
use crate::store::StoreError;

pub(crate) use by_issuer::{Full, Whose};
pub(crate) use ending::Ending;
pub(crate) use sharing::Site;
pub(crate) use written::Written;

pub(crate) struct Denials {
    names: Names,
    memory: Arc<Memory>,
    beside: Beside,
}

/// Where it is beside memory.
enum Beside {
    Nowhere,
    File(Writer),
    Others(Sharing),
}

impl Denials {
    /// In memory alone.
    pub(crate) fn new(names: Names) -> Self {
        Self {
            names,
            memory: Arc::default(),
            beside: Beside::Nowhere,
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
            beside: Beside::File(writer.map_err(|error| format!("it cannot be written ({error})"))?),
        })
    }

    /// In the memory of each process that shares a log.
    pub(crate) fn shared(site: Site) -> Self {
        let memory = Arc::<Memory>::default();
        Self {
            names: site.names.clone(),
            beside: Beside::Others(Sharing::new(site, memory.clone())),
            memory,
        }
    }

    /// Whether other processes are told what is over, and tell it.
    pub(crate) fn are_shared(&self) -> bool {
        matches!(self.beside, Beside::Others(_))
    }

    /// Why this process does not know what is over: it has not heard from the others for too long.
    pub(crate) fn not_current(&self) -> Option<StoreError> {
        match &self.beside {
            Beside::Others(sharing) if !sharing.is_current() => Some(sharing.why_not_current()),
            _ => None,
        }
    }

    /// Waits until this process knows what is over, as long as there is hope.
    pub(crate) async fn current(&self) -> Result<(), StoreError> {
        match &self.beside {
            Beside::Others(sharing) => sharing.current().await,
            _ => Ok(()),
        }
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
    pub(crate) fn end(&self, ending: Ending, lifetime: Duration, now_millis: i64) -> Written {
        let now = Now::at(now_millis);
        let ended = &self.memory.ended;
        let insert = |namer| ended.insert(ending, namer, (lifetime, now));
        let written = self.write(self.namers().filter_map(insert).collect(), now);
        if self.are_shared() {
            written
        } else {
            // It is on its way to the disk, and nobody waits for that.
            Written::nothing()
        }
    }

    /// Ends all sessions of `sub` that were created by now. The last two are as in [`Self::end`].
    pub(crate) fn end_account(&self, sub: &str, lifetime: Duration, now_millis: i64) -> Written {
        let now = Now::at(now_millis);
        let ended = &self.memory.ended;
        let insert = |namer| ended.insert_account(sub, namer, (lifetime, now), now_millis);
        self.write(self.namers().map(insert).collect(), now)
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
        let mut entries = Vec::new();
        for (whose, issued_by) in over {
            let deny = |namer| {
                let by_issuer = &self.memory.by_issuer;
                by_issuer.deny((issuer, whose), namer, issued_by, (lifetime, now))
            };
            entries.extend(self.namers().map(deny));
        }
        self.write(entries, now)
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
        let by_issuer = &self.memory.by_issuer;
        let deny = |namer| by_issuer.deny_unproved((issuer, sid), namer, (lifetime, now));
        let entries: Result<Vec<_>, Full> = self.namers().map(deny).collect();
        let entries: Vec<Entry> = entries?.into_iter().flatten().collect();
        Ok((!entries.is_empty(), self.write(entries, now)))
    }

    /// What is over is written under the current secret; for others under the earlier ones, too, which may be the only ones
    /// that they have as long as they are not restarted.
    fn namers(&self) -> impl Iterator<Item = Namer<'_>> {
        let count = if self.are_shared() { usize::MAX } else { 1 };
        self.names.each().take(count)
    }

    fn write(&self, entries: Vec<Entry>, now: Now) -> Written {
        match &self.beside {
            Beside::File(writer) if !entries.is_empty() => writer.write(entries, now),
            Beside::Others(sharing) => sharing.tell(entries),
            _ => Written::nothing(),
        }
    }
}
