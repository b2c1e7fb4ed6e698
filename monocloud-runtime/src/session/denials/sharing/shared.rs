//! What the tasks of a process share that tell and follow, and how they ask the store.

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::entry::Entry;
use super::super::heard::Heard;
use super::super::memory::Memory;
use super::super::time::Now;
use super::seen::Seen;
use super::signed;
use super::untold::Untold;
use crate::clock::Clock;
use crate::crypto::Names;
use crate::event::Events;
use crate::store::{IndexKey, LogPosition, SessionStore, SharedLog, StoreError};

/// Beside the longest that a session can live: clocks of processes differ by less.
const SLACK: Duration = Duration::from_hours(1);

/// Of entries that are appended at once.
const PAGE: usize = 1_000;

/// What the processes of a site share to tell each other what is over.
pub(crate) struct Site {
    pub(crate) store: Arc<dyn SessionStore>,
    /// The application's.
    pub(crate) log: IndexKey,
    pub(crate) names: Names,
    /// No session that is created by the clock lives longer.
    pub(crate) lifetime: Duration,
    pub(crate) clock: Clock,
    pub(crate) events: Events,
}

pub(super) struct Inner {
    pub(super) site: Site,
    pub(super) memory: Arc<Memory>,
    pub(super) heard: Heard,
    /// Where something was heard, or could not be.
    pub(super) news: Notify,
    /// Why nothing was heard with the last read.
    pub(super) failing: Mutex<Option<StoreError>>,
    pub(super) untold: Mutex<Untold>,
    /// Whoever tells it.
    pub(super) telling: tokio::sync::Mutex<()>,
    pub(super) reader: Mutex<Reader>,
    /// What was read since it is read again.
    pub(super) read_again: Mutex<Option<Seen>>,
    pub(super) read_unreadable: AtomicBool,
    /// Whether the last entry that was read is over by this clock, so that the clock is not to be trusted: nobody has told
    /// anything for as long as a session can live, or it is ahead by as much.
    pub(super) is_last_over: AtomicBool,
    /// How long the log was.
    pub(super) looked_at: AtomicU64,
    pub(super) follower: Mutex<Option<JoinHandle<()>>>,
}

/// What was read of the log.
#[derive(Clone, Copy, Default)]
pub(super) struct Reader {
    pub(super) position: Option<LogPosition>,
    /// After a silence another server may have the log, whose clock is behind: what was appended there then stands before
    /// what was read.
    pub(super) reads_again: bool,
}

impl Inner {
    pub(super) fn new(site: Site, memory: Arc<Memory>) -> Self {
        Self {
            site,
            memory,
            heard: Heard::nothing(),
            news: Notify::new(),
            failing: Mutex::default(),
            untold: Mutex::default(),
            telling: tokio::sync::Mutex::default(),
            reader: Mutex::default(),
            read_again: Mutex::default(),
            read_unreadable: AtomicBool::new(false),
            is_last_over: AtomicBool::new(false),
            looked_at: AtomicU64::new(0),
            follower: Mutex::default(),
        }
    }

    /// What has this number among the untold.
    pub(super) async fn tell(&self, number: u64, entries: &[Entry]) -> Result<(), StoreError> {
        let told = self.append(entries).await;
        match &told {
            Ok(()) => lock(&self.untold).forget(number),
            Err(_) => lock(&self.untold).failed(number),
        }
        told
    }

    pub(super) async fn tell_untold(&self) -> Result<(), StoreError> {
        let _alone = self.telling.lock().await;
        let untold = {
            let mut untold = lock(&self.untold);
            if untold.waits() {
                return Err(StoreError::other("it could not be told a moment ago"));
            }
            untold.begin()
        };
        let Some(untold) = untold else {
            return Ok(());
        };
        let told = if untold.everything {
            self.append(&self.everything()).await
        } else {
            self.append(&untold.entries).await
        };
        match &told {
            Ok(()) => lock(&self.untold).told(&untold),
            Err(_) => lock(&self.untold).failed_again(),
        }
        told
    }

    pub(super) fn everything(&self) -> Vec<Entry> {
        self.memory.entries(Now::at(self.site.clock.now_millis()))
    }

    pub(super) async fn append(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let keep = self.site.lifetime + SLACK;
        for page in entries.chunks(PAGE) {
            let signed = page
                .iter()
                .flat_map(|entry| signed::sign(*entry, &self.site.names));
            let signed: Vec<Bytes> = signed.collect();
            self.ask(self.log()?.append(self.site.log, signed, keep), Duration::ZERO)
                .await?;
        }
        Ok(())
    }

    /// `patience` is what it may wait on purpose.
    pub(super) async fn ask<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
        patience: Duration,
    ) -> Result<T, StoreError> {
        let limit = self.site.store.time_limit() + patience;
        let answer = timeout(limit, call).await;
        answer.unwrap_or(Err(StoreError::Timeout(limit)))
    }

    pub(super) fn log(&self) -> Result<&dyn SharedLog, StoreError> {
        let log = self.site.store.coordinated().and_then(|store| store.log());
        log.ok_or_else(|| StoreError::other("the store has no log"))
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
