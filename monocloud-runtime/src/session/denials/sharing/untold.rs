//! What the others may not know yet.

use std::time::Duration;

use tokio::time::Instant;

use super::super::entry::Entry;

/// So many entries are told again one by one; more are told with everything else.
const MOST: usize = 10_000;

/// After something could not be told: at first, and at most.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(super) struct Untold {
    entries: Vec<Entry>,
    /// All that is held here.
    everything: bool,
    /// How often something was added.
    added: u64,
    /// When it is tried again, and how long it was waited for that.
    again: Option<(Instant, Duration)>,
}

/// What is to be told.
pub(super) struct ToTell {
    pub(super) entries: Vec<Entry>,
    pub(super) everything: bool,
    added: u64,
}

impl Untold {
    pub(super) fn add(&mut self, entries: &[Entry]) {
        self.added += 1;
        if self.entries.len() + entries.len() > MOST {
            self.everything = true;
        }
        if self.everything {
            self.entries = Vec::new();
        } else {
            self.entries.extend(entries);
        }
    }

    pub(super) fn add_everything(&mut self) {
        self.added += 1;
        self.everything = true;
        self.entries = Vec::new();
    }

    /// Nothing, where all is told.
    pub(super) fn to_tell(&self) -> Option<ToTell> {
        (self.everything || !self.entries.is_empty()).then(|| ToTell {
            entries: self.entries.clone(),
            everything: self.everything,
            added: self.added,
        })
    }

    pub(super) fn is_due(&self) -> bool {
        let waits = |(until, _): (Instant, _)| until > Instant::now();
        (self.everything || !self.entries.is_empty()) && !self.again.is_some_and(waits)
    }

    /// What was added meanwhile stays.
    pub(super) fn told(&mut self, told: &ToTell) {
        self.again = None;
        if told.everything {
            if self.added == told.added {
                *self = Self::default();
            }
        } else {
            self.forget(&told.entries);
        }
    }

    pub(super) fn forget(&mut self, told: &[Entry]) {
        self.entries.retain(|entry| !told.contains(entry));
    }

    pub(super) fn failed(&mut self) {
        let pause = self
            .again
            .map_or(PAUSE, |(_, pause)| (pause * 2).min(LONGEST_PAUSE));
        self.again = Some((Instant::now() + pause, pause));
    }
}
