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

    /// At once, however long ago something could not be told.
    pub(super) fn add_everything(&mut self) {
        self.added += 1;
        self.again = None;
        self.everything = true;
        self.entries = Vec::new();
    }

    /// Nothing, where all is told.
    pub(super) fn to_tell(&self) -> Option<ToTell> {
        self.is_any().then(|| ToTell {
            entries: self.entries.clone(),
            everything: self.everything,
            added: self.added,
        })
    }

    /// What is being told for the first time is not.
    pub(super) fn is_due(&self) -> bool {
        match self.again {
            Some((until, _)) => until <= Instant::now() && self.is_any(),
            None => self.everything,
        }
    }

    /// Whoever did may have ended with their runtime.
    pub(super) fn nobody_tells_it(&mut self) {
        if self.is_any() {
            self.again = Some((Instant::now(), PAUSE));
        }
    }

    fn is_any(&self) -> bool {
        self.everything || !self.entries.is_empty()
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

    /// What was told for the first time. However many fail at once, that is one reason to wait.
    pub(super) fn failed(&mut self) {
        self.again.get_or_insert_with(|| (Instant::now() + PAUSE, PAUSE));
    }

    pub(super) fn failed_again(&mut self) {
        let pause = self
            .again
            .map_or(PAUSE, |(_, pause)| (pause * 2).min(LONGEST_PAUSE));
        self.again = Some((Instant::now() + pause, pause));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::entry::{Entry, Kind};
    use super::{LONGEST_PAUSE, MOST, PAUSE, Untold};

    fn entry(moment: i64) -> Entry {
        Entry {
            kind: Kind::Ended,
            name: [7; 16],
            session: [1; 16],
            moment,
            noted_at: 0,
            until: i64::MAX,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_is_due_later_each_time_and_what_is_being_told_is_not() {
        let mut untold = Untold::default();
        untold.nobody_tells_it();
        untold.add(&[entry(1)]);
        assert!(!untold.is_due(), "it is being told");
        untold.nobody_tells_it();
        assert!(untold.is_due(), "whoever told it is gone");
        untold.told(&untold.to_tell().expect("one"));
        untold.add(&[entry(1)]);
        let mut pause = PAUSE;
        for _ in 0..10 {
            untold.failed_again();
            untold.failed();
            assert!(!untold.is_due());
            tokio::time::advance(pause / 10 * 9).await;
            assert!(!untold.is_due(), "not before {pause:?}");
            tokio::time::advance(pause / 10).await;
            assert!(untold.is_due(), "after {pause:?}");
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        untold.forget(&[entry(1)]);
        assert!(!untold.is_due() && untold.to_tell().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_forgets_how_long_was_waited() {
        let mut untold = Untold::default();
        untold.add(&[entry(1)]);
        untold.failed();
        untold.failed_again();
        let to_tell = untold.to_tell().expect("one");
        untold.add(&[entry(2)]);
        untold.told(&to_tell);
        assert!(!untold.is_due(), "the second is being told");
        untold.failed();
        tokio::time::advance(PAUSE).await;
        assert!(untold.is_due());
        assert_eq!(untold.to_tell().expect("one").entries, [entry(2)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_while_everything_is_told_is_told_again() {
        let mut untold = Untold::default();
        untold.add_everything();
        assert!(untold.is_due());
        let to_tell = untold.to_tell().expect("everything");
        untold.add(&[entry(1)]);
        untold.told(&to_tell);
        assert!(untold.is_due(), "what came is in no list of its own");
        let to_tell = untold.to_tell().expect("everything");
        untold.told(&to_tell);
        assert!(!untold.is_due() && untold.to_tell().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn too_much_is_told_with_everything() {
        let mut untold = Untold::default();
        untold.add(&vec![entry(1); MOST]);
        assert!(!untold.to_tell().expect("some").everything);
        untold.add(&[entry(2)]);
        let to_tell = untold.to_tell().expect("everything");
        assert!(to_tell.everything && to_tell.entries.is_empty());
    }
}
