//! A log that is no longer what it was.

use std::time::Duration;

use bytes::Bytes;
use monocloud_runtime::http_client::BoxFuture;
use monocloud_runtime::store::{IndexKey, LogPage, LogPosition, SharedLog, StoreError};

use super::{Call, Faulty};

/// As one process finds it.
#[derive(Default)]
pub(super) struct Log {
    name: Option<IndexKey>,
    /// How often it was lost.
    lost: u8,
    news_is_before: bool,
    passed_over: usize,
}

impl Faulty {
    /// What is told from now on stands before what was read, as by a server whose clock is behind: only who reads from the
    /// start finds it.
    pub(crate) fn read_from_the_start(&self) {
        self.state().log.news_is_before = true;
    }

    /// Whether something was told that this process has not found.
    pub(crate) fn has_passed_over(&self) -> bool {
        self.state().log.passed_over > 0
    }

    /// The log is gone, and begins anew.
    pub(crate) async fn lose_the_log(&self) {
        self.forget_what_was_told().await;
        self.state().log.lost += 1;
    }

    /// The store went back to an earlier state, and nothing shows it.
    pub(crate) async fn forget_what_was_told(&self) {
        let name = self.state().log.name.expect("the log was read");
        let mut end = None;
        loop {
            let page = self.store.read(name, end, Duration::ZERO).await.unwrap();
            end = Some(page.position);
            if page.is_end {
                return self.store.trim(name, page.position).await.unwrap();
            }
        }
    }
}

/// A position of the log as it is, as one of the log that began so late, and the other way round.
fn of_epoch(lost: u8, mut position: LogPosition) -> LogPosition {
    position.epoch[0] ^= lost;
    position
}

impl SharedLog for Faulty {
    fn append(
        &self,
        log: IndexKey,
        entries: Vec<Bytes>,
        keep: Duration,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.through(Call::Append, self.store.append(log, entries, keep)))
    }

    fn read(
        &self,
        log: IndexKey,
        after: Option<LogPosition>,
        patience: Duration,
    ) -> BoxFuture<'_, Result<LogPage, StoreError>> {
        let lost = {
            let mut state = self.state();
            state.log.name = Some(log);
            state.log.lost
        };
        let from = after.map(|after| of_epoch(lost, after));
        Box::pin(self.through(Call::Read, async move {
            let mut page = self.store.read(log, from, patience).await?;
            page.position = of_epoch(lost, page.position);
            let mut state = self.state();
            if state.log.news_is_before && after.is_some() {
                state.log.passed_over += page.entries.len();
                page.entries.clear();
            }
            Ok(page)
        }))
    }

    fn trim(&self, log: IndexKey, until: LogPosition) -> BoxFuture<'_, Result<(), StoreError>> {
        let until = of_epoch(self.state().log.lost, until);
        Box::pin(self.through(Call::Append, self.store.trim(log, until)))
    }
}
