//! What is remembered of access tokens, by SHA-256 of the whole token: which ones were good, and for a moment, which
//! ones the issuer would not have.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::crypto::Fingerprint;
use crate::identity::Claims;

/// SHA-256 of a token.
pub(super) type Digest = [u8; 32];

/// So that requests on many processors seldom wait for each other.
const SHARDS: usize = 16;

/// Tokens are remembered up to so many bytes in all, about 11,000 with a kilobyte of claims.
const CAPACITY: usize = 16 * 1024 * 1024;

/// What a token costs beyond its claims.
const OVERHEAD: usize = 400;

/// So long a no is remembered.
const REFUSED_FOR: Duration = Duration::from_secs(5);

/// No more than so many are.
const MOST_REFUSED: usize = 10_000;

/// A token that was found good.
pub(super) struct Verdict {
    pub(super) claims: Claims,
    /// The times in which it is, in seconds since the Unix epoch.
    pub(super) good: Range<i64>,
    /// Until when the issuer's yes of then is a reason to ask again before strangers' tokens are asked about.
    pub(super) worth_asking_until: i64,
    /// The issuer whose keys have verified it, and which those were: with them the verdict dies.
    pub(super) keys: Option<(usize, Fingerprint)>,
}

/// Tokens that were found good. Only those ever make others be forgotten.
pub(super) struct Known {
    shards: [Mutex<Shard>; SHARDS],
    /// Bytes of each shard.
    capacity: usize,
}

#[derive(Default)]
struct Shard {
    verdicts: HashMap<Digest, (Verdict, usize)>,
    /// In the order in which they came.
    order: VecDeque<Digest>,
    bytes: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl Known {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            shards: Default::default(),
            capacity: bytes / SHARDS,
        }
    }

    /// The claims of a token, where `is_good` says that the verdict still holds.
    pub(super) fn find(&self, token: &Digest, is_good: impl FnOnce(&Verdict) -> bool) -> Option<Claims> {
        let shard = self.shard(token);
        let (verdict, _) = shard.verdicts.get(token)?;
        is_good(verdict).then(|| verdict.claims.clone())
    }

    /// Whether the token was found good not long ago, though it may have to be asked about again.
    pub(super) fn was_good(&self, token: &Digest, now: i64) -> bool {
        let shard = self.shard(token);
        let verdict = shard.verdicts.get(token);
        verdict.is_some_and(|(verdict, _)| now < verdict.worth_asking_until)
    }

    /// Takes back that a token was good. Its place is free when its turn comes.
    pub(super) fn disown(&self, token: &Digest) {
        if let Some((verdict, _)) = self.shard(token).verdicts.get_mut(token) {
            verdict.good = 0..0;
            verdict.worth_asking_until = i64::MIN;
        }
    }

    /// Remembers a verdict in place of an earlier one. `now` is the time.
    pub(super) fn insert(&self, token: Digest, verdict: Verdict, now: i64) {
        let bytes = verdict.claims.size() + OVERHEAD;
        let mut shard = self.shard(&token);
        if bytes > self.capacity {
            return;
        }
        match shard.verdicts.insert(token, (verdict, bytes)) {
            Some((_, earlier)) => shard.bytes -= earlier,
            None => shard.order.push_back(token),
        }
        shard.bytes += bytes;
        while shard.bytes > self.capacity || shard.begins_with_one_that_is_over(now) {
            shard.forget_oldest();
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let shards = self.shards.iter();
        shards.map(|shard| lock(shard).verdicts.len()).sum()
    }

    fn shard(&self, token: &Digest) -> MutexGuard<'_, Shard> {
        lock(&self.shards[usize::from(token[0]) % SHARDS])
    }
}

impl Shard {
    fn begins_with_one_that_is_over(&self, now: i64) -> bool {
        let oldest = self.order.front().and_then(|oldest| self.verdicts.get(oldest));
        oldest.is_some_and(|(verdict, _)| verdict.worth_asking_until <= now)
    }

    fn forget_oldest(&mut self) {
        let oldest = self.order.pop_front();
        if let Some((_, bytes)) = oldest.and_then(|oldest| self.verdicts.remove(&oldest)) {
            self.bytes -= bytes;
        }
    }
}

/// Tokens that the issuer would not have a moment ago.
#[derive(Default)]
pub(super) struct Refused {
    memory: Mutex<(HashMap<Digest, Instant>, VecDeque<Digest>)>,
}

impl Refused {
    pub(super) fn contains(&self, token: &Digest) -> bool {
        let (until, _) = &*lock(&self.memory);
        until.get(token).is_some_and(|until| Instant::now() < *until)
    }

