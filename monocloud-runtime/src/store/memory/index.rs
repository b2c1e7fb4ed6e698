//! Which sessions there are under a name, and what is denied there: one lock for both, so that no session comes between.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::MutexGuard;

use super::denied::{Denied, Member};
use super::hash::ByHmac;
use super::room::Room;
use super::shards::Shards;
use crate::store::{Denial, IndexKey, StoreKey, Strangers};

/// A denial takes out so many that are over.
const AT_ONCE: usize = 64;

pub(super) struct Index {
    shards: Shards<Shard>,
}

#[derive(Default)]
struct Shard {
    members: HashMap<IndexKey, Members, ByHmac>,
    denied: HashMap<IndexKey, Denied, ByHmac>,
    /// When denials are over.
    due: BTreeSet<(u64, IndexKey)>,
}

/// Most accounts have one session, and each `sid` has.
enum Members {
    One(Member),
    /// Oldest first.
    Many(Vec<Member>),
}

/// What a denial found.
pub(super) struct Deny {
    /// Who is denied.
    pub(super) members: Vec<StoreKey>,
    /// Whether it is kept for later; there may be no room.
    pub(super) is_kept: bool,
}

impl Index {
    pub(super) fn new() -> Self {
        Self {
            shards: Shards::new(),
        }
    }

    /// Files a session under a name, and gives who was there before it, oldest first; nothing where it is denied there.
    pub(super) fn add(&self, name: IndexKey, member: Member, now: u64) -> Option<Vec<Member>> {
        let mut shard = self.shard(name);
        let denied = shard.denied.get(&name).filter(|denied| denied.until > now);
        if denied.is_some_and(|denied| denied.covers(&member)) {
            return None;
        }
        Some(match shard.members.entry(name) {
            Entry::Occupied(members) => {
                let before = members.get().all().to_vec();
                members.into_mut().add(member);
                before
            }
            Entry::Vacant(vacant) => {
                vacant.insert(Members::One(member));
                Vec::new()
            }
        })
    }

    pub(super) fn remove(&self, name: IndexKey, key: StoreKey) {
        let mut shard = self.shard(name);
        if let Entry::Occupied(mut members) = shard.members.entry(name)
            && members.get_mut().remove(key)
        {
            members.remove();
        }
    }

    /// The sessions under a name, oldest first.
    pub(super) fn members(&self, name: IndexKey) -> Vec<Member> {
        let shard = self.shard(name);
        shard
            .members
            .get(&name)
            .map(|members| members.all().to_vec())
            .unwrap_or_default()
    }

    /// Denies, and reads who is denied, in one step.
    pub(super) fn deny(
        &self,
        name: IndexKey,
        denial: Denial,
        strangers: Strangers,
        (now, until): (u64, u64),
        room: &Room,
    ) -> Deny {
        let mut shard = self.shard(name);
        room.free(shard.sweep(now));
        let known = shard.members.get(&name);
        if known.is_none() && strangers == Strangers::PassOver {
            return Deny {
                members: Vec::new(),
                is_kept: true,
            };
        }
        let mut only = Denied::default();
        only.add(denial, until);
        let members = known.map(Members::all).unwrap_or_default().iter();
        let members = members
            .filter(|member| only.covers(member))
            .map(|member| member.key)
            .collect();
        Deny {
            members,
            is_kept: shard.keep(name, denial, (now, until), room),
        }
    }

    /// Takes out all denials that are over; gives how many.
    pub(super) fn sweep(&self, now: u64) -> usize {
        self.shards.each().map(|mut shard| shard.sweep_all(now)).sum()
    }

    fn shard(&self, name: IndexKey) -> MutexGuard<'_, Shard> {
        self.shards.of(name.as_bytes())
    }
}

impl Shard {
    fn keep(&mut self, name: IndexKey, denial: Denial, (now, until): (u64, u64), room: &Room) -> bool {
        let Self { denied, due, .. } = self;
        let denied = match denied.entry(name) {
            Entry::Occupied(denied) => denied.into_mut(),
            Entry::Vacant(vacant) if room.take() => vacant.insert(Denied::default()),
            Entry::Vacant(_) => return false,
        };
        due.remove(&(denied.until, name));
        if denied.until <= now {
            *denied = Denied::default();
        }
        denied.add(denial, until);
        due.insert((denied.until, name));
        true
    }

    fn sweep(&mut self, now: u64) -> usize {
        (0..AT_ONCE).take_while(|_| self.drop_first(now)).count()
    }

    fn sweep_all(&mut self, now: u64) -> usize {
        std::iter::from_fn(|| self.drop_first(now).then_some(())).count()
    }

    fn drop_first(&mut self, now: u64) -> bool {
        let Some((_, name)) = self.due.first().copied().filter(|(until, _)| *until <= now) else {
            return false;
        };
        self.due.pop_first();
        self.denied.remove(&name).is_some()
    }
}

impl Members {
    fn all(&self) -> &[Member] {
        match self {
            Self::One(member) => std::slice::from_ref(member),
            Self::Many(members) => members,
        }
    }

    fn add(&mut self, member: Member) {
        if self.all().iter().any(|known| known.key == member.key) {
            return;
        }
        if let Self::One(first) = *self {
            *self = Self::Many(vec![first]);
        }
        if let Self::Many(members) = self {
            let age = |member: &Member| (member.created_at, member.key);
            let at = members.partition_point(|known| age(known) < age(&member));
            members.insert(at, member);
        }
    }

    /// Whether nobody is left.
    fn remove(&mut self, key: StoreKey) -> bool {
        match self {
            Self::One(member) => member.key == key,
            Self::Many(members) => {
                members.retain(|member| member.key != key);
                if let [last] = **members {
                    *self = Self::One(last);
                }
                self.all().is_empty()
            }
        }
    }
}
