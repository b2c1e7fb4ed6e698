//! What a log says, as it was read from its beginning.

use std::collections::HashMap;

use super::super::entry::{Entry, Kind};
use crate::crypto::Name;

#[derive(Default)]
pub(super) struct Seen {
    /// With the latest moment of each.
    moments: HashMap<(Kind, Name, Name), i64>,
}

impl Seen {
    pub(super) fn add(&mut self, entry: &Entry) {
        let moment = self.moments.entry(key(entry)).or_insert(entry.moment);
        *moment = entry.moment.max(*moment);
    }

    /// Whether whoever reads the log knows this much.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        let moment = self.moments.get(&key(entry));
        moment.is_some_and(|moment| *moment >= entry.moment)
    }
}

fn key(entry: &Entry) -> (Kind, Name, Name) {
    (entry.kind, entry.name, entry.session)
}

#[cfg(test)]
mod tests {
    use super::super::super::entry::{Entry, Kind};
    use super::Seen;

    fn entry(kind: Kind, session: u8, moment: i64) -> Entry {
        Entry {
            kind,
            name: [7; 16],
            session: [session; 16],
            moment,
            noted_at: 0,
            until: i64::MAX,
        }
    }

    #[test]
    fn what_was_said_of_an_earlier_moment_is_not_said_of_a_later_one() {
        let mut seen = Seen::default();
        for moment in [10, 30, 20] {
            seen.add(&entry(Kind::EndedBefore, 0, moment));
        }
        assert!(seen.has(&entry(Kind::EndedBefore, 0, 20)) && seen.has(&entry(Kind::EndedBefore, 0, 30)));
        assert!(!seen.has(&entry(Kind::EndedBefore, 0, 31)));
        assert!(!seen.has(&entry(Kind::Ended, 0, 10)) && !seen.has(&entry(Kind::EndedBefore, 1, 10)));
    }
}
