//! The store as it is, seen past everything that goes wrong on the way there.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use monocloud_runtime::settings::Builder;
use monocloud_runtime::store::{
    BoxFuture, Created, Denial, IndexKey, MemoryStore, Names, NewRecord, Record, Revision, SessionStore,
    StoreError, StoreKey, Stored, Updated,
};
use monocloud_runtime::testing::open_session;
use monocloud_runtime::{MonoCloud, Session};
use tokio::time::Instant;

use crate::app::client;
use crate::invariants::{self, Held};
use crate::ledger::Ledger;
use crate::log::Log;
use crate::process::Life;
use crate::world::World;

/// What a store does wrong begins so long before it is seen, at most.
const BEFORE: Duration = Duration::from_secs(25);

/// A store, and who may look into it.
pub(crate) struct Watch {
    pub(crate) memory: Arc<MemoryStore>,
    /// Where sessions are in cookies.
    pub(crate) log: Option<Log>,
    ledger: Ledger,
    looker: MonoCloud,
    asked: Arc<Mutex<Option<StoreKey>>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Cookies with the ticket of a record.
    tickets: BTreeMap<StoreKey, String>,
    /// The newest generation that was kept of a session.
    kept: BTreeMap<u32, u32>,
    exchanges: BTreeMap<StoreKey, Begun>,
    denied: Vec<Denied>,
}

/// Whose exchange it is, and since when.
struct Begun {
    life: Life,
    at: Instant,
    taken_over: bool,
}

/// A denial that the store has said is done.
struct Denied {
    name: IndexKey,
    denial: Denial,
    until: Instant,
}

impl Denied {
    fn is_of(&self, names: Names, issued_at: Option<i64>, created_at: i64) -> bool {
        let is_denied = match self.denial {
            Denial::Every => true,
            Denial::IssuedUntil(until) => issued_at.is_none_or(|at| at <= until),
            Denial::CreatedBefore(before) => created_at < before,
        };
        is_denied && Instant::now() < self.until && names.each().any(|name| name == self.name)
    }
}

impl Watch {
    /// Of a store that has sessions.
    pub(crate) fn of_sessions(world: &Arc<World>, settings: impl FnOnce(Builder) -> Builder) -> Arc<Self> {
        let (memory, asked) = (Arc::<MemoryStore>::default(), Arc::default());
        let peek = Peek {
            memory: memory.clone(),
            asked: Arc::clone(&asked),
        };
        let looker = client(world, &nobodys(), |builder| settings(builder).store(peek));
        Arc::new(Self {
            looker,
            memory,
            log: None,
            ledger: world.ledger.clone(),
            asked,
            seen: Mutex::default(),
        })
    }

    /// Of a store beside sessions in cookies. Who looks at these knows of no end.
    pub(crate) fn of_log(world: &Arc<World>, settings: impl FnOnce(Builder) -> Builder) -> Arc<Self> {
        Arc::new(Self {
            looker: client(world, &nobodys(), settings),
            memory: Arc::default(),
            log: Some(Log::default()),
            ledger: world.ledger.clone(),
            asked: Arc::default(),
            seen: Mutex::default(),
        })
    }

    /// The session that these cookies carry. Their ticket is known from now on.
    pub(crate) fn open(&self, cookies: &str) -> Option<Session> {
        self.asked().take();
        let session = open_session(&self.looker, cookies);
        if let Some(key) = self.asked().take() {
            self.seen().tickets.insert(key, cookies.to_owned());
        }
        session
    }

    /// A record was written.
    pub(crate) fn wrote(&self, key: StoreKey) {
        let cookies = self.seen().tickets.get(&key).cloned();
        let held = cookies
            .and_then(|cookies| open_session(&self.looker, &cookies))
            .and_then(|session| Held::of(&session));
        let Some((held, _)) = held else { return };
        let before = self.seen().kept.insert(held.session, held.generation);
        if before.is_some_and(|before| before > held.generation) {
            self.ledger.broke(
                invariants::OLDER,
                format_args!("{held} is kept in place of a newer one"),
            );
        }
    }

    /// A record was made.
    pub(crate) fn created(&self, new: &NewRecord) {
        if self.is_denied(new.names, new.issued_at, new.created_at) {
            self.ledger
                .broke(invariants::DENIED, "a session is created that was denied");
        }
    }

