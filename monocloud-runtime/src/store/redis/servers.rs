//! The servers, as the operations use them: one script, several reads, or a script whose effect must be on more than one
//! machine before anybody is told.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use redis::{Cmd, Value};
use tokio::sync::Semaphore;

use super::connection::Together;
use super::keys::Keys;
use super::link::{Failed, Link};
use super::scripts::Call;
use super::target::Target;
use crate::store::StoreError;

/// `WAIT` holds its connection up, and what comes after it.
const FENCES: usize = 4;
/// Who comes later waits before a connection, and can go away.
const IN_A_FENCE: usize = 32;
/// How long replicas are waited for, in milliseconds; less than a caller waits.
const ACKNOWLEDGED_WITHIN: u128 = 1_000;

pub(super) struct Servers {
    pub(super) keys: Keys,
    pub(super) target: Arc<Target>,
    commands: Link,
    /// Where a read waits, and what comes after it: one of each log that is read.
    followers: Mutex<HashMap<String, Link>>,
    fences: [Fence; FENCES],
    next: AtomicUsize,
}

struct Fence {
    link: Link,
    places: Semaphore,
}

impl Servers {
    pub(super) fn new(target: Target) -> Self {
        let target = Arc::new(target);
        let fence = |_| Fence {
            link: Link::new(Arc::clone(&target)),
            places: Semaphore::new(IN_A_FENCE),
        };
        Self {
            keys: Keys::new(&target.address.prefix),
            commands: Link::new(Arc::clone(&target)),
            followers: Mutex::default(),
            fences: std::array::from_fn(fence),
            next: AtomicUsize::new(0),
            target,
        }
    }

    /// What the script says, word by word.
    pub(super) async fn run(&self, call: Call) -> Result<Vec<String>, StoreError> {
        let short = Together::new(call.key(), vec![call.short()]);
        let answers = match self.commands.send(short).await {
            Err(Failed::UnknownScript) => {
                let full = Together::new(call.key(), vec![call.full()]);
                self.commands.send(full).await
            }
            answers => answers,
        };
        first(sent(answers)?)
    }

    /// The same, and as many replicas have it as must.
    pub(super) async fn fenced(&self, call: &Call) -> Result<Vec<String>, StoreError> {
        first(
            self.fence(Together::new(call.key(), vec![call.full()]).repeatable())
                .await?,
        )
    }

    /// The same where it makes a difference whether it is carried out twice.
    pub(super) async fn fenced_once(&self, call: &Call) -> Result<Vec<String>, StoreError> {
        first(self.fence(Together::new(call.key(), vec![call.full()])).await?)
    }

    /// The command's answer stands first.
    pub(super) async fn fence(&self, mut together: Together) -> Result<Vec<Value>, StoreError> {
        let needed = self.target.address.replicas;
        if needed > 0 {
            let mut wait = redis::cmd("WAIT");
            wait.arg(needed)
                .arg(millis_to_wait(self.target.address.timeout.as_millis()));
            together.commands.push(wait);
        }
        let fence = &self.fences[self.next.fetch_add(1, Ordering::Relaxed) % FENCES];
        let place = fence.places.acquire();
        let _place = tokio::time::timeout(self.target.address.timeout, place)
            .await
            .map_err(|_| StoreError::Timeout(self.target.address.timeout))?;
        let answers = sent(fence.link.send(together).await)?;
        let acknowledged = match answers.get(1) {
            Some(Value::Int(acknowledged)) => u32::try_from(*acknowledged).unwrap_or(0),
            _ => 0,
        };
        if acknowledged < needed {
            return Err(StoreError::NotReplicated { acknowledged, needed });
        }
        Ok(answers)
    }

    /// Reads that wait for what is still to come.
    pub(super) async fn follow(&self, together: Together) -> Result<Vec<Value>, StoreError> {
        let link = {
            let mut followers = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
            let link = followers.entry(together.key.clone());
            link.or_insert_with(|| Link::new(Arc::clone(&self.target)))
                .clone()
        };
        sent(link.send(together).await)
    }

    /// From masters alone.
    pub(super) async fn read(&self, key: &str, command: Cmd) -> Result<Value, StoreError> {
        let together = Together::new(key, vec![command]).repeatable();
        let answers = sent(self.commands.send(together).await)?;
        answers.into_iter().next().ok_or_else(unexpected)
    }
}

fn millis_to_wait(timeout: u128) -> u64 {
    u64::try_from((timeout / 2).min(ACKNOWLEDGED_WITHIN)).unwrap_or(u64::MAX)
}

fn sent(answers: Result<Vec<Value>, Failed>) -> Result<Vec<Value>, StoreError> {
    answers.map_err(|failed| match failed {
        Failed::Store(error) => error,
        Failed::UnknownScript => StoreError::other("the server forgets scripts"),
    })
}

fn first(answers: Vec<Value>) -> Result<Vec<String>, StoreError> {
    let first = answers.into_iter().next().ok_or_else(unexpected)?;
    redis::from_redis_value(first).map_err(|_| unexpected())
}

/// What no script of ours says.
pub(super) fn unexpected() -> StoreError {
    StoreError::other("the server's answer is none to what was asked")
}
