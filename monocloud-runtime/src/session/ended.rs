//! The sessions that ended in this process, so that a copy of their cookie is dead too.
//!
//! In memory: a restart forgets it. An entry lives as long as the session would have, and when there
//! are too many, those that would have ended soonest go.

use std::collections::{BTreeSet, HashMap};
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// About 20 MB.
const CAPACITY: usize = 100_000;

#[derive(Default)]
pub(crate) struct Ended {
    any: AtomicBool,
    lists: RwLock<Lists>,
}

#[derive(Default)]
struct Lists {
    until: HashMap<String, i64>,
    by_time: BTreeSet<(i64, String)>,
}

impl Ended {
    /// Whether no session has ended yet.
    pub(crate) fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Acquire)
    }

    /// Whether the session with this id has ended.
    pub(crate) fn contains(&self, id: &str) -> bool {
        !self.is_empty()
            && self
                .lists
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .until
                .contains_key(id)
    }

    /// Remembers an ended session until the time at which no cookie of it would be accepted anyway.
    pub(crate) fn insert(&self, id: &str, until: i64, now: i64) {
        let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(earlier) = lists.until.insert(id.to_owned(), until) {
            lists.by_time.remove(&(earlier, id.to_owned()));
        }
        lists.by_time.insert((until, id.to_owned()));
        while let Some((soonest, _)) = lists.by_time.first() {
            let full = lists.until.len() > CAPACITY;
            if *soonest > now && !full {
                break;
            }
            if *soonest > now {
                tracing::warn!(
                    name: "monocloud.ended_sessions.full",
                    capacity = CAPACITY,
                    "more sessions ended than are remembered; the oldest may be used again until they expire"
                );
            }
            if let Some((_, id)) = lists.by_time.pop_first() {
                lists.until.remove(&id);
            }
        }
        self.any.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::{CAPACITY, Ended};

    #[test]
    fn an_ended_session_is_remembered_until_it_would_have_expired() {
        let ended = Ended::default();
        ended.insert("a", 100, 0);
        assert!(ended.contains("a") && !ended.contains("b"));
        ended.insert("b", 200, 100);
        assert!(!ended.contains("a") && ended.contains("b"));
    }

    #[test]
    fn the_list_is_bounded() {
        let ended = Ended::default();
        for number in 0..CAPACITY + 10 {
            ended.insert(
                &number.to_string(),
                1_000 + i64::try_from(number).expect("small"),
                0,
            );
        }
        assert!(!ended.contains("0") && ended.contains("10"));
    }
}
