//! A cache of one value that the issuer publishes: lazy, single-flight, stale while revalidating, and
//! with a short memory of failures, so that many who ask in vain make few calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::error::Error;
use crate::http_client::BoxFuture;

/// A stale copy serves this many seconds at most, so that a withdrawn key dies.
const MAX_STALE: i64 = 3_600;

/// Seconds between two fetches that an unknown key asked for, where the first brought something.
const FORCED_EVERY: i64 = 10;

/// So long a failure is the answer to whoever asks next. Measured on a clock that nothing sets.
const FAILED_FOR: Duration = Duration::from_secs(1);

type Fetch<T> = Box<dyn Fn() -> BoxFuture<'static, Result<T, Error>> + Send + Sync>;
type Flight<T> = Shared<BoxFuture<'static, Result<Arc<T>, Error>>>;

/// Clones share the value.
pub(crate) struct Cached<T> {
    inner: Arc<Inner<T>>,
    /// In seconds.
    fresh: i64,
}

struct Inner<T> {
    fetch: Fetch<T>,
    clock: Clock,
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Option<(Arc<T>, i64)>,
    flight: Option<Flight<T>>,
    failed: Option<(Error, Instant)>,
    forced_at: Option<i64>,
}

impl<T> Clone for Cached<T> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            fresh: self.fresh,
        }
    }
}

impl<T: Send + Sync + 'static> Cached<T> {
    pub(crate) fn new(
        fresh: Duration,
        clock: Clock,
        fetch: impl Fn() -> BoxFuture<'static, Result<T, Error>> + Send + Sync + 'static,
    ) -> Self {
        let state = State {
            value: None,
            flight: None,
            failed: None,
            forced_at: None,
        };
        Self {
            inner: Arc::new(Inner {
                fetch: Box::new(fetch),
                clock,
                state: Mutex::new(state),
            }),
            fresh: whole_seconds(fresh),
        }
    }

    /// The same value for somebody to whom it is fresh for another time.
    pub(crate) fn fresh_for(&self, fresh: Duration) -> Self {
        Self {
            fresh: whole_seconds(fresh),
            ..self.clone()
        }
    }

    /// The value, where it is fresh: without waiting, and without asking anybody.
    pub(crate) fn at_hand(&self) -> Option<Arc<T>> {
        let now = self.inner.clock.now();
        match &self.inner.state().value {
            Some((value, at)) if (0..self.fresh).contains(&(now - at)) => Some(value.clone()),
            _ => None,
        }
    }

    /// The value: at once while it is fresh, at once and renewed behind while it is stale, fetched
    /// otherwise.
    pub(crate) async fn get(&self) -> Result<Arc<T>, Error> {
        let now = self.inner.clock.now();
        let flight = {
            let mut state = self.inner.state();
            match &state.value {
                // A clock that was set back makes a value stale, never fresh for longer.
                Some((value, at)) if (0..self.fresh).contains(&(now - at)) => return Ok(value.clone()),
                Some((value, at)) if (0..self.fresh.saturating_add(MAX_STALE)).contains(&(now - at)) => {
                    let value = value.clone();
                    drop(self.join(&mut state));
                    return Ok(value);
                }
                _ => self.join(&mut state)?,
            }
        };
        flight.await
    }

    /// Fetches again because what is cached lacks something, at most once in ten seconds;
    /// otherwise what is cached.
    pub(crate) async fn renew(&self) -> Result<Arc<T>, Error> {
        // It may have begun before what is missing was published, so it is awaited, not trusted.
        let under_way = self.inner.state().flight.clone();
        if let Some(flight) = under_way {
            drop(flight.await);
        }
        let now = self.inner.clock.now();
        let flight = {
            let mut state = self.inner.state();
            let recently = state
                .forced_at
                .is_some_and(|at| (0..FORCED_EVERY).contains(&(now - at)));
            match &state.value {
                Some((value, _)) if recently => return Ok(value.clone()),
                _ => {
                    let flight = self.join(&mut state)?;
                    state.forced_at = Some(now);
                    flight
                }
            }
        };
        flight.await
    }

    /// What was fetched at most so many seconds ago, else what a fetch brings now.
    pub(crate) async fn not_older_than(&self, seconds: i64) -> Result<Arc<T>, Error> {
        let now = self.inner.clock.now();
        let flight = {
            let mut state = self.inner.state();
            match &state.value {
                Some((value, at)) if (0..=seconds).contains(&(now - at)) => return Ok(value.clone()),
                _ => self.join(&mut state)?,
            }
        };
        flight.await
    }

    /// The fetch under way, or a new one, unless one has just failed. It runs in a task of its own:
    /// who waits may go away.
    fn join(&self, state: &mut State<T>) -> Result<Flight<T>, Error> {
        if let Some(flight) = &state.flight {
            return Ok(flight.clone());
        }
        match &state.failed {
            Some((error, at)) if at.elapsed() < FAILED_FOR => return Err(error.clone()),
            _ => state.failed = None,
        }
        let inner = self.inner.clone();
        let task = tokio::spawn(async move {
            let fetched = (inner.fetch)().await.map(Arc::new);
            let mut state = inner.state();
            state.flight = None;
            match &fetched {
                Ok(value) => state.value = Some((value.clone(), inner.clock.now())),
                Err(error) => (state.failed, state.forced_at) = (Some((error.clone(), Instant::now())), None),
            }
            fetched
        });
        let inner = self.inner.clone();
        let flight = async move {
            task.await.unwrap_or_else(|error| {
                inner.state().flight = None;
                Err(Error::unreachable("the issuer", error.to_string()))
            })
        }
        .boxed()
        .shared();
        state.flight = Some(flight.clone());
        Ok(flight)
    }
}

