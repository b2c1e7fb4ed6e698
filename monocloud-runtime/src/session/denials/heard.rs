//! How fresh it is what was heard.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Clock;

/// What was heard is good for so long.
pub(super) const FRESH: Duration = Duration::from_secs(5);

/// By when everything was heard that had been told, by two clocks: one stands still while the machine does, and the
/// other one is set.
pub(super) struct Heard {
    began: Instant,
    system: Clock,
    /// In milliseconds since it began, and one more; none as long as nothing was heard.
    at: AtomicU64,
    /// In milliseconds, by the system's clock.
    at_by_system: AtomicU64,
}

/// A moment by both clocks.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    instant: u64,
    system: u64,
}

impl Heard {
    pub(super) fn nothing() -> Self {
        Self {
            began: Instant::now(),
            system: Clock::default(),
            at: AtomicU64::new(0),
            at_by_system: AtomicU64::new(0),
        }
    }

    pub(super) fn now(&self) -> Moment {
        Moment {
            instant: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            system: u64::try_from(self.system.now_millis()).unwrap_or(0),
        }
    }

    /// Everything was heard that had been told by then.
    pub(super) fn note(&self, moment: Moment) {
        self.at_by_system.store(moment.system, Ordering::Release);
        self.at.store(moment.instant + 1, Ordering::Release);
    }

    pub(super) fn is_fresh(&self) -> bool {
        self.is_fresh_at(self.now())
    }

    fn is_fresh_at(&self, now: Moment) -> bool {
        let Some(at) = self.at.load(Ordering::Acquire).checked_sub(1) else {
            return false;
        };
        let at_by_system = self.at_by_system.load(Ordering::Acquire);
        let fresh = u64::try_from(FRESH.as_millis()).unwrap_or(u64::MAX);
        now.instant.saturating_sub(at) <= fresh && now.system.abs_diff(at_by_system) <= fresh
    }
}

#[cfg(test)]
mod tests {
    use super::{Heard, Moment};

    #[test]
    fn what_was_heard_is_good_for_five_seconds_by_both_clocks() {
        let heard = Heard::nothing();
        let at = |instant, system| Moment { instant, system };
        assert!(!heard.is_fresh_at(at(0, 0)), "nothing was heard yet");
        heard.note(at(100, 1_000_000));
        assert!(heard.is_fresh_at(at(100, 1_000_000)) && heard.is_fresh_at(at(5_100, 1_005_000)));
        assert!(!heard.is_fresh_at(at(5_101, 1_000_000)));
        assert!(!heard.is_fresh_at(at(101, 1_005_001)), "the machine was asleep");
        assert!(!heard.is_fresh_at(at(101, 994_999)), "the clock was set back");
    }
}
