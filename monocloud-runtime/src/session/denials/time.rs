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
        let ends_at = before.saturating_add(i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX));
        u64::try_from(ends_at.saturating_sub(self.millis))
            .ok()
            .filter(|left| *left > 0)
            .map(|left| self.instant + Duration::from_millis(left).min(lifetime))
    }
}
