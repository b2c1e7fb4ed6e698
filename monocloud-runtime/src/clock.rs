//! The time, as a value that tests can set.
//!
//! Everything in the runtime that compares times asks a [`Clock`]; nothing else reads the system's.

#![cfg_attr(
    not(feature = "testing"),
    allow(unreachable_pub, reason = "it is `testing::Clock` to users")
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A clock in whole seconds since the Unix epoch.
///
/// The default is the system's clock. [`Clock::fixed`] makes one that stands still until
/// [`Clock::advance`] moves it; its clones move with it.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds.
    fixed: Option<Arc<AtomicI64>>,
    /// Seconds.
    skew: i64,
}

impl Clock {
    /// A clock that stands at `seconds` since the Unix epoch.
    #[cfg(any(test, feature = "testing"))]
    pub fn fixed(seconds: i64) -> Self {
        Self {
            fixed: Some(Arc::new(AtomicI64::new(seconds.saturating_mul(1_000)))),
            skew: 0,
        }
    }

    /// Moves a fixed clock by `seconds`, which may be negative. The system's clock is not moved.
    #[cfg(any(test, feature = "testing"))]
    pub fn advance(&self, seconds: i64) {
        if let Some(fixed) = &self.fixed {
            fixed.fetch_add(seconds.saturating_mul(1_000), Ordering::Relaxed);
        }
    }

    /// Seconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.now_millis().div_euclid(1_000)
    }

    /// Milliseconds since the Unix epoch.
    pub fn now_millis(&self) -> i64 {
        let now = match &self.fixed {
            Some(fixed) => fixed.load(Ordering::Relaxed),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
        };
        now.saturating_add(self.skew.saturating_mul(1_000))
    }

    pub(crate) fn with_skew(mut self, skew: i64) -> Self {
        self.skew = skew;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn clones_of_a_fixed_clock_move_together() {
        let clock = Clock::fixed(100);
        let skewed = clock.clone().with_skew(-30);
        clock.advance(5);
        assert_eq!((clock.now(), skewed.now()), (105, 75));
        assert_eq!((clock.now_millis(), skewed.now_millis()), (105_000, 75_000));
    }
}
