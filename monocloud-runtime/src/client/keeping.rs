//! The store of the sessions, as this client asks it: every call has an end, every error is one answer, and what could
//! not be ended is ended later.

mod failures;
mod strangers;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use tracing::Instrument as _;

use self::failures::Failures;
use self::strangers::Strangers as Budget;
use super::MonoCloud;
use super::seen::Seen;
use super::unfinished::Unfinished;
use crate::error::Error;
use crate::event::{Event, Events};
use crate::session::Filing;
use crate::store::{
    Claim, Coordinated, Created, Denial, Exchange, IndexKey, Lease, Listed, NewRecord, Owner, Record,
    Revision, SessionStore, StoreError, StoreKey, Stored, Strangers, Updated,
};

/// So many sessions may be written at once by requests that do not wait for each other, if they are lucky.
const TURNS: usize = 256;

/// What goes through all sessions of a user may take so many time limits.
const FOR_ALL: u32 = 10;

/// After so long the store is asked again to give up a refresh.
const AGAIN: Duration = Duration::from_secs(1);

/// How long a session that was ended keeps its place: longer than any callback is under way.
pub(crate) const ENDED_FOR: Duration = Duration::from_secs(600);

impl MonoCloud {
    /// The store of the sessions, where they are not in cookies.
    pub(crate) fn keeping(&self) -> Option<&Keeping> {
        self.shared.keeping.as_ref()
    }

    /// What is shared with other processes: the store of the sessions, or the one beside cookies.
    pub(crate) fn sharing(&self) -> Option<&Keeping> {
        self.keeping().or(self.coordinator())
    }

    /// The store beside sessions in cookies, by which processes share their refreshes and what is over.
    pub(crate) fn coordinator(&self) -> Option<&Keeping> {
        self.shared.coordinator.as_ref()
    }

    /// What it takes to file sessions in the store, and to read them.
    pub(crate) fn filing(&self) -> Filing<'_> {
        let settings = self.settings();
        Filing {
            keys: self.keys(),
            groups_claim: self.groups_claim(),
            lifetime: settings.session_lifetime,
            most_of_user: settings.sessions.max_sessions_per_user,
            now: self.now(),
        }
    }
}

/// Clones share.
#[derive(Clone)]
pub(crate) struct Keeping {
    pub(super) store: Arc<dyn SessionStore>,
    unfinished: Unfinished,
    seen: Seen,
    failures: Failures,
    strangers: Budget,
    /// Writers of one session in this process come one after the other.
    turns: Arc<[tokio::sync::Mutex<()>; TURNS]>,
    events: Events,
}

impl Keeping {
    pub(super) fn new(store: Arc<dyn SessionStore>, events: Events) -> Self {
        Self {
            store,
            unfinished: Unfinished::default(),
            seen: Seen::default(),
            failures: Failures::default(),
            strangers: Budget::default(),
            turns: Arc::new(std::array::from_fn(|_| tokio::sync::Mutex::default())),
            events,
        }
    }

    /// What only a store that decides in one step can do, if this one can.
    pub(crate) fn coordinated(&self) -> Option<&dyn Coordinated> {
        self.store.coordinated()
    }

    /// Whether a request of anybody's may cost a call.
    pub(crate) fn may_ask_for_strangers(&self) -> bool {
        self.strangers.may()
    }

    /// The live record, where the answer is at hand without waiting.
    pub(crate) fn get_now(&self, key: StoreKey) -> Option<Result<Option<Stored>, Error>> {
        if self.unfinished.contains(key) {
            return Some(Ok(None));
        }
        let answer = self.store.get_now(key)?;
        Some(answer.map_err(|error| self.failed("say who is signed in", error)))
    }

    pub(crate) async fn get(&self, key: StoreKey) -> Result<Option<Stored>, Error> {
        if self.unfinished.contains(key) {
            return Ok(None);
        }
        self.ask("say who is signed in", self.store.get(key)).await
    }

