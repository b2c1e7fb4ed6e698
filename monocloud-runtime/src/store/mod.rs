//! Where sessions are kept, when not in cookies: memory, or a store of one's own.
//!
//! A store is a place for bytes that it cannot read. What it must do with them is said at [`SessionStore`], which any
//! key-value store can be, at [`Coordinated`], which takes one that decides something in one step, and at [`SharedLog`], by
//! which processes share what is over of sessions in cookies;
//! [`testing::store_contract`](crate::testing::store_contract) checks an implementation.

mod answers;
mod error;
mod key;
mod log;
mod memory;
mod record;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "tower-sessions")]
mod tower_sessions;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use self::answers::{Claim, Created, Denial, Exchange, Strangers, Updated};
pub use self::error::StoreError;
pub use self::key::{IndexKey, Lease, Owner, Revision, StoreKey};
pub use self::log::{LogPage, LogPosition, SharedLog};
pub use self::memory::MemoryStore;
pub use self::record::{Listed, Names, NewRecord, Record, Stored};
#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
#[cfg(feature = "tower-sessions")]
pub use self::tower_sessions::TowerSessions;
pub use crate::http_client::BoxFuture;

/// How long the key of a session that ended stays closed: longer than any sign-in that could still bring it.
pub const CLOSED_FOR: Duration = Duration::from_secs(600);

/// Where sessions are kept, when not in cookies.
///
/// A store sees no secret: keys are HMACs, records are sealed with a key that only the browser's cookie gives, and what a
/// listing needs is sealed with the application's. It must keep what it is given byte by byte, for as long as it is told,
/// and never make a record of its own accord: a session that was deleted never comes back, whatever is written later.
///
/// Time limits are applied by the caller, who then drops the future; what was asked may be done all the same. Every error
/// means "it could not be found out", and nobody is let in by it: a record that is not there is `Ok(None)`, never an
/// error, and the other way round.
///
/// [`testing::store_contract`](crate::testing::store_contract) checks an implementation.
///
/// # A store in one map
///
/// This is the whole of the basic part, for one process. A key has a cell until its time is over: the session, or the mark
/// that one was deleted. Each call holds the lock from what it reads to what it writes, so that it is one step; with a
/// database that is a transaction, or one statement with a condition. Names and summaries are not kept: only a
/// [`Coordinated`] store needs them.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex, MutexGuard};
/// use std::time::Duration;
///
/// use monocloud_runtime::store::{
///     BoxFuture, Created, NewRecord, Record, Revision, SessionStore, StoreError, StoreKey, Stored, Updated,
/// };
/// use tokio::time::Instant;
///
/// struct Cell {
///     until: Instant,
///     /// `None` where the session was deleted.
///     live: Option<Stored>,
/// }
///
/// #[derive(Default)]
/// struct OneMap(Mutex<HashMap<StoreKey, Cell>>);
///
/// impl OneMap {
///     /// The cells whose time is not over. A database may drop the others by itself, and need not look at each.
///     fn cells(&self) -> Result<MutexGuard<'_, HashMap<StoreKey, Cell>>, StoreError> {
///         let mut cells = self.0.lock().map_err(|_| StoreError::other("a call panicked"))?;
///         let now = Instant::now();
///         cells.retain(|_, cell| cell.until > now);
///         Ok(cells)
///     }
/// }
///
/// impl SessionStore for OneMap {
///     fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
///         Box::pin(async move {
///             let cells = self.cells()?;
///             Ok(cells.get(&key).and_then(|cell| cell.live.clone()))
///         })
///     }
///
///     fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>> {
///         Box::pin(async move {
///             let mut cells = self.cells()?;
///             if let Some(cell) = cells.get(&key) {
///                 return Ok(if cell.live.is_some() { Created::Exists } else { Created::Ended });
///             }
///             let until = Instant::now() + new.record.remaining;
///             let live = Stored { sealed: new.record.sealed, revision: Revision::FIRST };
///             cells.insert(key, Cell { until, live: Some(live) });
///             Ok(Created::Created { evicted: Vec::new() })
///         })
///     }
///
///     fn update(
///         &self,
///         key: StoreKey,
///         expected: Revision,
///         record: Record,
///     ) -> BoxFuture<'_, Result<Updated, StoreError>> {
///         Box::pin(async move {
///             let mut cells = self.cells()?;
///             let Some(Cell { until, live: Some(live) }) = cells.get_mut(&key) else {
///                 return Ok(Updated::Gone);
///             };
///             if live.revision != expected {
///                 return Ok(Updated::Conflict(live.revision));
///             }
///             *until = Instant::now() + record.remaining;
///             *live = Stored { sealed: record.sealed, revision: expected.next() };
///             Ok(Updated::Updated)
///         })
///     }
///
///     fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
///         Box::pin(async move {
///             let mut cells = self.cells()?;
///             let until = Instant::now() + at_least;
///             let cell = cells.entry(key).or_insert(Cell { until, live: None });
///             *cell = Cell { until: until.max(cell.until), live: None };
///             Ok(())
///         })
///     }
///
///     /// It is in the memory of this process.
///     fn is_shared(&self) -> bool {
///         false
///     }
/// }
///
/// # #[cfg(not(feature = "testing"))] fn main() {}
/// # #[cfg(feature = "testing")]
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// // In a test of the store, with the feature `testing`:
/// let store: Arc<dyn SessionStore> = Arc::new(OneMap::default());
/// monocloud_runtime::testing::store_contract::basic(&store).await;
/// # }
/// ```
pub trait SessionStore: Send + Sync + 'static {
    /// The live record under this key; `None` where there is none, it has expired or was deleted. Never from a copy that
    /// may lag behind what was written.
    fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>>;

    /// The same where the answer is at hand without waiting. `None` says that it is not: [`get`](Self::get) is asked.
    fn get_now(&self, key: StoreKey) -> Option<Result<Option<Stored>, StoreError>> {
        let _ = key;
        None
    }

    /// Keeps the first record of a session, as [`Revision::FIRST`]. There must be nothing under the key yet, not even
    /// the mark of one that was deleted.
    fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>>;

    /// Replaces the record if its revision is the expected one, in one step; the new one is
    /// [`expected.next()`](Revision::next). Makes no record where there is none.
    fn update(
        &self,
        key: StoreKey,
        expected: Revision,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>>;

    /// Ends the session, whoever is writing it: from the answer on nothing is found under the key, and for `at_least`
    /// this long nothing can be created there, also where there was nothing. Says that it is done only when it would
    /// survive the loss of one machine, as far as the store can. Doing it twice is done.
    fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Whether records can be read and written now: asked before a sign-in spends what cannot be had again. By itself it
    /// tells no more than that records can be read.
    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.get(StoreKey::random()).await.map(drop) })
    }

    /// How long a call may take before it counts as failed: two seconds. [`Coordinated::end_all`] and
    /// [`Coordinated::list`], which take longer the more sessions a user has, may take ten times that.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(2)
    }

    /// Whether other processes find what this one keeps. Where it is in the memory of this process, several of a site
    /// (`MONOCLOUD_AUTH_MULTIPLE_INSTANCES`) are refused at start.
    fn is_shared(&self) -> bool {
        true
    }

    /// What only a store that decides in one step can do, if this one can.
    fn coordinated(&self) -> Option<&dyn Coordinated> {
        None
    }
}

