//! What happens in between, by a seed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Whether a seam holds up what passes it, and for how long. The same seed gives the same answers in the same order.
pub(crate) struct Chance {
    state: AtomicU64,
    began: Instant,
}

/// How far apart paced calls begin: longer than the library waits at random, which so has no say.
const PACE: Duration = Duration::from_millis(200);

/// A seam holds nothing up for longer.
const LONGEST: u64 = 700;

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: AtomicU64::new(seed),
            began: Instant::now(),
        }
    }

    /// Lets others go first, or time go by, or neither.
    pub(crate) async fn dither(&self) {
        match self.next() % 4 {
            0 => {}
            1 => tokio::task::yield_now().await,
            2 => {
                for _ in 0..self.next() % 8 {
                    tokio::task::yield_now().await;
                }
            }
            _ => tokio::time::sleep(Duration::from_millis(self.next() % LONGEST)).await,
        }
    }

    /// Until a moment that does not depend on a few milliseconds more or less.
    pub(crate) async fn pace(&self) {
        let paces = self.began.elapsed().as_millis().div_ceil(PACE.as_millis());
        let paces = u32::try_from(paces).expect("no run is so long");
        tokio::time::sleep_until(self.began + PACE * paces).await;
    }

    /// One of so many.
    pub(crate) fn below(&self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        usize::try_from(self.next() % count).unwrap_or_default()
    }

    /// `SplitMix64`.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
