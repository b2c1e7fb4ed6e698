//! The sessions that ended in this process, so that a copy of their cookie is dead too.
//!
//! Entries live as long as any session can, by a clock that nobody sets and by the one that sessions are compared with,
//! whichever takes longer. The oldest of many of one account become one moment, before which its sessions count as ended; that
//! its other old sessions end with them is accepted. Which those are does not depend on the order in which they ended, so that
//! it is the same in every process that hears of the same. No account pushes out what is remembered of another: where there are
//! too many accounts, the oldest become one moment for everybody.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

use super::super::record::Record;
use super::ending::{Ending, account_of};
use super::entry::{Entry, Kind};
use super::time::Now;
use crate::crypto::{Name, Named, Namer, Names, fingerprint};

/// Sessions of one account that are remembered one by one.
const MAX_SESSIONS: usize = 16;

/// About 20 MB with one session each.
const MAX_ACCOUNTS: usize = 100_000;

/// The memory of them.
#[derive(Default)]
pub(crate) struct Ended {
    any: AtomicBool,
    accounts: RwLock<Accounts>,
}

#[derive(Default)]
struct Accounts {
    by_account: HashMap<Name, Account>,
    /// Each once, in the order in which they are forgotten.
    by_time: BTreeSet<(Instant, Name)>,
    everybody: Option<Before>,
}

struct Account {
    sessions: Vec<(Name, i64)>,
    older: Option<i64>,
    until: Instant,
}

/// Sessions that were created before this moment have ended.
#[derive(Clone, Copy)]
struct Before {
    created_at: i64,
    until: Instant,
}

impl Ended {
    /// Whether the session has ended.
    pub(crate) fn contains(&self, record: &Record, names: &Names) -> bool {
        self.any.load(Ordering::Acquire) && {
            let (sub, id) = (record.user().sub(), record.id().as_bytes());
            let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
            names.each().any(|namer| {
                accounts.contains(
                    record.created_at_millis(),
                    || namer.of(Named::Account, "", account_of(sub)),
                    || namer.of(Named::Session, "", fingerprint(id)),
                )
            })
        }
    }

    /// From which millisecond on a new session of `sub` does not count as ended: one to come, where the clock
    /// was set back.
    pub(crate) fn earliest(&self, sub: &str, names: &Names) -> i64 {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let of = |namer: Namer<'_>| accounts.earliest(&namer.of(Named::Account, "", account_of(sub)));
        names.each().map(of).max().unwrap_or(i64::MIN)
    }

    /// Remembers that all sessions of an account have ended which were created by now. What is new is returned, to be
    /// written.
    pub(super) fn insert_account(
        &self,
        sub: &str,
        namer: Namer<'_>,
        (lifetime, now): (Duration, Now),
        now_millis: i64,
    ) -> Entry {
        let name = namer.of(Named::Account, "", account_of(sub));
        let before = now_millis.saturating_add(1);
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        accounts.insert_account(name, before, lifetime, now, MAX_ACCOUNTS);
        self.any.store(true, Ordering::Release);
        let until = now.millis_at(now.instant + lifetime);
        entry(Kind::EndedBefore, (name, Name::default()), before, until)
    }

    /// Remembers an ended session. None lives longer than `lifetime` of those that are created by now. What is new is
    /// returned, to be written.
    pub(super) fn insert(
        &self,
        ending: Ending,
        namer: Namer<'_>,
        (lifetime, now): (Duration, Now),
    ) -> Option<Entry> {
        let ending = ending.named(namer);
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = accounts.insert(ending, lifetime, now, MAX_ACCOUNTS);
        self.any.store(true, Ordering::Release);
        let until = now.millis_at(now.instant + lifetime);
        is_new.then(|| entry(Kind::Ended, (ending.account, ending.id), ending.created_at, until))
    }

    /// Takes an entry of a file back.
    pub(super) fn restore(&self, entry: &Entry, lifetime: Duration, now: Now) {
        let Some(until) = entry.holds_until(lifetime, now) else {
            return;
        };
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        accounts.tidy(lifetime, now);
        match entry.kind {
            Kind::EverybodyBefore => accounts.end_before(entry.moment, until),
            Kind::EndedBefore => {
                let account = accounts.account(entry.name, until);
                account.older = account.older.max(Some(entry.moment));
            }
            _ => {
                let ending = Ending {
                    id: entry.session,
                    account: entry.name,
                    created_at: entry.moment,
                };
                accounts.add(ending, until);
            }
        }
        accounts.bound(MAX_ACCOUNTS);
        self.any.store(true, Ordering::Release);
    }

    /// All of them, for a file.
    pub(super) fn entries(&self, now: Now) -> Vec<Entry> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let mut entries = Vec::new();
        for (name, account) in &accounts.by_account {
            let until = now.millis_at(account.until);
            let of = |(id, created_at): &(Name, i64)| entry(Kind::Ended, (*name, *id), *created_at, until);
            entries.extend(account.sessions.iter().map(of));
            let older = account.older.into_iter();
            entries
                .extend(older.map(|older| entry(Kind::EndedBefore, (*name, Name::default()), older, until)));
        }
        if let Some(Before { created_at, until }) = accounts.everybody {
            let of_nobody = (Name::default(), Name::default());
            entries.push(entry(
                Kind::EverybodyBefore,
                of_nobody,
                created_at,
                now.millis_at(until),
            ));
        }
        entries
    }
}

