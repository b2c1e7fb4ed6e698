//! What there is under one name of a `sid` or `sub`: who is filed there, and who is denied. Each operation is one step.

use monocloud_runtime::store::{Denial, StoreKey, Strangers};

use super::Fault;

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Index {
    pub(crate) members: Vec<Member>,
    denied: Denied,
}

/// The strictest of each kind; all live as long as the longest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Denied {
    all: bool,
    issued_until: Option<i64>,
    created_before: Option<i64>,
    until: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Member {
    pub(crate) key: StoreKey,
    pub(crate) created_at: i64,
    pub(crate) issued_at: Option<i64>,
}

impl Index {
    /// Whether it is filed now; it is not where it is denied.
    pub(crate) fn add(&mut self, member: Member, now: u64, fault: Option<Fault>) -> bool {
        if self.denies(&member, now, fault) && fault != Some(Fault::CreateIgnoresDenials) {
            return false;
        }
        if self.members.iter().all(|known| known.key != member.key) {
            self.members.push(member);
            self.members.sort_by_key(|member| (member.created_at, member.key));
        }
        true
    }

    pub(crate) fn remove(&mut self, key: StoreKey) {
        self.members.retain(|member| member.key != key);
    }

    /// Who is filed here and denied.
    pub(crate) fn deny(
        &mut self,
        denial: Denial,
        strangers: Strangers,
        (now, until): (u64, u64),
        fault: Option<Fault>,
    ) -> Vec<StoreKey> {
        if self.members.is_empty() && strangers == Strangers::PassOver {
            return Vec::new();
        }
        if self.denied.until <= now || fault == Some(Fault::DenialsReplaceEachOther) {
            self.denied = Denied::default();
        }
        let denied = &mut self.denied;
        denied.until = denied.until.max(until);
        match denial {
            Denial::Every => denied.all = true,
            Denial::IssuedUntil(seconds) => denied.issued_until = denied.issued_until.max(Some(seconds)),
            Denial::CreatedBefore(millis) => denied.created_before = denied.created_before.max(Some(millis)),
        }
        self.denied_members(denial, fault)
    }

    pub(crate) fn denied_members(&self, denial: Denial, fault: Option<Fault>) -> Vec<StoreKey> {
        let ends_all = fault == Some(Fault::DenialsEndTheSparedToo);
        let denied = |member: &&Member| ends_all || covers(denial, member, fault);
        self.members
            .iter()
            .filter(denied)
            .map(|member| member.key)
            .collect()
    }

    pub(crate) fn denies(&self, member: &Member, now: u64, fault: Option<Fault>) -> bool {
        let denied = &self.denied;
        let kinds = [
            denied.all.then_some(Denial::Every),
            denied.issued_until.map(Denial::IssuedUntil),
            denied.created_before.map(Denial::CreatedBefore),
        ];
        denied.until > now
            && kinds
                .into_iter()
                .flatten()
                .any(|denial| covers(denial, member, fault))
    }
}

pub(crate) fn covers(denial: Denial, member: &Member, fault: Option<Fault>) -> bool {
    match denial {
        Denial::Every => true,
        Denial::IssuedUntil(seconds) if fault == Some(Fault::IssuedInTheSameSecondIsSpared) => {
            member.issued_at.is_none_or(|issued_at| issued_at < seconds)
        }
        Denial::IssuedUntil(seconds) => member.issued_at.is_none_or(|issued_at| issued_at <= seconds),
        Denial::CreatedBefore(millis) => member.created_at < millis,
    }
}
