//! What the others may not know yet.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::super::entry::Entry;

/// So many entries are told again as they came; more are told with everything else.
const MOST: usize = 10_000;

/// After something could not be told: at first, and at most.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Untold {
    /// In the order in which they came, by their numbers.
    news: BTreeMap<u64, News>,
    next: u64,
    /// All that is held here.
    everything: bool,
    /// Whether that was asked for since it began to be told.
    once_more: bool,
    /// When it is tried again, and how long it was waited for that.
    again: Option<(Instant, Duration)>,
}

struct News {
    entries: Vec<Entry>,
    /// Whoever told it first has not: it is told again.
    has_failed: bool,
}

/// What is to be told.
pub(super) struct ToTell {
    pub(super) entries: Vec<Entry>,
    pub(super) everything: bool,
    numbers: Vec<u64>,
}

impl Untold {
    /// Its number, under which it is being told; nothing where it is told with everything, or is nothing.
    pub(super) fn add(&mut self, entries: &[Entry]) -> Option<u64> {
        if entries.is_empty() {
            return None;
        }
        let held: usize = self.news.values().map(|news| news.entries.len()).sum();
        if held + entries.len() > MOST {
            self.add_everything();
            return None;
        }
        let number = self.next;
        self.next += 1;
        let news = News {
            entries: entries.to_vec(),
            has_failed: false,
        };
        self.news.insert(number, news);
        Some(number)
    }

    /// At once, however long ago something could not be told.
    pub(super) fn add_everything(&mut self) {
        self.news.clear();
        (self.everything, self.once_more) = (true, true);
        self.again = None;
    }

    /// What is to be told now; nothing, where all is told.
    pub(super) fn begin(&mut self) -> Option<ToTell> {
        self.once_more = false;
        self.is_any().then(|| ToTell {
            entries: self.news.values().flat_map(|news| news.entries.clone()).collect(),
            everything: self.everything,
            numbers: self.news.keys().copied().collect(),
        })
    }

    /// What is being told for the first time is not.
    pub(super) fn is_due(&self) -> bool {
        match self.again {
            Some((until, _)) => until <= Instant::now() && self.is_any(),
            None => self.everything,
        }
    }

    /// Whether there is something that could not be told a moment ago.
    pub(super) fn waits(&self) -> bool {
        self.is_any() && self.again.is_some_and(|(until, _)| until > Instant::now())
    }

    /// Whoever did may have ended with their runtime.
    pub(super) fn nobody_tells_it(&mut self) {
        if self.is_any() {
            self.news.values_mut().for_each(|news| news.has_failed = true);
            self.again = Some((Instant::now() + PAUSE, PAUSE));
        }
    }

    /// It was told.
    pub(super) fn forget(&mut self, number: u64) {
        self.news.remove(&number);
    }

    /// What came meanwhile stays.
    pub(super) fn told(&mut self, told: &ToTell) {
        for number in &told.numbers {
            self.forget(*number);
        }
        self.everything &= self.once_more;
        let is_left = self.everything || self.news.values().any(|news| news.has_failed);
        self.again = is_left.then(|| (Instant::now() + PAUSE, PAUSE));
    }

    /// What was told for the first time. However many fail at once, that is one reason to wait.
    pub(super) fn failed(&mut self, number: u64) {
        if let Some(news) = self.news.get_mut(&number) {
            news.has_failed = true;
        }
        self.again.get_or_insert_with(|| (Instant::now() + PAUSE, PAUSE));
    }

    pub(super) fn failed_again(&mut self) {
        let pause = self
            .again
            .map_or(PAUSE, |(_, pause)| (pause * 2).min(LONGEST_PAUSE));
        self.news.values_mut().for_each(|news| news.has_failed = true);
        self.again = Some((Instant::now() + pause, pause));
    }

    fn is_any(&self) -> bool {
        self.everything || !self.news.is_empty()
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

    fn entries(untold: &mut Untold) -> Vec<Entry> {
        untold.begin().map(|to_tell| to_tell.entries).unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_is_due_later_each_time_and_what_is_being_told_is_not() {
        let mut untold = Untold::default();
        untold.nobody_tells_it();
        let number = untold.add(&[entry(1)]).expect("it is news");
        assert!(!untold.is_due(), "it is being told");
        untold.failed(number);
        let mut pause = PAUSE;
        for _ in 0..10 {
            untold.failed(number);
            assert!(untold.waits() && !untold.is_due());
            tokio::time::advance(pause / 10 * 9).await;
            assert!(!untold.is_due(), "not before {pause:?}");
            tokio::time::advance(pause / 10).await;
            assert!(untold.is_due() && !untold.waits(), "after {pause:?}");
            untold.failed_again();
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        untold.forget(number);
        tokio::time::advance(LONGEST_PAUSE).await;
        assert!(!untold.is_due() && untold.begin().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_while_something_else_was_told_is_due_after_it() {
        let mut untold = Untold::default();
        let first = untold.add(&[entry(1)]).expect("it is news");
        untold.failed(first);
        let to_tell = untold.begin().expect("one");
        let second = untold.add(&[entry(2)]).expect("it is news");
        untold.failed(second);
        untold.told(&to_tell);
        tokio::time::advance(PAUSE).await;
        assert!(untold.is_due());
        assert_eq!(entries(&mut untold), [entry(2)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_told_by_a_runtime_that_ended_is_due() {
        let mut untold = Untold::default();
        untold.add(&[entry(1)]);
        untold.nobody_tells_it();
        tokio::time::advance(PAUSE).await;
        assert!(untold.is_due());
        let to_tell = untold.begin().expect("one");
        untold.add(&[entry(2)]);
        untold.told(&to_tell);
        tokio::time::advance(LONGEST_PAUSE).await;
        assert!(!untold.is_due(), "the second is being told");
        assert_eq!(entries(&mut untold), [entry(2)]);
    }

    /// Otherwise whoever has nothing new to say would have it told again and again.
    #[tokio::test(start_paused = true)]
    async fn everything_is_told_once_whatever_comes_meanwhile() {
        let mut untold = Untold::default();
        untold.add_everything();
        assert!(untold.is_due());
        let to_tell = untold.begin().expect("everything");
        assert!(to_tell.everything);
        assert_eq!(untold.add(&[]), None);
        untold.add(&[entry(1)]);
        untold.told(&to_tell);
        assert!(!untold.is_due(), "what came is being told");
        let to_tell = untold.begin().expect("what came");
        assert!(!to_tell.everything && to_tell.entries == [entry(1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn everything_that_is_asked_for_while_it_is_told_is_told_again_a_moment_later() {
        let mut untold = Untold::default();
        untold.add_everything();
        let to_tell = untold.begin().expect("everything");
        untold.add_everything();
        untold.told(&to_tell);
        assert!(!untold.is_due());
        tokio::time::advance(PAUSE).await;
        assert!(untold.is_due() && untold.begin().expect("it").everything);
    }

    #[tokio::test(start_paused = true)]
    async fn too_much_is_told_with_everything() {
        let mut untold = Untold::default();
        assert!(untold.add(&vec![entry(1); MOST]).is_some());
        assert!(!untold.begin().expect("some").everything);
        assert_eq!(untold.add(&[entry(2)]), None);
        let to_tell = untold.begin().expect("everything");
        assert!(to_tell.everything && to_tell.entries.is_empty());
    }
}
