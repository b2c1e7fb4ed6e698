//! What several processes tell each other.

use std::time::Duration;

use bytes::Bytes;

use super::{IndexKey, StoreError};
use crate::http_client::BoxFuture;

/// What several processes tell each other, in the order in which it was told: by it they learn which sessions are over,
/// where these are in cookies. Each application has a log of its own, with a name.
///
/// It is never read from a copy that may lag behind what was appended.
pub trait SharedLog: Send + Sync {
    /// Appends entries, of 1 KiB at most and each for `keep` at least, in this order; others' may stand between them, and
    /// none at all may be given. Says that it is done only when all of them would survive the loss of one machine, as far as
    /// the store can. Where it fails some may be there; they are appended again, and mean the same twice.
    fn append(
        &self,
        log: IndexKey,
        entries: Vec<Bytes>,
        keep: Duration,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// What stands after a position, or from the beginning on, the oldest first. Where there is nothing yet it is waited
    /// for, up to about `patience`, and no other call meanwhile. A position that was trimmed is as good as the beginning.
    ///
    /// Where the log has lost what the position is of, that is said, and it is read from its beginning from there on.
    fn read(
        &self,
        log: IndexKey,
        after: Option<LogPosition>,
        patience: Duration,
    ) -> BoxFuture<'_, Result<LogPage, StoreError>>;

    /// Drops the entries before a position, and the one that it stands behind: what they say was appended again. Nothing,
    /// where the log is of another epoch.
    fn trim(&self, log: IndexKey, until: LogPosition) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// A place in a log, behind an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogPosition {
    /// Random, and another one once the store has lost the log and it began anew.
    pub epoch: [u8; 16],
    /// How the store counts entries.
    pub entry: (u64, u64),
}

/// Some entries of a log.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogPage {
    /// The oldest first, 1,000 or so at most.
    pub entries: Vec<Bytes>,
    /// Behind the last one of them.
    pub position: LogPosition,
    /// Whether the log has lost what the position was of, or some of it, so that these stand at its beginning, if there are
    /// any.
    pub is_anew: bool,
    /// Whether that was the end of the log when it was read.
    pub is_end: bool,
    /// About how many entries the whole log has: one that repeats itself is made shorter. 0 where that cannot be told.
    pub length: u64,
}

impl LogPage {
    /// What was read of a log that has lost nothing, and that goes on.
    pub fn new(entries: Vec<Bytes>, position: LogPosition) -> Self {
        Self {
            entries,
            position,
            is_anew: false,
            is_end: false,
            length: 0,
        }
    }
}
