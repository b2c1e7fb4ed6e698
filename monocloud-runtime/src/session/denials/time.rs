//! The time by both clocks: the one that nobody sets, and the one that sessions are compared with.

use std::time::Duration;

use tokio::time::Instant;

#[derive(Clone, Copy)]
pub(super) struct Now {
    pub(super) instant: Instant,
    pub(super) millis: i64,
}

impl Now {
    pub(super) fn at(millis: i64) -> Self {
        Self {
            instant: Instant::now(),
            millis,
        }
    }

    /// Until when a session may live that was created before this millisecond, if any may still. Where the clock was
    /// set back since, that takes as much longer.
    pub(super) fn until_over(self, before: i64, lifetime: Duration) -> Option<Instant> {
        let ends_at = before.saturating_add(millis(lifetime));
        self.in_millis(ends_at.saturating_sub(self.millis).min(millis(lifetime)))
    }

    /// The moment in so many milliseconds, if it is to come.
    pub(super) fn in_millis(self, left: i64) -> Option<Instant> {
        u64::try_from(left)
            .ok()
            .filter(|left| *left > 0)
            .map(|left| self.instant + Duration::from_millis(left))
    }

    /// The millisecond of a moment.
    pub(super) fn millis_at(self, instant: Instant) -> i64 {
        let ahead = millis(instant.saturating_duration_since(self.instant));
        let behind = millis(self.instant.saturating_duration_since(instant));
        self.millis.saturating_add(ahead).saturating_sub(behind)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
