//! One part of the sessions, behind one lock: live ones, keys that are closed, and when each is over.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use super::cell::Live;
use super::hash::ByHmac;
use crate::store::StoreKey;

#[derive(Default)]
pub(super) struct Shard {
    live: HashMap<StoreKey, Live, ByHmac>,
    /// Where nothing may be created, and until when.
    closed: HashMap<StoreKey, u64, ByHmac>,
    due: BTreeSet<(u64, StoreKey)>,
}

/// What there is under a key.
pub(super) enum Found<'a> {
    Nothing,
    Live(&'a mut Live),
    Closed,
}

impl Shard {
    pub(super) fn find(&mut self, key: StoreKey, now: u64) -> Found<'_> {
        if self.closed.get(&key).is_some_and(|until| *until > now) {
            return Found::Closed;
        }
        match self.live.get_mut(&key) {
            Some(live) if live.until > now => Found::Live(live),
            _ => Found::Nothing,
        }
    }

    pub(super) fn live(&mut self, key: StoreKey, now: u64) -> Option<&mut Live> {
        match self.find(key, now) {
            Found::Live(live) => Some(live),
            Found::Nothing | Found::Closed => None,
        }
    }

    /// Where nothing is.
    pub(super) fn insert(&mut self, key: StoreKey, live: Live) {
        self.due.insert((live.until, key));
        self.live.insert(key, live);
    }

    pub(super) fn drop_over(&mut self, key: StoreKey, now: u64) -> Option<Live> {
        self.live.get(&key).filter(|live| live.until <= now)?;
        let over = self.live.remove(&key)?;
        self.due.remove(&(over.until, key));
        Some(over)
    }

    /// Changes a live session, whose lifetime may change with it.
    pub(super) fn change<T>(
        &mut self,
        key: StoreKey,
        now: u64,
        change: impl FnOnce(&mut Live) -> T,
    ) -> Option<T> {
        let live = self.live(key, now)?;
        let before = live.until;
        let changed = change(live);
        let after = live.until;
        if after != before {
            self.due.remove(&(before, key));
            self.due.insert((after, key));
        }
        Some(changed)
    }

    /// Ends what is there, and closes the key until then at least. Gives what it was, over or not.
    pub(super) fn close(&mut self, key: StoreKey, until: u64) -> Option<Live> {
        let ended = self.live.remove(&key);
        if let Some(ended) = &ended {
            self.due.remove(&(ended.until, key));
        }
        match self.closed.entry(key) {
            Entry::Occupied(closed) if *closed.get() >= until => {}
            Entry::Occupied(mut closed) => {
                self.due.remove(&(*closed.get(), key));
                self.due.insert((until, key));
                closed.insert(until);
            }
            Entry::Vacant(vacant) => {
                self.due.insert((until, key));
                vacant.insert(until);
            }
        }
        ended
    }

    /// Takes out what is over, the first of it first. Gives the sessions.
    pub(super) fn sweep(&mut self, now: u64, most: usize) -> Vec<(StoreKey, Live)> {
        let mut over = Vec::new();
        for _ in 0..most {
            let Some((until, key)) = self.due.first().copied().filter(|(until, _)| *until <= now) else {
                break;
            };
            self.due.pop_first();
            if self.closed.get(&key) == Some(&until) {
                self.closed.remove(&key);
            }
            if self.live.get(&key).is_some_and(|live| live.until == until) {
                over.extend(self.live.remove(&key).map(|live| (key, live)));
            }
        }
        over
    }
}
