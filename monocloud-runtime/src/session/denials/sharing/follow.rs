//! What the others tell, read for as long as anybody wants to know.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::super::heard::FRESH;
use super::super::time::Now;
use super::seen::Seen;
use super::shared::{Inner, lock};
use super::signed;
use crate::crypto;
use crate::event::Event;
use crate::store::{Claim, Lease, LogPage, LogPosition, Owner, StoreError};

/// A read waits for so long where nothing is told.
const PATIENCE: Duration = Duration::from_millis(500);

/// After a read that failed.
const AGAIN: Duration = Duration::from_millis(500);

/// Between two reads that brought nothing, at least.
const PAUSE: Duration = Duration::from_millis(50);

/// A log of fewer entries is as short as need be.
pub(super) const SHORT: u64 = 10_000;

pub(super) async fn follow(inner: Weak<Inner>) {
    while let Some(inner) = inner.upgrade() {
        let asked = Instant::now();
        if lock(&inner.untold).is_due() {
            // What cannot be told is no reason to hear nothing.
            let inner = Arc::clone(&inner);
            tokio::spawn(async move { inner.tell_untold().await });
        }
        let heard = inner.hear().await;
        let pause = match &heard {
            Err(_) => AGAIN,
            Ok(0) => PAUSE.saturating_sub(asked.elapsed()),
            Ok(_) => Duration::ZERO,
        };
        inner.note(heard.as_ref().err());
        drop(inner);
        sleep(pause).await;
    }
}

impl Inner {
    /// Says how much was new.
    async fn hear(self: &Arc<Self>) -> Result<usize, StoreError> {
        let mut reader = *lock(&self.reader);
        let asked_at = self.heard.now();
        let read = self.log()?.read(self.site.log, reader.position, PATIENCE);
        let page = self.ask(read, PATIENCE).await?;
        let now = Now::at(self.site.clock.now_millis());
        for entry in &page.entries {
            let Some(entry) = signed::verify(entry, &self.site.names) else {
                self.say_unreadable();
                continue;
            };
            let is_over = entry.holds_until(self.site.lifetime, now).is_none();
            self.is_last_over.store(is_over, Ordering::Relaxed);
            self.memory.restore(&entry, self.site.lifetime, now);
            if let Some(seen) = &mut *lock(&self.read_again) {
                seen.add(&entry);
            }
        }
        reader.position = Some(page.position);
        if page.is_anew {
            tracing::warn!(
                name: "monocloud.logout.log_lost",
                "what the processes of this site told each other of sessions that are over was lost, or some of it: each tells again what it knows"
            );
            lock(&self.untold).add_everything();
            lock(&self.read_again).take();
            reader.reads_again = false;
        }
        if std::mem::take(&mut reader.reads_again) {
            reader.position = None;
            *lock(&self.read_again) = Some(Seen::default());
        } else if page.is_end {
            self.heard.note(asked_at);
            if let Some(seen) = lock(&self.read_again).take() {
                self.tell_what_is_missing(&seen);
            }
            if self.is_to_be_short(&page) {
                let inner = Arc::clone(self);
                let until = page.position;
                tokio::spawn(async move { inner.shorten(until).await });
            }
        }
        *lock(&self.reader) = reader;
        Ok(page.entries.len())
    }

    fn note(&self, error: Option<&StoreError>) {
        if error.is_some() {
            let doing = "say which sessions are over";
            self.site.events.emit(&Event::StoreUnavailable { doing });
            lock(&self.reader).reads_again = true;
        }
        let was_failing = std::mem::replace(&mut *lock(&self.failing), error.cloned()).is_some();
        match (error, was_failing) {
            (Some(error), false) => tracing::error!(
                name: "monocloud.logout.log_silent",
                error = %error,
                fresh = ?FRESH,
                "nothing can be heard of which sessions are over: while that lasts, nobody with a session is let in"
            ),
            (None, true) => {
                tracing::info!(name: "monocloud.logout.log_back", "which sessions are over can be heard again");
            }
            (Some(_), true) | (None, false) => {}
        }
        self.news.notify_waiters();
    }

    /// A store that went back to an earlier state, and went on from there, does not show it.
    fn tell_what_is_missing(self: &Arc<Self>, seen: &Seen) {
        let mut missing = self.everything();
        missing.retain(|entry| !seen.has(entry));
        if let Some(number) = lock(&self.untold).add(&missing) {
            let inner = Arc::clone(self);
            tokio::spawn(async move { inner.tell(number, &missing).await });
        }
    }

    /// Whether the log is much longer than what it says, and this process has read all of it.
    fn is_to_be_short(&self, page: &LogPage) -> bool {
        let looked_at = self.looked_at.swap(page.length, Ordering::Relaxed);
        page.length >= SHORT
            && page.length / 1_000 != looked_at / 1_000
            && !self.read_unreadable.load(Ordering::Relaxed)
            && !self.is_last_over.load(Ordering::Relaxed)
            && page.length >= SHORT + 4 * self.everything().len() as u64
    }

    /// Tells all of it again, and drops what was told before.
    async fn shorten(&self, until: LogPosition) {
        let shortened = async {
            if self.is_alone().await? {
                self.append(&self.everything()).await?;
                let trim = self.log()?.trim(self.site.log, until);
                self.ask(trim, Duration::ZERO).await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = shortened.await {
            tracing::warn!(name: "monocloud.logout.log_long", error = %error, "the log of what is over could not be made shorter");
        }
    }

    /// One process in a minute.
    async fn is_alone(&self) -> Result<bool, StoreError> {
        let lease = Lease {
            owner: Owner::from_bytes(crypto::random()),
            length: Duration::from_secs(60),
        };
        let Some(store) = self.site.store.coordinated() else {
            return Ok(false);
        };
        let claim = store.claim(self.site.log, lease);
        Ok(self.ask(claim, Duration::ZERO).await? == Claim::Claimed)
    }

    fn say_unreadable(&self) {
        if !self.read_unreadable.swap(true, Ordering::Relaxed) {
            tracing::error!(
                name: "monocloud.logout.log_unreadable",
                "something that was told of sessions that are over cannot be read, and ends nobody's session here: have all processes of this site the same cookie secrets, and the same version?"
            );
        }
    }
}