    /// A process has an exchange to itself, which another one had left behind.
    pub(crate) fn begun(&self, key: StoreKey, by: &Life, taken_over: bool) {
        let begun = Begun {
            life: by.clone(),
            at: Instant::now(),
            taken_over,
        };
        let before = self.seen().exchanges.insert(key, begun);
        if !taken_over {
            return;
        }
        self.ledger.saw("an exchange is taken over");
        let is_explained = before
            .as_ref()
            .is_none_or(|begun| begun.life.is_over() || was_troubled(&begun.life, begun.at));
        // It stays so until one is committed, which whoever takes over a cell need not do.
        let is_explained = is_explained || self.log.is_some() && before.is_some_and(|begun| begun.taken_over);
        let has_panicked = match self.session_of(key) {
            Some(session) => self.ledger.has_panicked(session),
            // Nothing tells whose cell it is.
            None => self.log.is_some() && self.ledger.has_anybody_panicked(),
        };
        if !is_explained && !has_panicked {
            self.ledger.broke(
                invariants::LEFT,
                "an exchange was left behind by a process that was well",
            );
        }
    }

    /// Denials were acknowledged.
    pub(crate) fn denied(&self, names: &[IndexKey], denial: Denial, lifetime: Duration) {
        let until = Instant::now() + lifetime;
        let denied = names.iter().map(|name| Denied {
            name: *name,
            denial,
            until,
        });
        self.seen().denied.extend(denied);
    }

    /// Each denial stands, whatever was denied since.
    pub(crate) async fn check_denials(&self) {
        let mine: Vec<_> = {
            let seen = self.seen();
            let live = seen.denied.iter().filter(|denied| Instant::now() < denied.until);
            live.map(|denied| (denied.name, denied.denial)).collect()
        };
        for (number, (name, denial)) in (0_u128..).zip(mine) {
            let record = Record::new(
                b"probe".as_slice().into(),
                b"".as_slice().into(),
                Duration::from_secs(60),
            );
            let names = Names {
                sid: Some(name),
                sub: name,
            };
            let mut new = NewRecord::new(record, names, i64::MAX, Duration::from_secs(60));
            new.issued_at = Some(i64::MAX);
            match denial {
                Denial::Every => {}
                Denial::IssuedUntil(until) => new.issued_at = Some(until),
                Denial::CreatedBefore(before) => new.created_at = before - 1,
            }
            let key = StoreKey::from_bytes((u128::MAX - number).to_be_bytes());
            let created = self.memory.create(key, new).await;
            if !matches!(created, Ok(Created::Denied)) {
                self.ledger.broke(
                    invariants::DENIED,
                    format_args!("{denial:?} is lost: {created:?}"),
                );
            }
        }
    }

    fn is_denied(&self, names: Names, issued_at: Option<i64>, created_at: i64) -> bool {
        let seen = self.seen();
        let mut denied = seen.denied.iter();
        denied.any(|denied| denied.is_of(names, issued_at, created_at))
    }

    fn session_of(&self, key: StoreKey) -> Option<u32> {
        let cookies = self.seen().tickets.get(&key).cloned()?;
        let session = open_session(&self.looker, &cookies)?;
        Some(Held::of(&session)?.0.session)
    }

    fn asked(&self) -> MutexGuard<'_, Option<StoreKey>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nobodys() -> Life {
    Life::new(u32::MAX)
}

/// Whether its store has failed it about then.
fn was_troubled(life: &Life, begun: Instant) -> bool {
    begun
        .checked_sub(BEFORE)
        .is_none_or(|since| life.is_troubled_since(since))
}

/// Reads, and remembers what.
struct Peek {
    memory: Arc<MemoryStore>,
    asked: Arc<Mutex<Option<StoreKey>>>,
}

impl SessionStore for Peek {
    fn get_now(&self, key: StoreKey) -> Option<Result<Option<Stored>, StoreError>> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
        self.memory.get_now(key)
    }

    fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(ready(self.get_now(key).expect("memory answers at once")))
    }

    fn create(&self, _: StoreKey, _: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>> {
        unreachable!("who looks changes nothing")
    }

    fn update(&self, _: StoreKey, _: Revision, _: Record) -> BoxFuture<'_, Result<Updated, StoreError>> {
        unreachable!("who looks changes nothing")
    }

    fn delete(&self, _: StoreKey, _: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        unreachable!("who looks changes nothing")
    }
}
