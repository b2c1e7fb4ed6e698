//! What happens in between, by a seed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Whether a seam holds up what passes it, and for how long. The same seed gives the same answers in the same order.
pub(crate) struct Chance(AtomicU64);

/// A seam holds nothing up for longer.
const LONGEST: u64 = 700;

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
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

    /// `SplitMix64`.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
