//! Stores that were written for tower-sessions.
//!
//! They load, save and delete, and none of it is compared with what is there: what the trait asks for in one step is done
//! here, one after the other. So it holds within a process, and [`Coordinated`](super::Coordinated) is not claimed.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::time::OffsetDateTime;
use serde_json::Value;
use tokio::sync::Mutex;
use tower_sessions_core::session::{Id, Record as Theirs};
use tower_sessions_core::session_store::{Error as TheirError, SessionStore as TheirStore};

use super::{
    BoxFuture, Created, NewRecord, Record, Revision, SessionStore, StoreError, StoreKey, Stored, Updated,
};
use crate::clock::Clock;
use crate::error::printable;

/// Writers of so many sessions go on at once; those whose keys share a place take turns.
const PLACES: usize = 1_024;

/// What of an error of theirs is kept, in characters.
const SHOWN: usize = 200;

/// Any store of tower-sessions (0.14), as a place for sessions.
///
/// ```
/// use monocloud_runtime::MonoCloud;
/// use monocloud_runtime::store::TowerSessions;
/// use tower_sessions::MemoryStore;
///
/// let store = TowerSessions::new(MemoryStore::default());
/// let settings = MonoCloud::builder().with_env().store(store);
/// ```
///
/// Give it a table, or a prefix, of its own, and run the deletion of what has expired, where theirs has one: sessions that
/// ended stay as marks until their time is over.
///
/// It is for one process: what several at once do to a session is not told apart by these stores. They keep no lists, so
/// that nobody can say where a user is signed in, and a logout that the issuer begins is known to this process alone, until
/// it restarts. Writes need tokio, and are done to their end though the request that asked is gone, so that one that
/// is late brings back nothing.
pub struct TowerSessions<S>(Arc<Shared<S>>);

struct Shared<S> {
    theirs: S,
    places: Vec<Mutex<()>>,
    /// Theirs compare with the system's, too.
    clock: Clock,
}

/// What lies under a key.
struct Cell {
    /// Milliseconds since the Unix epoch. Some of theirs know whole seconds alone.
    until: i64,
    /// `None` where the session ended.
    live: Option<Stored>,
}

impl<S: TheirStore> TowerSessions<S> {
    /// Keeps sessions in `store`.
    pub fn new(store: S) -> Self {
        Self(Arc::new(Shared {
            theirs: store,
            places: std::iter::repeat_with(Mutex::default).take(PLACES).collect(),
            clock: Clock::default(),
        }))
    }
}

impl<S: TheirStore> SessionStore for TowerSessions<S> {
    fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async move { Ok(self.0.load(key).await?.and_then(|cell| cell.live)) })
    }

    fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>> {
        let shared = self.0.clone();
        to_the_end(async move {
            let _turn = shared.turn(key).await;
            match shared.load(key).await? {
                Some(Cell { live: Some(_), .. }) => Ok(Created::Exists),
                Some(Cell { live: None, .. }) => Ok(Created::Ended),
                None => {
                    shared.write(key, Revision::FIRST, new.record).await?;
                    Ok(Created::Created { evicted: Vec::new() })
                }
            }
        })
    }

    fn update(
        &self,
        key: StoreKey,
        expected: Revision,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        let shared = self.0.clone();
        to_the_end(async move {
            let _turn = shared.turn(key).await;
            let Some(live) = shared.load(key).await?.and_then(|cell| cell.live) else {
                return Ok(Updated::Gone);
            };
            if live.revision != expected {
                return Ok(Updated::Conflict(live.revision));
            }
            shared.write(key, expected.next(), record).await?;
            Ok(Updated::Updated)
        })
    }

    fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        let shared = self.0.clone();
        to_the_end(async move {
            let _turn = shared.turn(key).await;
            let rest = shared.load(key).await?.map_or(0, |cell| cell.until);
            let until = rest.max(shared.after(at_least));
            shared.save(key, Cell { until, live: None }).await
        })
    }
}