/// The part that several processes, logout by the issuer, and lists of sessions need.
///
/// What belongs to one key is one step each: an exchange, a denial with the reading of who is denied, a claim. Across keys
/// an order is enough: a session is filed under its names before it is created, and denied before it is ended.
pub trait Coordinated: Send + Sync {
    /// Begins the exchange of the session's refresh token: at most one is under way at a time, and whoever holds it is
    /// its owner until it is committed, abandoned or taken over. Somebody else's that is within its lease is
    /// [`Exchange::Busy`], whatever the revision; one that ran out is taken over, and that is said.
    fn begin(
        &self,
        key: StoreKey,
        expected: Revision,
        lease: Lease,
    ) -> BoxFuture<'_, Result<Exchange, StoreError>>;

    /// As [`SessionStore::update`], and ends the exchange; only for its owner, who stays its owner on a conflict. A lease
    /// that ran out and that nobody took over is still the owner's.
    fn commit(
        &self,
        key: StoreKey,
        expected: Revision,
        owner: Owner,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>>;

    /// Gives the exchange up without a result; only for its owner. `unclear` where the refresh token was sent and nobody
    /// knows what became of it: whoever begins next is told, until an exchange is committed. One that was taken over stays
    /// so: who held it before has not given it up, and whoever begins next takes it over as well.
    fn abandon(&self, key: StoreKey, owner: Owner, unclear: bool) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Denies first, then ends every session that is denied, and says which were live. What is created later and is
    /// denied is [`Created::Denied`]; denials add up, live `lifetime` or longer, and never give way to another's. Where
    /// no session is known under a name, `strangers` says whether that is denied for later, or passed over, so that a
    /// request of anybody's keeps nothing. Says that it is done only when it would survive the loss of one machine.
    fn end_all(
        &self,
        whose: Vec<IndexKey>,
        denial: Denial,
        strangers: Strangers,
        lifetime: Duration,
    ) -> BoxFuture<'_, Result<Vec<StoreKey>, StoreError>>;

    /// The live sessions that are filed under one of these names of a `sub`, oldest first, each once.
    fn list(&self, sub: Vec<IndexKey>) -> BoxFuture<'_, Result<Vec<Listed>, StoreError>>;

    /// Notes that a session was used, without a new revision. It may be lost, and brings nothing back.
    fn touch(&self, key: StoreKey, summary: Bytes) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Claims a one-time value (`jti`) for one owner, for the length of the lease at first.
    fn claim(&self, name: IndexKey, lease: Lease) -> BoxFuture<'_, Result<Claim, StoreError>>;

    /// What was claimed is done and stays known for `keep`, also after the loss of one machine; or, without, it is free
    /// again. Only for its owner: `false` where it is not, or no longer, and whoever comes next may claim it or has.
    fn settle(
        &self,
        name: IndexKey,
        owner: Owner,
        keep: Option<Duration>,
    ) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// What lets several processes share the end of sessions that are in cookies, if it can do that.
    fn log(&self) -> Option<&dyn SharedLog> {
        None
    }
}

impl<S: SessionStore + ?Sized> SessionStore for Arc<S> {
    fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        (**self).get(key)
    }

    fn get_now(&self, key: StoreKey) -> Option<Result<Option<Stored>, StoreError>> {
        (**self).get_now(key)
    }

    fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>> {
        (**self).create(key, new)
    }

    fn update(
        &self,
        key: StoreKey,
        expected: Revision,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        (**self).update(key, expected, record)
    }

    fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).delete(key, at_least)
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).check()
    }

    fn time_limit(&self) -> Duration {
        (**self).time_limit()
    }

    fn is_shared(&self) -> bool {
        (**self).is_shared()
    }

    fn coordinated(&self) -> Option<&dyn Coordinated> {
        (**self).coordinated()
    }
}
