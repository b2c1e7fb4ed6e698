//! When this process last told a store that a session was used: rarely, since it is for lists alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::StoreKey;

/// So exact is what a list says of when a session was used.
const EVERY: Duration = Duration::from_secs(300);

/// About 5 MB.
const MOST: usize = 100_000;

/// Clones share.
#[derive(Clone, Default)]
pub(super) struct Seen {
    told: Arc<Mutex<HashMap<StoreKey, Instant>>>,
}

impl Seen {
    /// Whether it is time to tell: no more than once in a while for a session, however many ask.
    pub(super) fn is_due(&self, key: StoreKey) -> bool {
        let now = Instant::now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = told.get_mut(&key) {
            let is_due = now.duration_since(*at) >= EVERY;
            if is_due {
                *at = now;
            }
            return is_due;
        }
        if told.len() == MOST {
            told.retain(|_, at| now.duration_since(*at) < EVERY);
        }
        // So many are in use that a list may say less.
        if told.len() == MOST {
            return false;
        }
        told.insert(key, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{EVERY, MOST, Seen};
    use crate::store::StoreKey;

    fn key(number: usize) -> StoreKey {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        StoreKey::from_bytes(bytes)
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_told_once_in_a_while() {
        let seen = Seen::default();
        assert!(seen.is_due(key(1)) && !seen.is_due(key(1)) && seen.is_due(key(2)));
        tokio::time::advance(EVERY).await;
        assert!(seen.is_due(key(1)) && !seen.is_due(key(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_bounded() {
        let seen = Seen::default();
        assert!((0..MOST).all(|number| seen.is_due(key(number))));
        assert!(!seen.is_due(key(MOST)));
        tokio::time::advance(EVERY).await;
        assert!(seen.is_due(key(MOST)));
        assert_eq!(seen.told.lock().expect("nobody panicked").len(), 1);
    }
}