fn entry(kind: Kind, (name, session): (Name, Name), created_at: i64, until: i64) -> Entry {
    Entry {
        kind,
        name,
        session,
        moment: created_at,
        noted_at: created_at,
        until,
    }
}

impl Accounts {
    fn contains(&self, created_at: i64, account: impl FnOnce() -> Name, id: impl FnOnce() -> Name) -> bool {
        if self
            .everybody
            .is_some_and(|before| created_at < before.created_at)
        {
            return true;
        }
        let Some(account) = self.by_account.get(&account()) else {
            return false;
        };
        account.older.is_some_and(|older| created_at < older) || {
            let id = id();
            account.sessions.iter().any(|(ended, _)| *ended == id)
        }
    }

    fn earliest(&self, account: &Name) -> i64 {
        let everybody = self.everybody.map(|before| before.created_at);
        let older = self.by_account.get(account).and_then(|account| account.older);
        everybody.max(older).unwrap_or(i64::MIN)
    }

    /// Says whether it is new.
    fn insert(&mut self, ending: Ending, lifetime: Duration, now: Now, most: usize) -> bool {
        self.tidy(lifetime, now);
        let is_new = self.add(ending, now.instant + lifetime);
        self.bound(most);
        is_new
    }

    fn insert_account(&mut self, name: Name, before: i64, lifetime: Duration, now: Now, most: usize) {
        self.tidy(lifetime, now);
        let account = self.account(name, now.instant + lifetime);
        account.older = account.older.max(Some(before));
        // Where the clock was set back, some that ended began later.
        account.sessions.retain(|(_, created_at)| *created_at >= before);
        self.bound(most);
    }

    fn add(&mut self, ending: Ending, until: Instant) -> bool {
        let known = self.by_account.get(&ending.account);
        if known.is_some_and(|account| account.knows(&ending)) {
            return false;
        }
        let account = self.account(ending.account, until);
        account.sessions.push((ending.id, ending.created_at));
        if account.sessions.len() > MAX_SESSIONS {
            account.drop_oldest();
        }
        true
    }

    /// An account that is remembered until then at least.
    fn account(&mut self, name: Name, until: Instant) -> &mut Account {
        let account = self.by_account.entry(name).or_insert(Account {
            sessions: Vec::new(),
            older: None,
            until,
        });
        self.by_time.remove(&(account.until, name));
        account.until = account.until.max(until);
        self.by_time.insert((account.until, name));
        account
    }

    fn bound(&mut self, most: usize) {
        if self.by_account.len() > most {
            self.collapse(most - most / 10);
        }
    }

    /// Forgets what no session can be older than any more.
    fn tidy(&mut self, lifetime: Duration, now: Now) {
        while let Some((until, id)) = self.by_time.first().copied()
            && until <= now.instant
        {
            self.by_time.pop_first();
            let Some(account) = self.by_account.get_mut(&id) else {
                continue;
            };
            match now.until_over(account.before(), lifetime) {
                Some(until) => {
                    account.until = until;
                    self.by_time.insert((until, id));
                }
                None => drop(self.by_account.remove(&id)),
            }
        }
        if let Some(before) = &mut self.everybody
            && before.until <= now.instant
        {
            match now.until_over(before.created_at, lifetime) {
                Some(until) => before.until = until,
                None => self.everybody = None,
            }
        }
    }

    /// Ends whatever was created before.
    fn end_before(&mut self, created_at: i64, until: Instant) {
        let earlier = self.everybody;
        self.everybody = Some(Before {
            created_at: earlier.map_or(created_at, |before| before.created_at.max(created_at)),
            until: earlier.map_or(until, |before| before.until.max(until)),
        });
    }

    /// Keeps this many accounts: those whose ended sessions are the newest.
    fn collapse(&mut self, keep: usize) {
        let mut newest: Vec<i64> = self.by_account.values().map(Account::before).collect();
        let at = newest.len() - keep;
        let (_, moment, _) = newest.select_nth_unstable(at);
        let created_at = *moment;
        let mut until = None;
        self.by_account.retain(|_, account| {
            let stays = account.before() > created_at;
            if !stays {
                until = until.max(Some(account.until));
            }
            stays
        });
        let by_account = &self.by_account;
        self.by_time
            .retain(|(_, account)| by_account.contains_key(account));
        let Some(until) = until else { return };
        self.end_before(created_at, until);
        tracing::warn!(
            name: "monocloud.ended_sessions.full",
            accounts = MAX_ACCOUNTS,
            "sessions of more accounts ended than are remembered one by one: every session that is older than the oldest of those has to sign in again"
        );
    }
}

impl Account {
    fn knows(&self, ending: &Ending) -> bool {
        self.older.is_some_and(|older| ending.created_at < older)
            || self.sessions.iter().any(|(id, _)| *id == ending.id)
    }

    /// Every session of it that ended was created before this.
    fn before(&self) -> i64 {
        let newest = self.sessions.iter().map(|(_, created_at)| created_at + 1).max();
        newest.max(self.older).unwrap_or(i64::MIN)
    }

    /// It becomes a moment.
    fn drop_oldest(&mut self) {
        let oldest = self.sessions.iter().enumerate();
        if let Some((at, _)) = oldest.min_by_key(|(_, (_, created_at))| *created_at) {
            let (_, created_at) = self.sessions.swap_remove(at);
            self.older = self.older.max(Some(created_at.saturating_add(1)));
        }
    }
}

#[cfg(test)]
mod tests;