    pub(crate) async fn create(&self, key: StoreKey, new: NewRecord) -> Result<Created, Error> {
        self.ask("keep the session", self.store.create(key, new)).await
    }

    pub(crate) async fn update(
        &self,
        key: StoreKey,
        expected: Revision,
        record: Record,
    ) -> Result<Updated, Error> {
        self.ask("keep the session", self.store.update(key, expected, record))
            .await
    }

    /// The turn of a writer who reads, changes and writes. Others that share it by chance may be slow.
    pub(crate) async fn turn(&self, key: StoreKey) -> Result<tokio::sync::MutexGuard<'_, ()>, Error> {
        let turn = self.turns[usize::from(key.as_bytes()[0]) % TURNS].lock();
        let turn = async { Ok(turn.await) };
        self.ask("keep the session", turn).await
    }

    /// Notes that a session was used, once in a while; nobody waits for that.
    pub(crate) fn touch(&self, key: StoreKey, summary: impl FnOnce() -> Bytes) {
        if self.coordinated().is_none() || !self.seen.is_due(key) {
            return;
        }
        let (keeping, summary) = (self.clone(), summary());
        tokio::spawn(async move {
            if let Some(store) = keeping.coordinated() {
                let _ = keeping
                    .ask("note that a session was used", store.touch(key, summary))
                    .await;
            }
        });
    }

    /// Ends a session. Where the store does not say that it has, this process refuses the session from now on, and asks
    /// the store again until it says so. For at least `length` nothing can be created there.
    pub(crate) fn end(
        &self,
        key: StoreKey,
        length: Duration,
    ) -> impl Future<Output = Result<(), Error>> + use<> {
        let keeping = self.clone();
        // Here it is over already, so it is everywhere, whether or not whoever asked is still there.
        let ending = async move {
            let call = keeping.store.delete(key, length);
            let ended = keeping.ask(Error::END_THE_SESSION, call).await;
            if ended.is_err() {
                keeping.unfinished.add(key, keeping.store.clone(), length);
            }
            ended
        };
        let ending = tokio::spawn(ending.instrument(tracing::Span::current()));
        async move {
            ending
                .await
                .unwrap_or_else(|_| Err(broke_off(Error::END_THE_SESSION)))
        }
    }

    /// Whether sessions can be kept now.
    pub(crate) async fn check(&self) -> Result<(), Error> {
        self.ask("say that it can keep a session", self.store.check())
            .await
    }

    /// Begins an exchange of the refresh token. A store that knows no leases says only whether the tokens are still those
    /// that are known.
    pub(crate) async fn begin(
        &self,
        key: StoreKey,
        expected: Revision,
        lease: Lease,
    ) -> Result<Exchange, Error> {
        if let Some(store) = self.coordinated() {
            return self
                .ask("begin a refresh", store.begin(key, expected, lease))
                .await;
        }
        Ok(match self.get(key).await? {
            None => Exchange::Gone,
            Some(stored) if stored.revision == expected => Exchange::Begun {
                taken_over: false,
                unclear: false,
            },
            Some(stored) => Exchange::Newer(stored.revision),
        })
    }

    /// Keeps what an exchange brought, and ends it.
    pub(crate) async fn commit(
        &self,
        key: StoreKey,
        expected: Revision,
        owner: Owner,
        record: Record,
    ) -> Result<Updated, Error> {
        match self.coordinated() {
            Some(store) => {
                let call = store.commit(key, expected, owner, record);
                self.ask("keep refreshed tokens", call).await
            }
            None => self.update(key, expected, record).await,
        }
    }

    /// Gives an exchange up. Where the store does not answer it is asked again until the lease is over, since whoever
    /// takes over what nobody gave up counts the refresh token as used.
    pub(crate) async fn abandon(&self, key: StoreKey, owner: Owner, unclear: bool, until: Instant) {
        if self.abandon_once(key, owner, unclear).await {
            return;
        }
        let keeping = self.clone();
        let again = async move {
            while Instant::now() + AGAIN < until {
                tokio::time::sleep(AGAIN).await;
                if keeping.abandon_once(key, owner, unclear).await {
                    return;
                }
            }
        };
        tokio::spawn(again.instrument(tracing::Span::current()));
    }

    async fn abandon_once(&self, key: StoreKey, owner: Owner, unclear: bool) -> bool {
        let Some(store) = self.coordinated() else {
            return true;
        };
        let call = store.abandon(key, owner, unclear);
        self.ask("give a refresh up", call).await.is_ok()
    }

    /// Denies first, then ends every session that is denied, where the store can, and says how many were live. Where it
    /// cannot, what this process remembers of logouts is all there is. Who has begun it may go away.
    pub(crate) fn end_all(
        &self,
        whose: Vec<IndexKey>,
        denial: Denial,
        strangers: Strangers,
        lifetime: Duration,
    ) -> impl Future<Output = Result<usize, Error>> + use<> {
        let keeping = self.clone();
        let ending = async move {
            let Some(store) = keeping.coordinated() else {
                return Ok(0);
            };
            let ended = store.end_all(whose, denial, strangers, lifetime);
            Ok(keeping.ask_for("end sessions", ended, FOR_ALL).await?.len())
        };
        let ending = tokio::spawn(ending.instrument(tracing::Span::current()));
        async move { ending.await.unwrap_or_else(|_| Err(broke_off("end sessions"))) }
    }

    /// The live sessions that are filed under these names of a `sub`, oldest first.
    pub(crate) async fn list(&self, sub: Vec<IndexKey>) -> Result<Vec<Listed>, Error> {
        let store = self
            .coordinated()
            .ok_or(Error::StoreCannot("list the sessions of a user"))?;
        self.ask_for("list sessions", store.list(sub), FOR_ALL).await
    }

    /// Claims a one-time value; nothing, where the store cannot.
    pub(crate) async fn claim(&self, name: IndexKey, lease: Lease) -> Result<Option<Claim>, Error> {
        let Some(store) = self.coordinated() else {
            return Ok(None);
        };
        self.ask("claim what is done once", store.claim(name, lease))
            .await
            .map(Some)
    }

    /// As [`Coordinated::settle`].
    pub(crate) async fn settle(
        &self,
        name: IndexKey,
        owner: Owner,
        keep: Option<Duration>,
    ) -> Result<bool, Error> {
        let Some(store) = self.coordinated() else {
            return Ok(true);
        };
        self.ask("settle what is done once", store.settle(name, owner, keep))
            .await
    }

    pub(super) async fn ask<T>(
        &self,
        doing: &'static str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, Error> {
        self.ask_for(doing, call, 1).await
    }

    /// The same for what may take so many time limits.
    async fn ask_for<T>(
        &self,
        doing: &'static str,
        call: impl Future<Output = Result<T, StoreError>>,
        limits: u32,
    ) -> Result<T, Error> {
        let limit = self.store.time_limit() * limits;
        let answer = tokio::time::timeout(limit, call).await;
        answer
            .unwrap_or(Err(StoreError::Timeout(limit)))
            .map_err(|error| self.failed(doing, error))
    }

    fn failed(&self, doing: &'static str, error: StoreError) -> Error {
        if let Some(untold) = self.failures.is_due(doing, &error) {
            tracing::error!(name: "monocloud.store.failed", doing, error = %error, untold, "the session store failed; further failures of this kind are told once in ten seconds, with how many there were");
        }
        self.events.emit(&Event::StoreUnavailable { doing });
        Error::StoreUnavailable {
            doing,
            reason: error.to_string(),
            source: Some(Arc::new(error)),
        }
    }
}

fn broke_off(doing: &'static str) -> Error {
    Error::StoreUnavailable {
        doing,
        reason: "the call broke off".to_owned(),
        source: None,
    }
}