fn whole_seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

impl<T> Inner<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::Cached;
    use crate::clock::Clock;
    use crate::error::Error;

    fn counting(clock: &Clock) -> (Cached<u32>, Arc<AtomicU32>, Arc<AtomicU32>) {
        let (calls, broken) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (count, fail) = (calls.clone(), broken.clone());
        let cached = Cached::new(Duration::from_secs(300), clock.clone(), move || {
            let (count, fail) = (count.clone(), fail.clone());
            Box::pin(async move {
                let call = count.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::task::yield_now().await;
                if fail.load(Ordering::SeqCst) > 0 {
                    return Err(Error::unreachable("test", "down"));
                }
                Ok(call)
            })
        });
        (cached, calls, broken)
    }

    async fn settle() {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_thousand_at_once_make_one_call() {
        let (cached, calls, _) = counting(&Clock::fixed(0));
        let all = (0..1_000).map(|_| {
            let cached = cached.clone();
            tokio::spawn(async move { cached.get().await.map(|value| *value) })
        });
        for task in all.collect::<Vec<_>>() {
            assert_eq!(task.await.expect("no panic").expect("fetched"), 1);
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn stale_serves_while_it_is_renewed_and_for_an_hour_at_most() {
        let clock = Clock::fixed(0);
        let (cached, _, broken) = counting(&clock);
        assert_eq!(*cached.get().await.expect("fetched"), 1);
        clock.advance(301);
        assert_eq!(*cached.get().await.expect("stale"), 1);
        settle().await;
        assert_eq!(*cached.get().await.expect("renewed"), 2);
        broken.store(1, Ordering::SeqCst);
        clock.advance(300 + 3_599);
        assert_eq!(*cached.get().await.expect("stale"), 2);
        settle().await;
        clock.advance(1);
        assert!(cached.get().await.is_err());
    }

    #[tokio::test]
    async fn forced_fetches_are_rare_and_ordinary_ones_do_not_count() {
        let clock = Clock::fixed(0);
        let (cached, calls, _) = counting(&clock);
        cached.get().await.expect("fetched");
        for _ in 0..5 {
            cached.renew().await.expect("renewed");
        }
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        clock.advance(10);
        cached.renew().await.expect("renewed");
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_forced_fetch_does_not_make_do_with_one_that_began_before() {
        let clock = Clock::fixed(0);
        let (cached, calls, _) = counting(&clock);
        cached.get().await.expect("fetched");
        clock.advance(301);
        cached.get().await.expect("stale, and renewed behind");
        assert_eq!(*cached.renew().await.expect("renewed"), 3);
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_remembered_for_a_second() {
        let clock = Clock::fixed(0);
        let (cached, calls, broken) = counting(&clock);
        broken.store(1, Ordering::SeqCst);
        for _ in 0..5 {
            assert!(cached.get().await.is_err());
            assert!(cached.renew().await.is_err());
            assert!(cached.not_older_than(5).await.is_err());
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        broken.store(0, Ordering::SeqCst);
        tokio::time::advance(Duration::from_millis(999)).await;
        assert!(cached.get().await.is_err());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(*cached.get().await.expect("fetched"), 2);
    }

    #[tokio::test]
    async fn a_failed_renewal_leaves_a_stale_value_as_it_is() {
        let clock = Clock::fixed(0);
        let (cached, calls, broken) = counting(&clock);
        cached.get().await.expect("fetched");
        broken.store(1, Ordering::SeqCst);
        clock.advance(301);
        for _ in 0..5 {
            assert_eq!(*cached.get().await.expect("stale"), 1);
            settle().await;
        }
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn who_shares_a_value_says_for_how_long_it_is_fresh() {
        let clock = Clock::fixed(0);
        let (cached, calls, _) = counting(&clock);
        let impatient = cached.fresh_for(Duration::from_secs(60));
        assert!(cached.at_hand().is_none() && impatient.at_hand().is_none());
        impatient.get().await.expect("fetched");
        assert_eq!(*cached.get().await.expect("shared"), 1);
        clock.advance(60);
        assert!(cached.at_hand().is_some() && impatient.at_hand().is_none());
        assert_eq!(*impatient.get().await.expect("stale"), 1);
        settle().await;
        assert_eq!(*cached.at_hand().expect("renewed"), 2);
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn what_is_young_enough_is_not_fetched_again() {
        let clock = Clock::fixed(0);
        let (cached, _, _) = counting(&clock);
        assert_eq!(*cached.not_older_than(5).await.expect("fetched"), 1);
        clock.advance(5);
        assert_eq!(*cached.not_older_than(5).await.expect("young"), 1);
        clock.advance(1);
        assert_eq!(*cached.not_older_than(5).await.expect("fetched"), 2);
        clock.advance(-3);
        assert_eq!(
            *cached.not_older_than(5).await.expect("the clock was set back"),
            3
        );
    }
}
