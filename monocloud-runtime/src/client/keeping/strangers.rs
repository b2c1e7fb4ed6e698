//! How many requests of anybody's may cost a call of the store: a hundred at once, and as many a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const A_SECOND: Duration = Duration::from_secs(1);
const EACH: Duration = Duration::from_millis(10);

/// Clones share.
#[derive(Clone, Default)]
pub(super) struct Strangers {
    /// When all that came would have come, each in its time.
    until: Arc<Mutex<Option<Instant>>>,
}

impl Strangers {
    /// Whether one more may.
    pub(super) fn may(&self) -> bool {
        let now = Instant::now();
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let next = until.map_or(now, |until| until.max(now)) + EACH;
        let may = next <= now + A_SECOND;
        if may {
            *until = Some(next);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Strangers;

    #[tokio::test(start_paused = true)]
    async fn a_hundred_come_at_once_and_then_a_hundred_a_second() {
        let strangers = Strangers::default();
        let come = |count: usize| (0..count).filter(|_| strangers.may()).count();
        assert_eq!(come(1_000), 100);
        tokio::time::advance(Duration::from_millis(105)).await;
        assert_eq!(come(1_000), 10);
        tokio::time::advance(Duration::from_secs(3_600)).await;
        assert_eq!(come(1_000), 100, "what nobody used is not saved up");
    }
}
