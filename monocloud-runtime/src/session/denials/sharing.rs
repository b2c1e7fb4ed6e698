//! What is over, told by each process to all that share a log with it.
//!
//! Whoever ends a session is told that it is over once the others can read it. Each reads what the others tell all the
//! time; one that has heard nothing for [`FRESH`] does not know what is over, and must take nobody's word for being signed
//! in. So what is over is so everywhere within that time, whatever fails.

mod follow;
mod signed;
mod untold;

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use self::follow::Reader;
use self::untold::Untold;
use super::Memory;
use super::entry::Entry;
use super::heard::{FRESH, Heard};
use super::time::Now;
use super::written::{NotWritten, Written};
use crate::clock::Clock;
use crate::crypto::Names;
use crate::event::Events;
use crate::store::{IndexKey, SessionStore, SharedLog, StoreError};

/// Beside the longest that a session can live: clocks of processes differ by less.
const SLACK: Duration = Duration::from_hours(1);

/// Of entries that are appended at once.
const PAGE: usize = 1_000;

pub(super) struct Sharing {
    inner: Arc<Inner>,
}

/// Where processes share a log, and what they need to read it.
pub(crate) struct Place {
    pub(crate) store: Arc<dyn SessionStore>,
    /// The application's.
    pub(crate) log: IndexKey,
    pub(crate) names: Names,
    /// No session that is created by the clock lives longer.
    pub(crate) lifetime: Duration,
    pub(crate) clock: Clock,
    pub(crate) events: Events,
}

struct Inner {
    place: Place,
    memory: Arc<Memory>,
    heard: Heard,
    /// Where something was heard, or could not be.
    news: Notify,
    /// Why nothing was heard with the last read.
    failing: Mutex<Option<StoreError>>,
    untold: Mutex<Untold>,
    /// Whoever tells it.
    telling: tokio::sync::Mutex<()>,
    reader: Mutex<Reader>,
    read_unreadable: AtomicBool,
    /// How long the log was.
    looked_at: AtomicU64,
    follower: Mutex<Option<JoinHandle<()>>>,
}

impl Sharing {
    pub(super) fn new(place: Place, memory: Arc<Memory>) -> Self {
        Self {
            inner: Arc::new(Inner {
                place,
                memory,
                heard: Heard::nothing(),
                news: Notify::new(),
                failing: Mutex::default(),
                untold: Mutex::default(),
                telling: tokio::sync::Mutex::default(),
                reader: Mutex::default(),
                read_unreadable: AtomicBool::new(false),
                looked_at: AtomicU64::new(0),
                follower: Mutex::default(),
            }),
        }
    }

    /// Whether this process knows what is over.
    pub(super) fn is_current(&self) -> bool {
        self.inner.heard.is_fresh()
    }

    /// Waits until this process knows what is over, as long as there is hope.
    pub(super) async fn current(&self) -> Result<(), StoreError> {
        self.follow();
        let deadline = Instant::now() + FRESH;
        loop {
            let news = self.inner.news.notified();
            if self.is_current() {
                return Ok(());
            }
            if let Some(error) = lock(&self.inner.failing).clone() {
                return Err(error);
            }
            if timeout_at(deadline, news).await.is_err() {
                return Err(StoreError::Timeout(FRESH));
            }
        }
    }

    /// Why this process does not know what is over.
    pub(super) fn why_not_current(&self) -> StoreError {
        self.follow();
        let failing = lock(&self.inner.failing).clone();
        failing.unwrap_or(StoreError::Timeout(FRESH))
    }

    /// Tells the others, and again until it is told. Where it is nothing new, they may not have been told yet.
    pub(super) fn tell(&self, entries: Vec<Entry>) -> Written {
        let (tell, told) = oneshot::channel();
        let inner = Arc::clone(&self.inner);
        lock(&inner.untold).add(&entries);
        self.follow();
        // Without a runtime it is told by whoever follows next; until then nobody hears that it is done.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                let outcome = if entries.is_empty() {
                    inner.tell_untold().await
                } else {
                    inner.tell(&entries).await
                };
                // Who has gone away does not wait for it.
                let _ = tell.send(outcome.map_err(|error| NotWritten::Untold(error.to_string())));
            });
        }
        Written::soon(told)
    }

    /// Begins to read, where nobody does: the runtime of who did may have ended.
    fn follow(&self) {
        let mut follower = lock(&self.inner.follower);
        let is_followed = follower.as_ref().is_some_and(|task| !task.is_finished());
        if !is_followed && let Ok(runtime) = Handle::try_current() {
            *follower = Some(runtime.spawn(follow::follow(Arc::downgrade(&self.inner))));
        }
    }
}

impl Inner {
    async fn tell(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let told = self.append(entries).await;
        match &told {
            Ok(()) => lock(&self.untold).forget(entries),
            Err(_) => lock(&self.untold).failed(),
        }
        told
    }

    async fn tell_untold(&self) -> Result<(), StoreError> {
        let _alone = self.telling.lock().await;
        let Some(untold) = lock(&self.untold).to_tell() else {
            return Ok(());
        };
        let told = if untold.everything {
            self.append(&self.everything()).await
        } else {
            self.append(&untold.entries).await
        };
        match &told {
            Ok(()) => lock(&self.untold).told(&untold),
            Err(_) => lock(&self.untold).failed(),
        }
        told
    }

    fn everything(&self) -> Vec<Entry> {
        self.memory.entries(Now::at(self.place.clock.now_millis()))
    }

    async fn append(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let keep = self.place.lifetime + SLACK;
        for page in entries.chunks(PAGE) {
            let signed = page
                .iter()
                .flat_map(|entry| signed::sign(*entry, &self.place.names));
            let signed: Vec<Bytes> = signed.collect();
            self.ask(self.log()?.append(self.place.log, signed, keep), Duration::ZERO)
                .await?;
        }
        Ok(())
    }

    /// `patience` is what it may wait on purpose.
    async fn ask<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
        patience: Duration,
    ) -> Result<T, StoreError> {
        let limit = self.place.store.time_limit() + patience;
        let answer = timeout(limit, call).await;
        answer.unwrap_or(Err(StoreError::Timeout(limit)))
    }

    fn log(&self) -> Result<&dyn SharedLog, StoreError> {
        let log = self.place.store.coordinated().and_then(|store| store.log());
        log.ok_or_else(|| StoreError::other("the store has no log"))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
