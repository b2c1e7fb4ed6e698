//! The way from one process to the store that all share: it breaks as tests want it to.

mod log;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use monocloud_runtime::http_client::BoxFuture;
use monocloud_runtime::store::{
    Claim, Coordinated, Created, Denial, Exchange, IndexKey, Lease, Listed, MemoryStore, NewRecord, Owner,
    Record, Revision, SessionStore, SharedLog, StoreError, StoreKey, Stored, Strangers, Updated,
};
use tokio::sync::Notify;

use self::log::Log;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Get,
    Create,
    Update,
    Delete,
    Check,
    Begin,
    Commit,
    Abandon,
    EndAll,
    List,
    Touch,
    Claim,
    Settle,
    Append,
    Read,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Weather {
    #[default]
    Fine,
    Down,
    /// Nothing is answered.
    Hangs,
    ReadOnly,
}

/// Whether a call that is lost has done what it was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    Before,
    After,
}

/// Never answers at once, but to those who make sessions for tests.
pub(crate) struct Faulty {
    store: Arc<MemoryStore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    weather: Weather,
    lost: Vec<(Call, Lost)>,
    gate: Option<(Call, Arc<Gate>)>,
    lease: Option<Duration>,
    asked_for: Option<Duration>,
    kept: Option<Duration>,
    limit: Option<Duration>,
    ended_for: Option<Duration>,
    has_forgotten: bool,
    given: Option<Stored>,
    calls: Vec<Call>,
    read: Vec<(StoreKey, Stored)>,
    log: Log,
}

/// Where a call waits.
#[derive(Default)]
pub(crate) struct Gate {
    arrived: Notify,
    open: Notify,
}

impl Gate {
    /// Until a call is there.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    pub(crate) fn open(&self) {
        self.open.notify_one();
    }

    /// What comes of this, begun once a call is there, which is let through after so long.
    pub(crate) async fn meanwhile<T>(&self, length: Duration, what: impl Future<Output = T>) -> T {
        self.arrived().await;
        let opened = async {
            tokio::time::sleep(length).await;
            self.open();
        };
        tokio::join!(what, opened).0
    }
}

impl Faulty {
    pub(crate) fn new(store: Arc<MemoryStore>) -> Self {
        Self {
            store,
            state: Mutex::default(),
        }
    }

    pub(crate) fn weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// The next call of this kind is lost.
    pub(crate) fn lose(&self, call: Call, lost: Lost) {
        self.state().lost.push((call, lost));
    }

    /// The next call of this kind waits before it is done.
    pub(crate) fn gate(&self, call: Call) -> Arc<Gate> {
        let gate = Arc::<Gate>::default();
        self.state().gate = Some((call, gate.clone()));
        gate
    }

    /// So long it may take.
    pub(crate) fn limit(&self, limit: Duration) {
        self.state().limit = Some(limit);
    }

    /// Leases run out so soon, whatever their owner believes.
    pub(crate) fn lease(&self, length: Duration) {
        self.state().lease = Some(length);
    }

    /// How long the last lease was to be.
    pub(crate) fn last_lease(&self) -> Option<Duration> {
        self.state().asked_for
    }

    /// For how long the last one-time value was to be known.
    pub(crate) fn last_kept(&self) -> Option<Duration> {
        self.state().kept
    }

    /// How long the last session that was ended was to keep its place.
    pub(crate) fn last_ended_for(&self) -> Option<Duration> {
        self.state().ended_for
    }

    /// From now on nothing is found that is there.
    pub(crate) fn forget(&self) {
        self.state().has_forgotten = true;
    }

    /// Whatever is read is this.
    pub(crate) fn give(&self, stored: Option<Stored>) {
        self.state().given = stored;
    }

