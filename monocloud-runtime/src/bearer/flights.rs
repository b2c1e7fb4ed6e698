//! Calls to the issuer about tokens of one kind: one at a time for one token, however many requests wait for it, and few
//! in all.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::known::Digest;
use crate::error::Error;
use crate::http_client::BoxFuture;
use crate::identity::Claims;
use crate::oidc::Unfit;

/// So many calls at once. Whoever sends tokens of this kind cannot make more.
const AT_ONCE: usize = 32;

/// So many more may wait for their turn.
const MOST: usize = 1_024;

type Flight = Shared<BoxFuture<'static, Result<Claims, Unfit>>>;

/// Clones share what is under way.
#[derive(Clone)]
pub(super) struct Flights {
    under_way: Arc<Mutex<HashMap<Digest, Flight>>>,
    turns: Arc<Semaphore>,
    /// For waiting and for the call together.
    timeout: Duration,
}

impl Flights {
    pub(super) fn new(timeout: Duration) -> Self {
        Self {
            under_way: Arc::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            timeout,
        }
    }

    /// Joins the call about this token, or begins it. It runs in a task of its own: who waits may go away.
    pub(super) async fn join(
        &self,
        token: Digest,
        call: impl Future<Output = Result<Claims, Unfit>> + Send + 'static,
    ) -> Result<Claims, Unfit> {
        let flight = {
            let mut under_way = self.under_way();
            match under_way.get(&token) {
                Some(flight) => flight.clone(),
                None if under_way.len() >= MOST => return Err(busy()),
                None => {
                    let flight = self.begin(token, call);
                    under_way.insert(token, flight.clone());
                    flight
                }
            }
        };
        flight.await
    }

    fn begin(
        &self,
        token: Digest,
        call: impl Future<Output = Result<Claims, Unfit>> + Send + 'static,
    ) -> Flight {
        let flights = self.clone();
        let task = async move {
            let deadline = Instant::now() + flights.timeout;
            let in_turn = async {
                let _turn = flights.turns.acquire().await;
                // Whose turn comes when the time is over begins no call.
                if Instant::now() >= deadline {
                    return Err(busy());
                }
                call.await
            };
            let in_time = tokio::time::timeout_at(deadline, in_turn);
            let outcome = AssertUnwindSafe(in_time).catch_unwind().await;
            flights.under_way().remove(&token);
            match outcome {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => Err(busy()),
                Err(_) => Err(broke_off()),
            }
        };
        let task = tokio::spawn(task.instrument(tracing::Span::current()));
        async move { task.await.unwrap_or_else(|_| Err(broke_off())) }
            .boxed()
            .shared()
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Digest, Flight>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const ENDPOINT: &str = "the introspection endpoint";

fn busy() -> Unfit {
    Unfit::Failed(Error::unreachable(
        ENDPOINT,
        "too many tokens wait for its answers, or it is too slow (MONOCLOUD_AUTH_RESPONSE_TIMEOUT)",
    ))
}

fn broke_off() -> Unfit {
    Unfit::Failed(Error::unreachable(ENDPOINT, "the work broke off"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::{AT_ONCE, Flights, MOST};
    use crate::oidc::Unfit;

    fn digest(number: usize) -> [u8; 32] {
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&number.to_be_bytes());
        digest
    }

    fn no() -> Unfit {
        Unfit::Invalid("no".to_owned())
    }

    #[tokio::test]
    async fn one_token_is_asked_about_once_however_many_wait() {
        let flights = Flights::new(Duration::from_secs(10));
        let calls = Arc::new(AtomicUsize::new(0));
        let all = (0..1_000).map(|_| {
            let calls = calls.clone();
            flights.join(digest(0), async move {
                calls.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Err(no())
            })
        });
        let all = join_all(all).await;
        assert!(all.iter().all(|one| matches!(one, Err(Unfit::Invalid(_)))));
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    /// Counts itself until it is dropped, also where its call is broken off.
    struct Running(Arc<AtomicUsize>);

    impl Running {
        fn new(now: &Arc<AtomicUsize>, most: &AtomicUsize) -> Self {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            Self(now.clone())
        }
    }

    impl Drop for Running {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn few_calls_run_at_once_and_what_is_too_much_fails() {
        let flights = Flights::new(Duration::from_secs(10));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let all = (0..MOST + 10).map(|number| {
            let (now, most) = (now.clone(), most.clone());
            flights.join(digest(number), async move {
                let _running = Running::new(&now, &most);
                tokio::time::sleep(Duration::from_secs(1)).await;
                Err(no())
            })
        });
        let all = join_all(all).await;
        let failed = all
            .iter()
            .filter(|one| matches!(one, Err(Unfit::Failed(_))))
            .count();
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
        // Ten seconds are ten turns; the last ones of the tenth come too late, or just in time.
        assert!(
            (10 + MOST - AT_ONCE * 10..=10 + MOST - AT_ONCE * 9).contains(&failed),
            "{failed}"
        );
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_and_leaves_nothing_behind() {
        let flights = Flights::new(Duration::from_secs(10));
        let outcome = flights.join(digest(0), async { panic!("on purpose") }).await;
        assert!(matches!(outcome, Err(Unfit::Failed(_))));
        let outcome = flights.join(digest(0), async { Err(no()) }).await;
        assert!(matches!(outcome, Err(Unfit::Invalid(_))));
    }
}