impl<S: TheirStore> Shared<S> {
    /// Whoever has it writes alone.
    async fn turn(&self, key: StoreKey) -> tokio::sync::MutexGuard<'_, ()> {
        let [low, high, ..] = *key.as_bytes();
        self.places[usize::from(u16::from_le_bytes([low, high])) % PLACES]
            .lock()
            .await
    }

    async fn load(&self, key: StoreKey) -> Result<Option<Cell>, StoreError> {
        let Some(theirs) = self.theirs.load(&id(key)).await.map_err(|error| failed(&error))? else {
            return Ok(None);
        };
        let cell = Cell::read(&theirs.data).ok_or_else(|| {
            StoreError::other(
                "something else than a session of this library lies under a session's key: give the store a table, or a prefix, of its own",
            )
        })?;
        Ok((cell.until > self.clock.now_millis()).then_some(cell))
    }

    async fn write(&self, key: StoreKey, revision: Revision, record: Record) -> Result<(), StoreError> {
        let cell = Cell {
            until: self.after(record.remaining),
            live: Some(Stored {
                sealed: record.sealed,
                revision,
            }),
        };
        self.save(key, cell).await
    }

    /// Not by their `create`, which may give it another id.
    async fn save(&self, key: StoreKey, cell: Cell) -> Result<(), StoreError> {
        let record = Theirs {
            id: id(key),
            data: cell.to_data(),
            expiry_date: cell.swept_at()?,
        };
        self.theirs.save(&record).await.map_err(|error| failed(&error))
    }

    /// So long from now.
    fn after(&self, duration: Duration) -> i64 {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.clock.now_millis().saturating_add(millis)
    }
}

impl Cell {
    fn to_data(&self) -> HashMap<String, Value> {
        let mut data = HashMap::from([("until".to_owned(), self.until.into())]);
        if let Some(Stored { sealed, revision }) = &self.live {
            data.insert("revision".to_owned(), revision.get().into());
            data.insert("sealed".to_owned(), URL_SAFE_NO_PAD.encode(sealed).into());
        }
        data
    }

    fn read(data: &HashMap<String, Value>) -> Option<Self> {
        let until = data.get("until")?.as_i64()?;
        let live = match (data.get("revision"), data.get("sealed")) {
            (None, None) => None,
            (revision, sealed) => Some(Stored {
                sealed: URL_SAFE_NO_PAD.decode(sealed?.as_str()?).ok()?.into(),
                revision: Revision::new(revision?.as_u64()?),
            }),
        };
        Some(Self { until, live })
    }

    /// When theirs may forget it: a little after it is over, since some cut a moment to its second.
    fn swept_at(&self) -> Result<OffsetDateTime, StoreError> {
        let seconds = self.until.div_euclid(1_000).saturating_add(2);
        OffsetDateTime::from_unix_timestamp(seconds).map_err(StoreError::other)
    }
}

impl<S: fmt::Debug> fmt::Debug for TowerSessions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TowerSessions").field(&self.0.theirs).finish()
    }
}

/// Both are shown as the same text.
fn id(key: StoreKey) -> Id {
    Id(i128::from_le_bytes(*key.as_bytes()))
}

/// Their text is of any length, and nobody has looked at it.
fn failed(error: &TheirError) -> StoreError {
    StoreError::other(printable(&error.to_string(), SHOWN))
}

/// Does what was begun, whoever waits for it: a write that were dropped half way could land after the next one's.
fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> BoxFuture<'static, Result<T, StoreError>> {
    Box::pin(async move {
        tokio::spawn(work)
            .await
            .unwrap_or_else(|_| Err(StoreError::other("the store panicked, or the runtime ends")))
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{Cell, id};
    use crate::store::{Revision, StoreKey, Stored};

    proptest! {
        #[test]
        fn a_key_and_its_id_are_one_text(bytes: [u8; 16]) {
            let key = StoreKey::from_bytes(bytes);
            prop_assert_eq!(id(key).to_string(), key.to_string());
        }

        #[test]
        fn a_cell_is_read_as_it_was_written(
            until: i64,
            sealed in prop::collection::vec(any::<u8>(), 0..99),
            revision: u64,
            is_live: bool,
        ) {
            let revision = Revision::new(revision);
            let live = is_live.then(|| Stored { sealed: Bytes::from(sealed), revision });
            let data = Cell { until, live: live.clone() }.to_data();
            let read = Cell::read(&data).expect("it was just written");
            prop_assert_eq!((read.until, read.live), (until, live));
            for missing in data.keys() {
                let mut rest = data.clone();
                rest.remove(missing);
                prop_assert!(Cell::read(&rest).is_none(), "without {}", missing);
            }
        }
    }
}
