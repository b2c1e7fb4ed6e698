//! All that a process remembers of what is over.

use std::time::Duration;

use super::by_issuer::ByIssuer;
use super::ended::Ended;
use super::entry::{Entry, Kind};
use super::time::Now;

#[derive(Default)]
pub(super) struct Memory {
    pub(super) ended: Ended,
    pub(super) by_issuer: ByIssuer,
}

impl Memory {
    pub(super) fn restore(&self, entry: &Entry, lifetime: Duration, now: Now) {
        match entry.kind {
            Kind::Ended | Kind::EndedBefore | Kind::EverybodyBefore => {
                self.ended.restore(entry, lifetime, now);
            }
            Kind::Sid | Kind::Sub | Kind::Everybody | Kind::UnprovedSid => {
                self.by_issuer.restore(entry, lifetime, now);
            }
        }
    }

    pub(super) fn entries(&self, now: Now) -> Vec<Entry> {
        let mut entries = self.ended.entries(now);
        entries.extend(self.by_issuer.entries(now));
        entries
    }
}