    /// What was called since somebody asked.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let mut calls = std::mem::take(&mut self.state().calls);
        // In a task of its own, sometime.
        calls.retain(|call| !matches!(call, Call::Touch | Call::Read));
        calls
    }

    /// What was read last, and under which key.
    pub(crate) fn last_read(&self) -> (StoreKey, Stored) {
        self.state().read.last().unwrap().clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn through<T>(
        &self,
        call: Call,
        real: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let (gate, lost) = {
            let mut state = self.state();
            state.calls.push(call);
            let gate = state.gate.take_if(|(at, _)| *at == call);
            let at = state.lost.iter().position(|(lost, _)| *lost == call);
            let lost = at.map(|at| state.lost.remove(at).1);
            (gate, lost)
        };
        if let Some((_, gate)) = gate {
            gate.arrived.notify_one();
            gate.open.notified().await;
        }
        if !matches!(call, Call::Create | Call::Touch) {
            tokio::task::yield_now().await;
        }
        let reads = matches!(call, Call::Get | Call::List | Call::Read);
        let weather = self.state().weather;
        match weather {
            Weather::Down => return Err(StoreError::unreachable("a fault is set")),
            Weather::Hangs => std::future::pending().await,
            Weather::ReadOnly if !reads => return Err(StoreError::ReadOnly("a fault is set".to_owned())),
            _ => {}
        }
        match lost {
            Some(Lost::Before) => Err(StoreError::unreachable("a call was lost")),
            Some(Lost::After) => {
                real.await?;
                Err(StoreError::unreachable("an answer was lost"))
            }
            None => real.await,
        }
    }

    /// Where it is, or would be.
    fn key(&self, key: StoreKey) -> StoreKey {
        let elsewhere = u8::from(self.state().has_forgotten);
        StoreKey::from_bytes(key.as_bytes().map(|byte| byte ^ elsewhere))
    }

    fn shared(&self) -> &dyn Coordinated {
        self.store.coordinated().unwrap()
    }
}

impl SessionStore for Faulty {
    fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async move {
            let mut stored = self.through(Call::Get, self.store.get(self.key(key))).await?;
            let mut state = self.state();
            if let Some(found) = &stored {
                state.read.push((key, found.clone()));
                stored = state.given.clone().or(stored);
            }
            Ok(stored)
        })
    }

    fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>> {
        Box::pin(self.through(Call::Create, self.store.create(self.key(key), new)))
    }

    fn update(
        &self,
        key: StoreKey,
        expected: Revision,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        Box::pin(self.through(Call::Update, self.store.update(self.key(key), expected, record)))
    }

    fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        self.state().ended_for = Some(at_least);
        Box::pin(self.through(Call::Delete, self.store.delete(self.key(key), at_least)))
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.through(Call::Check, self.store.check()))
    }

    fn time_limit(&self) -> Duration {
        self.state().limit.unwrap_or(self.store.time_limit())
    }

    fn coordinated(&self) -> Option<&dyn Coordinated> {
        Some(self)
    }
}

impl Coordinated for Faulty {
    fn begin(
        &self,
        key: StoreKey,
        expected: Revision,
        mut lease: Lease,
    ) -> BoxFuture<'_, Result<Exchange, StoreError>> {
        self.state().asked_for = Some(lease.length);
        lease.length = self.state().lease.unwrap_or(lease.length);
        Box::pin(self.through(Call::Begin, self.shared().begin(self.key(key), expected, lease)))
    }

    fn commit(
        &self,
        key: StoreKey,
        expected: Revision,
        owner: Owner,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        let real = self.shared().commit(self.key(key), expected, owner, record);
        Box::pin(self.through(Call::Commit, real))
    }

    fn abandon(&self, key: StoreKey, owner: Owner, unclear: bool) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.through(
            Call::Abandon,
            self.shared().abandon(self.key(key), owner, unclear),
        ))
    }

    fn end_all(
        &self,
        whose: Vec<IndexKey>,
        denial: Denial,
        strangers: Strangers,
        lifetime: Duration,
    ) -> BoxFuture<'_, Result<Vec<StoreKey>, StoreError>> {
        let real = self.shared().end_all(whose, denial, strangers, lifetime);
        Box::pin(self.through(Call::EndAll, real))
    }

    fn list(&self, sub: Vec<IndexKey>) -> BoxFuture<'_, Result<Vec<Listed>, StoreError>> {
        Box::pin(self.through(Call::List, self.shared().list(sub)))
    }

    fn touch(&self, key: StoreKey, summary: Bytes) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.through(Call::Touch, self.shared().touch(key, summary)))
    }

    fn claim(&self, name: IndexKey, lease: Lease) -> BoxFuture<'_, Result<Claim, StoreError>> {
        Box::pin(self.through(Call::Claim, self.shared().claim(name, lease)))
    }

    fn settle(
        &self,
        name: IndexKey,
        owner: Owner,
        keep: Option<Duration>,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.state().kept = keep;
        Box::pin(self.through(Call::Settle, self.shared().settle(name, owner, keep)))
    }

    fn log(&self) -> Option<&dyn SharedLog> {
        Some(self)
    }
}
