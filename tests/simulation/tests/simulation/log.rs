//! The log by which processes tell each other what is over, beside sessions in cookies.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use monocloud_runtime::store::{
    BoxFuture, Coordinated as _, IndexKey, LogPage, LogPosition, MemoryStore, SharedLog, StoreError,
};
use tokio::time::Instant;

use crate::store::{Answer, Shared};
use crate::trouble::Call;

/// Of a store that may lose it.
#[derive(Default)]
pub(crate) struct Log(Mutex<Arc<MemoryStore>>);

impl Log {
    /// Another one begins.
    pub(crate) fn lose(&self) {
        *self.current() = Arc::default();
    }

    fn is(&self, log: &Arc<MemoryStore>) -> bool {
        Arc::ptr_eq(&self.current(), log)
    }

    fn current(&self) -> MutexGuard<'_, Arc<MemoryStore>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn the_log(&self) -> &Log {
        self.watch.log.as_ref().expect("sessions are in cookies")
    }

    fn kept(&self) -> Arc<MemoryStore> {
        self.the_log().current().clone()
    }
}

fn of(memory: &MemoryStore) -> &dyn SharedLog {
    memory.log().expect("memory has a log")
}

impl SharedLog for Shared {
    fn append(&self, log: IndexKey, entries: Vec<Bytes>, keep: Duration) -> BoxFuture<'_, Answer<()>> {
        Box::pin(async move {
            let kept = self.kept();
            let into = kept.clone();
            let append = async move { of(&into).append(log, entries, keep).await };
            self.ask(Call::Append, append).await?;
            // What was lost on the way was never there.
            let is_there = self.the_log().is(&kept);
            is_there
                .then_some(())
                .ok_or_else(|| StoreError::unreachable("the log is lost"))
        })
    }

    fn read(
        &self,
        log: IndexKey,
        after: Option<LogPosition>,
        patience: Duration,
    ) -> BoxFuture<'_, Answer<LogPage>> {
        Box::pin(async move {
            let (kept, asked_at) = (self.kept(), Instant::now());
            let read = async move { of(&kept).read(log, after, patience).await };
            let page = self.ask(Call::Read, read).await?;
            let ledger = &self.world.ledger;
            if page.is_anew {
                ledger.saw("a log is found to have begun anew");
            }
            if page.is_end {
                ledger.heard(&self.life, asked_at);
            }
            Ok(page)
        })
    }

    fn trim(&self, log: IndexKey, until: LogPosition) -> BoxFuture<'_, Answer<()>> {
        let kept = self.kept();
        self.ask(Call::Trim, async move { of(&kept).trim(log, until).await })
    }
}
