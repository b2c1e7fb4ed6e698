//! Parts with a lock each: who comes for one waits for few.

use std::sync::{Mutex, MutexGuard, PoisonError};

const SHARDS: usize = 64;

pub(super) struct Shards<T> {
    all: Box<[Mutex<T>]>,
}

impl<T: Default> Shards<T> {
    pub(super) fn new() -> Self {
        Self {
            all: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    /// That of an HMAC, by its first byte.
    pub(super) fn of(&self, hmac: &[u8; 16]) -> MutexGuard<'_, T> {
        lock(&self.all[usize::from(hmac[0]) % SHARDS])
    }

    /// One after the other.
    pub(super) fn each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.all.iter().map(lock)
    }
}

fn lock<T>(shard: &Mutex<T>) -> MutexGuard<'_, T> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
