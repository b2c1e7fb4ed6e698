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

#[tokio::test]
async fn what_strangers_ask_for_is_rarer_and_delays_nobody_elses_turn() {
    let clock = Clock::fixed(0);
    let (cached, calls, broken) = counting(&clock);
    cached.get().await.expect("fetched");
    for _ in 0..5 {
        cached.renew_for_anybody().await.expect("renewed");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert_eq!(*cached.renew().await.expect("renewed"), 3);
    clock.advance(59);
    cached.renew_for_anybody().await.expect("at hand");
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    clock.advance(1);
    // Also where it brings nothing.
    broken.store(1, Ordering::SeqCst);
    assert!(cached.renew_for_anybody().await.is_err());
    for _ in 0..5 {
        assert_eq!(*cached.renew_for_anybody().await.expect("at hand"), 3);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}