    pub(super) fn insert(&self, token: Digest) {
        let now = Instant::now();
        let (until, order) = &mut *lock(&self.memory);
        if until.insert(token, now + REFUSED_FOR).is_none() {
            order.push_back(token);
        }
        while order.len() > MOST_REFUSED || order.front().is_some_and(|oldest| until[oldest] <= now) {
            let oldest = order.pop_front();
            oldest.map(|oldest| until.remove(&oldest));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{Digest, Known, MOST_REFUSED, OVERHEAD, Refused, SHARDS, Verdict, lock};
    use crate::identity::{Claims, Verified};

    fn verdict_of(claims: &Value, until: i64) -> Verdict {
        let claims = Claims::new(Verified {
            claims: claims.as_object().expect("an object").clone(),
            expires_at: None,
            auth_time: None,
            told_at: 0,
            groups_claim: Some("groups".into()),
            match_all: false,
        });
        Verdict {
            claims,
            good: 0..until,
            worth_asking_until: until,
            keys: None,
        }
    }

    fn verdict(until: i64) -> Verdict {
        verdict_of(&json!({ "sub": "mira" }), until)
    }

    /// With room for so many of these in each shard.
    fn with_room_for(verdicts: usize) -> Known {
        Known::with_capacity((verdict(0).claims.size() + OVERHEAD) * verdicts * SHARDS)
    }

    /// All of one shard.
    fn digest(number: u16) -> Digest {
        let mut digest = [0; 32];
        digest[1..3].copy_from_slice(&number.to_be_bytes());
        digest
    }

    #[test]
    fn the_oldest_gives_way_when_there_is_no_room() {
        let known = with_room_for(3);
        for number in 0..5 {
            known.insert(digest(number), verdict(100), 0);
        }
        assert_eq!(known.len(), 3);
        assert!(known.find(&digest(1), |_| true).is_none());
        assert!(known.find(&digest(2), |_| true).is_some());
        // A verdict that is renewed takes the place of its own.
        for _ in 0..10 {
            known.insert(digest(4), verdict(100), 0);
        }
        assert!(known.find(&digest(2), |_| true).is_some());
        // One that is larger than all the room is not remembered, and costs nobody theirs.
        let large = json!({ "sub": "mira", "note": "x".repeat(OVERHEAD * 4) });
        known.insert(digest(9), verdict_of(&large, 100), 0);
        assert_eq!(known.len(), 3);
    }

    #[test]
    fn what_is_kept_of_a_token_is_what_counts() {
        // However short the token was that the issuer answered so much to.
        let words = vec!["a"; 6_000].join(" ");
        for claims in [
            json!({ "note": "x".repeat(10_000) }),
            json!({ "groups": vec!["admin"; 2_000] }),
            json!({ "scope": words }),
            json!({ "scp": vec!["a"; 6_000] }),
        ] {
            let size = verdict_of(&claims, 100).claims.size();
            assert!((10_000..40_000).contains(&size), "{size}");
            let known = Known::with_capacity((size + OVERHEAD) * 3 * SHARDS);
            for number in 0..5 {
                known.insert(digest(number), verdict_of(&claims, 100), 0);
            }
            assert_eq!(known.len(), 3);
        }
    }

    #[test]
    fn what_is_over_makes_room_first() {
        let known = with_room_for(10);
        known.insert(digest(0), verdict(10), 0);
        known.insert(digest(1), verdict(100), 9);
        assert_eq!(known.len(), 2);
        known.insert(digest(2), verdict(100), 10);
        assert_eq!(known.len(), 2);
        assert!(known.find(&digest(1), |_| true).is_some());
    }

    #[test]
    fn a_verdict_that_no_longer_holds_gives_nothing() {
        let known = Known::default();
        known.insert(digest(0), verdict(10), 0);
        let is_good = |now| {
            known
                .find(&digest(0), |verdict| verdict.good.contains(&now))
                .is_some()
        };
        assert!(is_good(9) && !is_good(10));
        known.disown(&digest(0));
        assert!(!is_good(9));
    }

    #[test]
    fn what_was_good_is_known_for_that_until_the_issuer_takes_it_back() {
        let known = with_room_for(10);
        for number in 0..2 {
            let lapsing = Verdict {
                worth_asking_until: 100,
                ..verdict(10)
            };
            known.insert(digest(number), lapsing, 0);
        }
        // Others that are good do not make it forgotten.
        known.insert(digest(2), verdict(1_000), 99);
        assert!(known.was_good(&digest(0), 99) && !known.was_good(&digest(0), 100));
        assert!(!known.was_good(&digest(9), 99));
        known.disown(&digest(1));
        assert!(!known.was_good(&digest(1), 11) && known.was_good(&digest(0), 11));
        known.insert(digest(3), verdict(1_000), 100);
        assert_eq!(known.len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_no_is_remembered_for_moments_and_bounded() {
        let refused = Refused::default();
        refused.insert(digest(0));
        assert!(refused.contains(&digest(0)) && !refused.contains(&digest(1)));
        tokio::time::advance(Duration::from_millis(4_999)).await;
        assert!(refused.contains(&digest(0)));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!refused.contains(&digest(0)));
        for number in 0..=u16::MAX {
            refused.insert(digest(number));
        }
        let (until, order) = &*lock(&refused.memory);
        assert_eq!((until.len(), order.len()), (MOST_REFUSED, MOST_REFUSED));
    }
}
