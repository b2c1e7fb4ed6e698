//! What is over, told by each process to all that share a log with it.
//!
//! Whoever ends a session is told that it is over once the others can read it. Each reads what the others tell all the
//! time; one that has heard nothing for [`FRESH`] does not know what is over, and must take nobody's word for being signed
//! in. So what is over is so everywhere within that time, whatever fails.

mod follow;
mod seen;
mod shared;
mod signed;
mod untold;

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

pub(crate) use self::shared::Site;
use self::shared::{Inner, lock};
use super::entry::Entry;
use super::heard::FRESH;
use super::memory::Memory;
use super::written::{NotWritten, Written};
use crate::store::StoreError;

pub(super) struct Sharing {
    inner: Arc<Inner>,
}

impl Sharing {
    pub(super) fn new(site: Site, memory: Arc<Memory>) -> Self {
        Self {
            inner: Arc::new(Inner::new(site, memory)),
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
        self.follow();
        let number = lock(&inner.untold).add(&entries);
        let untold = |error: StoreError| NotWritten::Untold(error.to_string());
        let Ok(runtime) = Handle::try_current() else {
            // Whoever follows next tells it.
            let _ = tell.send(Err(untold(StoreError::other(
                "there is no runtime to tell it in",
            ))));
            return Written::soon(told);
        };
        runtime.spawn(async move {
            let outcome = match number {
                Some(number) => inner.tell(number, &entries).await,
                None => inner.tell_untold().await,
            };
            // Who has gone away does not wait for it.
            let _ = tell.send(outcome.map_err(untold));
        });
        Written::soon(told)
    }

    /// Begins to read, where nobody does: the runtime of who did may have ended.
    fn follow(&self) {
        let mut follower = lock(&self.inner.follower);
        let is_followed = follower.as_ref().is_some_and(|task| !task.is_finished());
        if !is_followed && let Ok(runtime) = Handle::try_current() {
            lock(&self.inner.untold).nobody_tells_it();
            *follower = Some(runtime.spawn(follow::follow(Arc::downgrade(&self.inner))));
        }
    }
}

#[cfg(test)]
mod tests;
