//! Work that is done once for a key, however often somebody comes for it.
//!
//! Whoever comes with the proof of the first gets the outcome of the first, while the work is under way and
//! a few seconds longer. It runs in a task of its own: who waits may go away. What is remembered is bounded;
//! where it would be too much, keys from before a moment are refused as if they were known.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::crypto::Fingerprint;
use crate::error::Error;
use crate::http_client::BoxFuture;

/// About 15 MB without their outcomes.
const CAPACITY: usize = 100_000;

/// Outcomes may be large, and nobody waits long for them.
const MAX_OUTCOMES: usize = 1_000;

/// Why the work failed.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    /// Whether it may be begun again, since nothing was used up.
    pub(crate) may_repeat: bool,
}

/// The outcome, now or soon.
pub(crate) type Outcome<T> = Shared<BoxFuture<'static, Result<T, Failed>>>;

/// What whoever came is given.
pub(crate) enum Arrival<T> {
    Outcome(Outcome<T>),
    /// The work is done, and its outcome is no longer at hand.
    Over,
    /// The key is known under another proof, or is older than what is remembered.
    Refused,
}

/// Clones share what is remembered.
pub(crate) struct Once<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    /// How long an outcome is at hand.
    at_hand: Duration,
    memory: Mutex<Memory<T>>,
}

struct Memory<T> {
    known: HashMap<Fingerprint, Known<T>>,
    by_birth: BTreeSet<(i64, Fingerprint)>,
    /// In the order in which they will no longer be at hand.
    outcomes: VecDeque<(Instant, Fingerprint)>,
    /// Keys that were born until then are refused, up to the instant.
    forgotten: Option<(i64, Instant)>,
}

struct Known<T> {
    proof: Fingerprint,
    born_at: i64,
    until: Instant,
    outcome: Option<Outcome<T>>,
}

impl<T: Clone + Send + Sync + 'static> Once<T> {
    pub(crate) fn new(at_hand: Duration) -> Self {
        let memory = Memory {
            known: HashMap::new(),
            by_birth: BTreeSet::new(),
            outcomes: VecDeque::new(),
            forgotten: None,
        };
        Self {
            inner: Arc::new(Inner {
                at_hand,
                memory: Mutex::new(memory),
            }),
        }
    }

    /// Does the work, or joins whoever began it. The key is remembered for `lifetime`; `born_at` orders keys
    /// by their age.
    pub(crate) fn arrive(
        &self,
        key: Fingerprint,
        proof: Fingerprint,
        born_at: i64,
        lifetime: Duration,
        work: impl Future<Output = Result<T, Failed>> + Send + 'static,
    ) -> Arrival<T> {
        let now = Instant::now();
        let mut memory = self.inner.memory();
        memory.tidy(now);
        if let Some(known) = memory.known.get(&key) {
            return match &known.outcome {
                _ if known.proof != proof => Arrival::Refused,
                Some(outcome) => Arrival::Outcome(outcome.clone()),
                None => Arrival::Over,
            };
        }
        if memory.is_forgotten(born_at, now) {
            return Arrival::Refused;
        }
        let outcome = self.begin(key, work);
        let known = Known {
            proof,
            born_at,
            until: now + lifetime,
            outcome: Some(outcome.clone()),
        };
        memory.insert(key, known, now, CAPACITY);
        Arrival::Outcome(outcome)
    }

    /// Remembers a key for which no work is to be done any more.
    pub(crate) fn close(&self, key: Fingerprint, born_at: i64, lifetime: Duration) {
        let now = Instant::now();
        let mut memory = self.inner.memory();
        memory.tidy(now);
        if memory.known.contains_key(&key) {
            return;
        }
        let known = Known {
            proof: key,
            born_at,
            until: now + lifetime,
            outcome: None,
        };
        memory.insert(key, known, now, CAPACITY);
    }

    /// Whether the work for a key is under way or done.
    pub(crate) fn knows(&self, key: &Fingerprint) -> bool {
        self.inner.memory().known.contains_key(key)
    }

    fn begin(
        &self,
        key: Fingerprint,
        work: impl Future<Output = Result<T, Failed>> + Send + 'static,
    ) -> Outcome<T> {
        let inner = self.inner.clone();
        let task = async move {
            let outcome = AssertUnwindSafe(work).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(broke_off()));
            inner.done(key, &outcome);
            outcome
        };
        let task = tokio::spawn(task.instrument(tracing::Span::current()));
        async move { task.await.unwrap_or_else(|_| Err(broke_off())) }
            .boxed()
            .shared()
    }
}

fn broke_off() -> Failed {
    Failed {
        error: Error::unreachable("the issuer", "the work broke off"),
        may_repeat: false,
    }
}

impl<T> Inner<T> {
    fn done(&self, key: Fingerprint, outcome: &Result<T, Failed>) {
        let mut memory = self.memory();
        if matches!(outcome, Err(Failed { may_repeat: true, .. })) {
            memory.remove(&key);
        } else if memory.known.contains_key(&key) {
            memory.outcomes.push_back((Instant::now() + self.at_hand, key));
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory<T>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Memory<T> {
    /// Drops outcomes that are no longer at hand, and keys that nobody can come with any more.
    fn tidy(&mut self, now: Instant) {
        while let Some((until, key)) = self.outcomes.front() {
            if *until > now && self.outcomes.len() <= MAX_OUTCOMES {
                break;
            }
            let key = *key;
            self.outcomes.pop_front();
            if let Some(known) = self.known.get_mut(&key) {
                known.outcome = None;
                if known.until <= now {
                    self.remove(&key);
                }
            }
        }
        while let Some((_, key)) = self.by_birth.first() {
            let key = *key;
            let known = &self.known[&key];
            if known.until > now || known.outcome.is_some() {
                break;
            }
            self.remove(&key);
        }
    }

    fn is_forgotten(&self, born_at: i64, now: Instant) -> bool {
        self.forgotten
            .is_some_and(|(until_birth, until)| born_at <= until_birth && now < until)
    }

    fn insert(&mut self, key: Fingerprint, known: Known<T>, now: Instant, capacity: usize) {
        self.by_birth.insert((known.born_at, key));
        self.known.insert(key, known);
        while self.known.len() > capacity
            && let Some((born_at, oldest)) = self.by_birth.first().copied()
        {
            let until = self.known[&oldest].until;
            self.remove(&oldest);
            if until > now {
                let (until_birth, earlier) = self.forgotten.unwrap_or((born_at, until));
                self.forgotten = Some((until_birth.max(born_at), earlier.max(until)));
            }
        }
    }

    fn remove(&mut self, key: &Fingerprint) {
        if let Some(known) = self.known.remove(key) {
            self.by_birth.remove(&(known.born_at, *key));
        }
    }
}

#[cfg(test)]
mod tests;
