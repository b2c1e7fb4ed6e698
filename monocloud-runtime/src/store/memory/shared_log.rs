//! What clients in one process tell each other.

use std::time::Duration;

use bytes::Bytes;

use super::MemoryStore;
use crate::store::{BoxFuture, IndexKey, LogPage, LogPosition, SharedLog, StoreError};

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
            self.logs.trim(log, until);
            Ok(())
        })
    }
}
