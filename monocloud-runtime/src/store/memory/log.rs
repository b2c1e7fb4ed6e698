//! The logs that clients in one process share.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::crypto;
use crate::store::{IndexKey, LogPage, LogPosition, StoreError};

/// In one log.
const MOST: usize = 1_000_000;
const PAGE: usize = 1_000;

pub(super) struct Logs {
    pub(super) epoch: [u8; 16],
    by_name: Mutex<HashMap<IndexKey, Log>>,
    pub(super) appended: Notify,
}

#[derive(Default)]
struct Log {
    /// How many were dropped before those that are there.
    dropped: u64,
    /// Each with the millisecond until which it is kept.
    kept: VecDeque<(u64, Bytes)>,
}

impl Logs {
    pub(super) fn new() -> Self {
        Self {
            epoch: crypto::random(),
            by_name: Mutex::default(),
            appended: Notify::new(),
        }
    }

    pub(super) fn append(
        &self,
        name: IndexKey,
        entries: Vec<Bytes>,
        now: u64,
        until: u64,
    ) -> Result<(), StoreError> {
        let mut logs = self.by_name();
        let log = logs.entry(name).or_default();
        log.drop_while(|_, (until, _)| *until <= now);
        if log.kept.len() + entries.len() > MOST {
            return Err(StoreError::Full);
        }
        log.kept.extend(entries.into_iter().map(|entry| (until, entry)));
        drop(logs);
        self.appended.notify_waiters();
        Ok(())
    }

    pub(super) fn read(&self, name: IndexKey, after: u64) -> LogPage {
        let mut logs = self.by_name();
        let log = logs.entry(name).or_default();
        let skipped = usize::try_from(after.saturating_sub(log.dropped)).unwrap_or(usize::MAX);
        let page = log.kept.iter().skip(skipped).take(PAGE);
        let entries: Vec<Bytes> = page.map(|(_, entry)| entry.clone()).collect();
        let behind = after.max(log.dropped) + entries.len() as u64;
        let position = LogPosition {
            epoch: self.epoch,
            entry: (behind, 0),
        };
        let length = log.kept.len() as u64;
        LogPage {
            is_end: behind >= log.dropped + length,
            length,
            ..LogPage::new(entries, position)
        }
    }

    pub(super) fn trim(&self, name: IndexKey, until: LogPosition) {
        if until.epoch == self.epoch {
            let mut logs = self.by_name();
            let log = logs.entry(name).or_default();
            log.drop_while(|before, _| before < until.entry.0);
        }
    }

    fn by_name(&self) -> MutexGuard<'_, HashMap<IndexKey, Log>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// `is_over` is told how many there were before.
    fn drop_while(&mut self, is_over: impl Fn(u64, &(u64, Bytes)) -> bool) {
        while self
            .kept
            .front()
            .is_some_and(|first| is_over(self.dropped, first))
        {
            self.kept.pop_front();
            self.dropped += 1;
        }
    }
}
