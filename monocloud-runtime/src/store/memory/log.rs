//! The logs that clients in one process share.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use super::MemoryStore;
use crate::crypto;
use crate::store::{BoxFuture, IndexKey, LogPage, LogPosition, SharedLog, StoreError};

/// In one log.
const MOST: usize = 1_000_000;
const PAGE: usize = 1_000;

pub(super) struct Logs {
    epoch: [u8; 16],
    by_name: Mutex<HashMap<IndexKey, Log>>,
    appended: Notify,
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

    fn append(&self, name: IndexKey, entries: Vec<Bytes>, now: u64, until: u64) -> Result<(), StoreError> {
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

    fn read(&self, name: IndexKey, after: u64) -> LogPage {
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

impl SharedLog for MemoryStore {
    fn append(
        &self,
        log: IndexKey,
        entries: Vec<Bytes>,
        keep: Duration,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let (now, until) = self.span(keep);
            self.logs.append(log, entries, now, until)
        })
    }

    fn read(
        &self,
        log: IndexKey,
        after: Option<LogPosition>,
        patience: Duration,
    ) -> BoxFuture<'_, Result<LogPage, StoreError>> {
        Box::pin(async move {
            let was_known = after.is_some();
            let known = after.filter(|after| after.epoch == self.logs.epoch);
            let after = known.map_or(0, |after| after.entry.0);
            let appended = self.logs.appended.notified();
            let mut page = self.logs.read(log, after);
            page.is_anew = was_known && known.is_none();
            if !page.entries.is_empty() || known.is_none() {
                return Ok(page);
            }
            // Whether something came or the time is over, what is there by now is the answer.
            let _ = tokio::time::timeout(patience, appended).await;
            Ok(self.logs.read(log, after))
        })
    }

    fn trim(&self, log: IndexKey, until: LogPosition) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            if until.epoch == self.logs.epoch {
                let mut logs = self.logs.by_name();
                let log = logs.entry(log).or_default();
                log.drop_while(|before, _| before < until.entry.0);
            }
            Ok(())
        })
    }
}
