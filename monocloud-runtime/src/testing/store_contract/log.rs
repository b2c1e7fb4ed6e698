//! What several processes tell each other.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;

use super::given::{LONG, SHORT, Store, name, sealed_bytes, shared};
use crate::crypto::random;
use crate::store::{IndexKey, LogPosition, SharedLog};

/// In bytes.
const LONGEST: usize = 1_024;

/// More than are read at once.
const MANY: u32 = 2_500;

fn log(store: &Store) -> &dyn SharedLog {
    shared(store).log().expect("the store has a log")
}

/// A log that is nobody else's.
#[derive(Clone, Copy)]
struct Mine(IndexKey);

fn entry(number: u32) -> Bytes {
    number.to_be_bytes().to_vec().into()
}

fn number(entry: &Bytes) -> u32 {
    u32::from_be_bytes(entry[..].try_into().expect("the entry is as it was appended"))
}

impl Mine {
    fn new() -> Self {
        Self(name())
    }

    async fn append(&self, store: &Store, numbers: impl IntoIterator<Item = u32>) {
        let entries = numbers.into_iter().map(entry).collect();
        self.append_entries(store, entries).await;
    }

    async fn append_entries(&self, store: &Store, entries: Vec<Bytes>) {
        log(store)
            .append(self.0, entries, LONG)
            .await
            .expect("the store takes entries");
    }

    /// Those that stand behind a position, up to the end, and where that is.
    async fn read(&self, store: &Store, after: Option<LogPosition>) -> (Vec<u32>, LogPosition) {
        let (entries, position) = self.read_entries(store, after).await;
        (entries.iter().map(number).collect(), position)
    }

    async fn read_entries(&self, store: &Store, mut after: Option<LogPosition>) -> (Vec<Bytes>, LogPosition) {
        let mut entries = Vec::new();
        loop {
            let page = log(store).read(self.0, after, Duration::ZERO).await;
            let page = page.expect("the store reads its log");
            entries.extend(page.entries);
            if page.is_end {
                return (entries, page.position);
            }
            after = Some(page.position);
        }
    }
}

pub(super) async fn what_was_appended_is_read_once_and_in_order(store: &Store) {
    let mine = Mine::new();
    let (nothing, start) = mine.read(store, None).await;
    assert!(nothing.is_empty());
    mine.append(store, [1, 2]).await;
    mine.append(store, [3]).await;
    let (numbers, end) = mine.read(store, Some(start)).await;
    assert_eq!(numbers, [1, 2, 3]);
    assert!(mine.read(store, Some(end)).await.0.is_empty());
    mine.append(store, [4]).await;
    assert_eq!(mine.read(store, Some(end)).await.0, [4]);
    assert_eq!(mine.read(store, None).await.0, [1, 2, 3, 4], "from its beginning");
}

pub(super) async fn an_entry_is_read_as_it_was_appended(store: &Store) {
    let mine = Mine::new();
    let (_, start) = mine.read(store, None).await;
    let entries = [1, 256, LONGEST].map(|length| sealed_bytes(128, length));
    mine.append_entries(store, entries.to_vec()).await;
    assert_eq!(mine.read_entries(store, Some(start)).await.0, entries);
}

pub(super) async fn many_entries_come_in_several_pages(store: &Store) {
    let mine = Mine::new();
    let (_, start) = mine.read(store, None).await;
    mine.append(store, 0..MANY).await;
    let first = log(store).read(mine.0, Some(start), Duration::ZERO).await;
    assert!(
        !first.expect("the store reads its log").is_end,
        "a page has an end"
    );
    let (numbers, _) = mine.read(store, Some(start)).await;
    assert!(numbers.into_iter().eq(0..MANY));
}

pub(super) async fn who_waits_hears_at_once(store: &Store) {
    let mine = Mine::new();
    let (_, mut after) = mine.read(store, None).await;
    let late = store.clone();
    let append = tokio::spawn(async move {
        tokio::time::sleep(SHORT).await;
        mine.append(&late, [1]).await;
        Instant::now()
    });
    // A store may wait for less than it is told.
    let heard_at = loop {
        let page = log(store)
            .read(mine.0, Some(after), Duration::from_secs(30))
            .await;
        let page = page.expect("the store reads its log");
        if !page.entries.is_empty() {
            break Instant::now();
        }
        after = page.position;
    };
    let appended_at = append.await.expect("it is appended");
    let late = heard_at.saturating_duration_since(appended_at);
    assert!(late < Duration::from_secs(2), "{late:?} late");
}

pub(super) async fn who_waits_for_nothing_goes_on(store: &Store) {
    let mine = Mine::new();
    let (_, after) = mine.read(store, None).await;
    let started = Instant::now();
    let page = log(store).read(mine.0, Some(after), SHORT).await;
    assert!(page.is_ok() && started.elapsed() < SHORT * 10);
}

pub(super) async fn a_position_of_another_log_begins_anew(store: &Store) {
    let mine = Mine::new();
    mine.append(store, [1]).await;
    let (_, end) = mine.read(store, None).await;
    let other = LogPosition {
        epoch: random(),
        ..end
    };
    let page = log(store).read(mine.0, Some(other), Duration::ZERO).await;
    assert!(page.expect("the store reads its log").is_anew);
    let (numbers, position) = mine.read(store, Some(other)).await;
    assert_eq!((numbers, position.epoch), (vec![1], end.epoch));
}

pub(super) async fn of_many_appended_at_once_none_is_lost(store: &Store) {
    let mine = Mine::new();
    let (_, start) = mine.read(store, None).await;
    let appended = (0..64).map(|number| {
        let store = store.clone();
        tokio::spawn(async move { mine.append(&store, [number]).await })
    });
    for appended in join_all(appended).await {
        appended.expect("it is appended");
    }
    let (numbers, _) = mine.read(store, Some(start)).await;
    assert_eq!(numbers.len(), 64);
    assert!(numbers.into_iter().collect::<BTreeSet<_>>().into_iter().eq(0..64));
}

pub(super) async fn what_was_trimmed_is_gone_and_the_rest_stays(store: &Store) {
    let mine = Mine::new();
    mine.append(store, 0..MANY).await;
    let (_, until) = mine.read(store, None).await;
    mine.append(store, [MANY]).await;
    let trim = async |until| {
        let trimmed = log(store).trim(mine.0, until).await;
        trimmed.expect("the store trims its log");
    };
    let lost = LogPosition {
        epoch: random(),
        ..until
    };
    trim(lost).await;
    assert_eq!(mine.read(store, None).await.0.len(), 2_501, "that is another one");
    trim(until).await;
    trim(until).await;
    for after in [None, Some(until)] {
        assert_eq!(mine.read(store, after).await.0, [MANY]);
    }
    let page = log(store).read(mine.0, None, Duration::ZERO).await;
    assert_eq!(page.expect("the store reads its log").length, 1);
}

pub(super) async fn logs_do_not_meet(store: &Store) {
    let (mine, other) = (Mine::new(), Mine::new());
    mine.append(store, [1]).await;
    assert!(other.read(store, None).await.0.is_empty());
}
