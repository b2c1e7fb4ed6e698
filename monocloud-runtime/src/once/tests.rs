use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::{Arrival, Failed, Known, Once};
use crate::error::Error;

const KEY: [u8; 16] = [1; 16];
const PROOF: [u8; 16] = [2; 16];

fn once() -> Once<usize> {
    Once::new(Duration::from_secs(10))
}

/// What a number of arrivals at one moment get, and how often the work was done.
async fn arrive(
    once: &Once<usize>,
    proof: [u8; 16],
    calls: &Arc<AtomicUsize>,
    may_repeat: Option<bool>,
) -> String {
    let calls = calls.clone();
    let arrival = once.arrive(KEY, proof, 0, Duration::from_secs(900), async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let number = calls.fetch_add(1, Ordering::SeqCst) + 1;
        match may_repeat {
            None => Ok(number),
            Some(may_repeat) => Err(Failed {
                error: Error::unreachable("the issuer", "away"),
                may_repeat,
            }),
        }
    });
    match arrival {
        Arrival::Outcome(outcome) => match outcome.await {
            Ok(number) => number.to_string(),
            Err(_) => "failed".to_owned(),
        },
        Arrival::Over => "over".to_owned(),
        Arrival::Refused => "refused".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_with_the_proof_gets_the_one_outcome_for_some_seconds() {
    let (once, calls) = (once(), Arc::default());
    let (a, b, c) = tokio::join!(
        arrive(&once, PROOF, &calls, None),
        arrive(&once, PROOF, &calls, None),
        arrive(&once, [3; 16], &calls, None),
    );
    assert_eq!((a.as_str(), b.as_str(), c.as_str()), ("1", "1", "refused"));
    tokio::time::advance(Duration::from_secs(9)).await;
    assert_eq!(arrive(&once, PROOF, &calls, None).await, "1");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(arrive(&once, PROOF, &calls, None).await, "over");
    assert_eq!(arrive(&once, [3; 16], &calls, None).await, "refused");
    tokio::time::advance(Duration::from_secs(900)).await;
    assert_eq!(arrive(&once, PROOF, &calls, None).await, "2", "its time is over");
}

#[tokio::test(start_paused = true)]
async fn work_that_used_nothing_up_may_be_begun_again() {
    let (once, calls) = (once(), Arc::default());
    assert_eq!(arrive(&once, PROOF, &calls, Some(true)).await, "failed");
    assert_eq!(arrive(&once, PROOF, &calls, Some(false)).await, "failed");
    assert_eq!(arrive(&once, PROOF, &calls, None).await, "failed", "as before");
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn work_goes_on_when_whoever_waits_goes_away() {
    let (once, calls) = (once(), Arc::default());
    let waits = arrive(&once, PROOF, &calls, None);
    assert!(
        tokio::time::timeout(Duration::from_millis(10), waits)
            .await
            .is_err()
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(arrive(&once, PROOF, &calls, None).await, "1");
}

#[tokio::test(start_paused = true)]
async fn a_closed_key_is_never_worked_on() {
    let (once, calls) = (once(), Arc::default());
    once.close(KEY, 0, Duration::from_secs(900));
    assert_eq!(arrive(&once, PROOF, &calls, None).await, "refused");
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn where_there_are_too_many_the_oldest_stay_refused() {
    let once = once();
    let now = Instant::now();
    let mut memory = once.inner.memory();
    for number in 0..10_u8 {
        let known = Known {
            proof: PROOF,
            born_at: number.into(),
            until: now + Duration::from_secs(900),
            outcome: None,
        };
        memory.insert([number; 16], known, now, 4);
    }
    assert_eq!(memory.known.len(), 4);
    for number in 0..10_u8 {
        let key = [number; 16];
        assert!(
            memory.known.contains_key(&key) || memory.is_forgotten(number.into(), now),
            "{number}"
        );
    }
    assert!(!memory.is_forgotten(6, now), "what is newer is not refused");
    assert!(!memory.is_forgotten(0, now + Duration::from_secs(900)));
}
