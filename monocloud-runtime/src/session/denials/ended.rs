//! The sessions that ended in this process, so that a copy of their cookie is dead too.
//!
//! In memory: a restart forgets it. Entries live as long as any session can, by a clock that nobody sets and
//! by the one that sessions are compared with, whichever takes longer. Many of one account become one moment, before which its sessions count as ended; that its other old
//! sessions end with them is accepted. No account pushes out what is remembered of another: where there are
//! too many accounts, the oldest become one moment for everybody.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

use super::super::record::Record;
use super::time::Now;
use crate::crypto::{Fingerprint, fingerprint};

/// Sessions of one account that are remembered one by one.
const MAX_SESSIONS: usize = 16;

/// About 20 MB with one session each.
const MAX_ACCOUNTS: usize = 100_000;

/// What is remembered of a session, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    id: Fingerprint,
    account: Fingerprint,
    /// Milliseconds, by our own clock.
    created_at: i64,
}

impl Ending {
    pub(crate) const BYTES: usize = 40;

    pub(crate) fn of(record: &Record) -> Self {
        Self {
            id: fingerprint(record.id().as_bytes()),
            account: account(record),
            created_at: record.created_at_millis(),
        }
    }

    /// Of the session's id.
    pub(crate) fn session(&self) -> &Fingerprint {
        &self.id
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..16].copy_from_slice(&self.id);
        bytes[16..32].copy_from_slice(&self.account);
        bytes[32..].copy_from_slice(&self.created_at.to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (account, rest) = rest.split_first_chunk()?;
        Some(Self {
            id: *id,
            account: *account,
            created_at: i64::from_be_bytes(rest.try_into().ok()?),
        })
    }
}

fn account(record: &Record) -> Fingerprint {
    account_of(record.user().sub())
}

fn account_of(sub: &str) -> Fingerprint {
    fingerprint(sub.as_bytes())
}

/// The memory of them.
#[derive(Default)]
pub(crate) struct Ended {
    any: AtomicBool,
    accounts: RwLock<Accounts>,
}

#[derive(Default)]
struct Accounts {
    by_account: HashMap<Fingerprint, Account>,
    /// Each once, in the order in which they are forgotten.
    by_time: BTreeSet<(Instant, Fingerprint)>,
    everybody: Option<Before>,
}

struct Account {
    sessions: Vec<(Fingerprint, i64)>,
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
    pub(crate) fn contains(&self, record: &Record) -> bool {
        self.any.load(Ordering::Acquire)
            && self
                .accounts
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(
                    record.created_at_millis(),
                    || account(record),
                    || fingerprint(record.id().as_bytes()),
                )
    }

    /// From which millisecond on a new session of `sub` does not count as ended: one to come, where the clock
    /// was set back.
    pub(crate) fn earliest(&self, sub: &str) -> i64 {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        accounts.earliest(&account_of(sub))
    }

    /// Remembers that all sessions of an account have ended which were created by now.
    pub(crate) fn insert_account(&self, sub: &str, lifetime: Duration, now_millis: i64) {
        let now = Now::at(now_millis);
        let ending = Ending {
            id: Fingerprint::default(),
            account: account_of(sub),
            created_at: now_millis,
        };
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        accounts.insert(ending, lifetime, now, MAX_ACCOUNTS);
        if let Some(account) = accounts.by_account.get_mut(&ending.account) {
            account.sessions.clear();
            account.older = account.older.max(Some(now_millis.saturating_add(1)));
        }
        drop(accounts);
        self.any.store(true, Ordering::Release);
    }

    /// Remembers an ended session. `lifetime` is the longest that any can live; `now_millis` is the time by
    /// which they are created.
    pub(crate) fn insert(&self, ending: Ending, lifetime: Duration, now_millis: i64) {
        let now = Now::at(now_millis);
        self.accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(ending, lifetime, now, MAX_ACCOUNTS);
        self.any.store(true, Ordering::Release);
    }
}

impl Accounts {
    fn contains(
        &self,
        created_at: i64,
        account: impl FnOnce() -> Fingerprint,
        id: impl FnOnce() -> Fingerprint,
    ) -> bool {
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

    fn earliest(&self, account: &Fingerprint) -> i64 {
        let everybody = self.everybody.map(|before| before.created_at);
        let older = self.by_account.get(account).and_then(|account| account.older);
        everybody.max(older).unwrap_or(i64::MIN)
    }

    fn insert(&mut self, ending: Ending, lifetime: Duration, now: Now, most: usize) {
        self.tidy(lifetime, now);
        let until = now.instant + lifetime;
        let account = self.by_account.entry(ending.account).or_insert(Account {
            sessions: Vec::new(),
            older: None,
            until,
        });
        if account.knows(&ending) {
            return;
        }
        self.by_time.remove(&(account.until, ending.account));
        self.by_time.insert((until, ending.account));
        account.until = until;
        account.sessions.push((ending.id, ending.created_at));
        if account.sessions.len() > MAX_SESSIONS {
            account.collapse();
        }
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
        let earlier = self.everybody;
        self.everybody = Some(Before {
            created_at: earlier.map_or(created_at, |before| before.created_at.max(created_at)),
            until: earlier.map_or(until, |before| before.until.max(until)),
        });
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

    /// The older half becomes one moment.
    fn collapse(&mut self) {
        self.sessions.sort_unstable_by_key(|(_, created_at)| *created_at);
        let newest_of_older = self.sessions.drain(..=MAX_SESSIONS / 2).next_back();
        if let Some((_, created_at)) = newest_of_older {
            self.older = self.older.max(Some(created_at.saturating_add(1)));
        }
    }
}

#[cfg(test)]
mod tests;
