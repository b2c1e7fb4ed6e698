//! What several processes tell each other.

use bytes::Bytes;
use monocloud_runtime::store::{LogPage, LogPosition};

use super::Fault;

const PAGE: usize = 1_000;
const EPOCH: [u8; 16] = [7; 16];
/// In bytes.
const LONGEST: usize = 1_024;

/// Entries are never lost, so it has one epoch.
#[derive(Default)]
pub(crate) struct Log {
    /// How many were dropped before those that are there.
    dropped: u64,
    kept: Vec<Bytes>,
}

impl Log {
    pub(crate) fn append(&mut self, mut entries: Vec<Bytes>, fault: Option<Fault>) {
        if fault == Some(Fault::EntriesAreCut) {
            for entry in &mut entries {
                entry.truncate(LONGEST - 1);
            }
        }
        let lost = usize::from(fault == Some(Fault::AppendLosesAnEntry) && entries.len() > 1);
        self.kept.extend(entries.into_iter().skip(lost));
    }

    /// What stands there now.
    pub(crate) fn read(&self, after: Option<LogPosition>, fault: Option<Fault>) -> LogPage {
        let is = |of: Fault| fault == Some(of);
        let is_mine = |after: &LogPosition| after.epoch == EPOCH || is(Fault::PositionsOfALostLogAreTaken);
        let known = after.filter(is_mine);
        let is_anew = after.is_some() && known.is_none();
        let goes_on = if is(Fault::LostLogsAreNotReadAgain) {
            after
        } else {
            known
        };
        let begin = goes_on.map_or(0, |at| at.entry.0).max(self.dropped);
        let skipped = usize::try_from(begin - self.dropped).unwrap_or(usize::MAX);
        let entries: Vec<Bytes> = self.kept.iter().skip(skipped).take(PAGE).cloned().collect();
        let mut behind = begin + entries.len() as u64;
        if is(Fault::ReadSkipsAPage) && entries.len() == PAGE {
            behind += PAGE as u64;
        }
        let position = LogPosition {
            epoch: EPOCH,
            entry: (behind, 0),
        };
        let mut page = LogPage::new(entries, position);
        page.is_anew = is_anew && !is(Fault::LossIsNotSaid);
        page.length = self.kept.len() as u64;
        page.is_end = behind >= self.dropped + page.length || is(Fault::EveryPageIsTheEnd);
        page
    }

    pub(crate) fn trim(&mut self, until: LogPosition, fault: Option<Fault>) {
        if until.epoch != EPOCH && fault != Some(Fault::TrimTakesAnyPosition) {
            return;
        }
        let further = u64::from(fault == Some(Fault::TrimTakesTooMuch));
        let dropped = (until.entry.0 + further).saturating_sub(self.dropped);
        let dropped = usize::try_from(dropped)
            .unwrap_or(usize::MAX)
            .min(self.kept.len());
        self.kept.drain(..dropped);
        self.dropped += dropped as u64;
    }
}
