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

/// The same for those whom nothing but the key in question would prove to be the issuer, whatever the first brought.
const FORCED_BY_ANYBODY_EVERY: i64 = 60;

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
    forced_by_anybody_at: Option<i64>,
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
            forced_by_anybody_at: None,
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
        self.renew_in_turn(FORCED_EVERY, |state| &mut state.forced_at)
            .await
    }

    /// The same on behalf of whoever it may be, at most once in a minute: what strangers ask for delays nobody else's
    /// turn, and nobody else's takes theirs.
    pub(crate) async fn renew_for_anybody(&self) -> Result<Arc<T>, Error> {
        self.renew_in_turn(FORCED_BY_ANYBODY_EVERY, |state| &mut state.forced_by_anybody_at)
            .await
    }

    /// At most once in so many seconds; `last` is when it was the turn of those who ask.
    async fn renew_in_turn(
        &self,
        every: i64,
        last: fn(&mut State<T>) -> &mut Option<i64>,
    ) -> Result<Arc<T>, Error> {
        // It may have begun before what is missing was published, so it is awaited, not trusted.
        let under_way = self.inner.state().flight.clone();
        if let Some(flight) = under_way {
            drop(flight.await);
        }
        let now = self.inner.clock.now();
        let flight = {
            let mut state = self.inner.state();
            let recently = last(&mut state).is_some_and(|at| (0..every).contains(&(now - at)));
            match &state.value {
                Some((value, _)) if recently => return Ok(value.clone()),
                _ => {
                    let flight = self.join(&mut state)?;
                    *last(&mut state) = Some(now);
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
mod tests;
