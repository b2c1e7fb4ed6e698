//! The sessions that ended in this process, so that a copy of their cookie is dead too.
//!
//! In memory: a restart forgets it. Entries live as long as any session can, by a clock that nobody sets.
//! Many of one account become one moment, before which its sessions count as ended; that its other old
//! sessions end with them is accepted. No account pushes out what is remembered of another: where there are
//! too many accounts, the oldest become one moment for everybody.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::record::Record;
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
    pub(crate) fn of(record: &Record) -> Self {
        Self {
            id: fingerprint(record.id().as_bytes()),
            account: account(record),
            created_at: record.created_at_millis(),
        }
    }

    pub(crate) fn to_bytes(self) -> [u8; 40] {
        let mut bytes = [0; 40];
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
    fingerprint(record.user().sub().as_bytes())
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
    /// In the order in which they end, each once for every session that ended.
    by_time: VecDeque<(Instant, Fingerprint)>,
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

    /// Remembers an ended session. `lifetime` is the longest that any can live.
    pub(crate) fn insert(&self, ending: Ending, lifetime: Duration) {
        self.accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(ending, lifetime, Instant::now(), MAX_ACCOUNTS);
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
            .is_some_and(|before| created_at < before.created_at && Instant::now() < before.until)
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

    fn insert(&mut self, ending: Ending, lifetime: Duration, now: Instant, most: usize) {
        self.tidy(now);
        let until = now + lifetime;
        let account = self.by_account.entry(ending.account).or_insert(Account {
            sessions: Vec::new(),
            older: None,
            until,
        });
        if account.knows(&ending) {
            return;
        }
        account.until = until;
        account.sessions.push((ending.id, ending.created_at));
        if account.sessions.len() > MAX_SESSIONS {
            account.collapse();
        }
        self.by_time.push_back((until, ending.account));
        if self.by_account.len() > most {
            self.collapse(most - most / 10);
        }
    }

    fn tidy(&mut self, now: Instant) {
        while let Some((until, account)) = self.by_time.front()
            && *until <= now
        {
            if self
                .by_account
                .get(account)
                .is_some_and(|known| known.until <= now)
            {
                self.by_account.remove(account);
            }
            self.by_time.pop_front();
        }
        if self.everybody.is_some_and(|before| before.until <= now) {
            self.everybody = None;
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
mod tests {
    use std::time::{Duration, Instant};

    use super::{Accounts, Ending, MAX_SESSIONS};

    const DAY: Duration = Duration::from_secs(86_400);

    /// The session number `id` of an account.
    fn session(account: u64, id: u64, created_at: i64) -> Ending {
        let number = |number: u64| {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&number.to_be_bytes());
            bytes
        };
        Ending {
            id: number(id),
            account: number(account),
            created_at,
        }
    }

    fn has_ended(accounts: &Accounts, session: Ending) -> bool {
        accounts.contains(session.created_at, || session.account, || session.id)
    }

    #[test]
    fn an_ended_session_is_remembered_as_long_as_any_can_live() {
        let (mut accounts, now) = (Accounts::default(), Instant::now());
        let (first, second) = (session(1, 1, 100), session(2, 2, 100));
        accounts.insert(first, DAY, now, 10);
        assert!(has_ended(&accounts, first) && !has_ended(&accounts, second));
        accounts.insert(second, DAY, now + Duration::from_secs(86_399), 10);
        assert!(has_ended(&accounts, first));
        accounts.insert(second, DAY, now + DAY, 10);
        assert!(!has_ended(&accounts, first) && has_ended(&accounts, second));
        assert!(accounts.by_time.len() == 1 && accounts.by_account.len() == 1);
    }

    #[test]
    fn many_of_one_account_become_one_moment_and_none_lives_again() {
        let (mut accounts, now) = (Accounts::default(), Instant::now());
        let other = session(2, 1, 1);
        accounts.insert(other, DAY, now, 10);
        let all: Vec<_> = (0..1_000_u32)
            .map(|number| session(1, number.into(), 1_000 + i64::from(number)))
            .collect();
        for (at, ended) in all.iter().enumerate() {
            accounts.insert(*ended, DAY, now, 10);
            let newer = session(1, 9_999, ended.created_at + 1);
            assert!(!has_ended(&accounts, newer), "what is newer lives, after {at}");
        }
        for ended in &all {
            assert!(has_ended(&accounts, *ended), "{ended:?}");
        }
        assert!(has_ended(&accounts, other), "another account's stays");
        assert!(!has_ended(&accounts, session(3, 3, 1)), "and who did nothing");
        let remembered = accounts.by_account.values().map(|account| account.sessions.len());
        assert!(remembered.sum::<usize>() <= MAX_SESSIONS + 1);
    }

    #[test]
    fn too_many_accounts_revive_nothing() {
        let (mut accounts, now) = (Accounts::default(), Instant::now());
        let all: Vec<_> = (0..100_u32)
            .map(|number| session(number.into(), 1, i64::from(number) * 10))
            .collect();
        for ended in &all {
            accounts.insert(*ended, DAY, now, 20);
            assert!(accounts.by_account.len() <= 20);
        }
        for ended in &all {
            assert!(has_ended(&accounts, *ended), "{ended:?}");
        }
        assert!(
            !has_ended(&accounts, session(500, 1, 10_000)),
            "what is newer lives"
        );
    }

    #[test]
    fn a_moment_is_forgotten_with_the_last_session_that_it_stands_for() {
        let (mut accounts, now) = (Accounts::default(), Instant::now());
        for number in 0..40_u32 {
            accounts.insert(session(number.into(), 1, i64::from(number)), DAY, now, 20);
        }
        assert!(accounts.everybody.is_some());
        accounts.insert(session(99, 1, 99), DAY, now + DAY, 20);
        assert!(accounts.everybody.is_none() && accounts.by_account.len() == 1);
    }

    #[test]
    fn what_a_transaction_remembers_comes_back() {
        let ending = session(7, 8, 1_800_000_000_123);
        assert_eq!(Ending::from_bytes(&ending.to_bytes()), Some(ending));
        assert_eq!(Ending::from_bytes(&ending.to_bytes()[1..]), None);
        assert_eq!(Ending::from_bytes(&[]), None);
    }
}
