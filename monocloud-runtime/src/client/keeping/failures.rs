//! What the log says of a store that fails: the first of a kind at once, and after that how many there were, once in a
//! while.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::StoreError;

/// Every request fails while a store is away.
const EVERY: Duration = Duration::from_secs(10);

/// Clones share.
#[derive(Clone, Default)]
pub(super) struct Failures {
    told: Arc<Mutex<HashMap<Kind, Told>>>,
}

/// What was asked, and how it failed.
type Kind = (&'static str, Discriminant<StoreError>);

struct Told {
    at: Instant,
    since: u64,
}

impl Failures {
    /// Whether it is time for a line, and how many of this kind had none since the last.
    pub(super) fn is_due(&self, doing: &'static str, error: &StoreError) -> Option<u64> {
        let now = Instant::now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = (doing, discriminant(error));
        let Some(told) = told.get_mut(&kind) else {
            told.insert(kind, Told { at: now, since: 0 });
            return Some(0);
        };
        if now.duration_since(told.at) < EVERY {
            told.since += 1;
            return None;
        }
        told.at = now;
        Some(std::mem::take(&mut told.since))
    }
}

#[cfg(test)]
mod tests {
    use super::{EVERY, Failures};
    use crate::store::StoreError;

    #[tokio::test(start_paused = true)]
    async fn each_kind_is_told_at_once_and_then_counted() {
        let (failures, full) = (Failures::default(), StoreError::Full);
        let away = StoreError::unreachable("no route");
        assert_eq!(failures.is_due("read", &away), Some(0));
        assert_eq!(failures.is_due("read", &away), None);
        assert_eq!(failures.is_due("read", &StoreError::unreachable("refused")), None);
        assert_eq!(
            failures.is_due("write", &away),
            Some(0),
            "something else was asked"
        );
        assert_eq!(
            failures.is_due("read", &full),
            Some(0),
            "it failed in another way"
        );
        tokio::time::advance(EVERY).await;
        assert_eq!(failures.is_due("read", &away), Some(2));
        assert_eq!(failures.is_due("read", &away), None);
        tokio::time::advance(EVERY).await;
        assert_eq!(failures.is_due("read", &away), Some(1));
        assert_eq!(failures.is_due("read", &full), Some(0));
    }
}
