//! Sessions in Redis or Valkey.

mod claims;
mod connection;
mod failed;
mod filing;
mod keys;
mod link;
mod log;
mod policy;
mod scripts;
mod servers;
mod sessions;
mod target;
mod tls;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use self::connection::Together;
use self::servers::Servers;
use self::target::Target;
use super::{
    BoxFuture, Claim, Coordinated, Created, Denial, Exchange, IndexKey, Lease, Listed, LogPage, LogPosition,
    NewRecord, Owner, Record, Revision, SessionStore, SharedLog, StoreError, StoreKey, Stored, Strangers,
    Updated,
};
use crate::config::ConfigError;
use crate::config::redis::RedisAddress;

/// Sessions in Redis from version 6.2 on, or in Valkey: one server, several behind Sentinel, or a Cluster.
///
/// | address | is |
/// |---|---|
/// | `redis://user:password@host:6379/0` | one server; `user:password@`, port and number of the database may be left out |
/// | `redis+sentinel://user:password@a:26379,b,c/service/0` | the master that Sentinel names for the service |
/// | `redis+cluster://user:password@a:6379,b,c` | a Cluster |
///
/// `rediss` in place of `redis` is TLS. A query may say more:
///
/// | | means | is else |
/// |---|---|---|
/// | `replicas` | how many replicas must have a sign-in, a sign-out or a logout before it is said to be done | 1, and 0 for one server |
/// | `timeout` | how long an answer may take, in milliseconds | 2000 |
/// | `prefix` | what every key begins with | `mc` |
/// | `ca` | a PEM file with the certificates that are trusted | those of the platform |
/// | `cert`, `key` | PEM files with the certificate and the key of this client | none |
/// | `sentinel_user`, `sentinel_password` | who this client is at Sentinel | nobody |
///
/// What the servers are given of sessions is sealed, and named by HMACs and hashes of random values: they can read nothing of
/// it, and whoever reads them can sign in as nobody. Beside sessions in cookies they also see when one ended, and how many.
///
/// They must not make room by dropping what they were given: unless their `maxmemory-policy` is `noeviction`, nothing is read
/// or written. A server that became a replica is not read either. A user of theirs needs
/// `~mc1:* +@read +@write +@scripting +time +wait +role +info`, `+cluster +asking` in a Cluster, and `+select` where the
/// database is another than 0; a key begins with the prefix and the version of what is kept, 1.
///
/// A session that ended never comes back, unless the servers go back themselves: one server that is restarted with what it
/// saved earlier (`appendonly yes` with `appendfsync always` saves everything), a replica that is promoted and is not the
/// one that had acknowledged (`replicas` is then the number of all of them), or a master that was cut off together with
/// this application (`min-replicas-to-write 1`).
pub struct RedisStore {
    servers: Servers,
}

impl RedisStore {
    /// Parses the address, and reads the files that it names. Connects when it is first used.
    ///
    /// # Errors
    ///
    /// What is wrong with the address.
    pub fn new(address: &str) -> Result<Self, ConfigError> {
        let wrong = |problem| ConfigError::of(vec![format!("the Redis address: {problem}")]);
        Self::at(RedisAddress::parse(address).map_err(wrong)?).map_err(wrong)
    }

    pub(crate) fn at(address: RedisAddress) -> Result<Self, String> {
        if let Some(files) = &address.tls {
            tls::certificates(files)?;
        }
        if address.is_exposed() {
            tracing::warn!(
                name: "monocloud.redis.plain",
                "{address} is asked without TLS; write rediss in place of redis where the servers can"
            );
        }
        let target = Target {
            address,
            assume_noeviction: false,
        };
        Ok(Self {
            servers: Servers::new(target),
        })
    }

    /// Servers that tell their `maxmemory-policy` neither by `CONFIG GET` nor by `INFO` are believed to have `noeviction`.
    #[must_use]
    pub fn assume_noeviction(self) -> Self {
        let target = Target {
            address: self.servers.target.address.clone(),
            assume_noeviction: true,
        };
        Self {
            servers: Servers::new(target),
        }
    }
}

impl SessionStore for RedisStore {
    fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(self.servers.get(key))
    }

    fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>> {
        Box::pin(async move { self.servers.create(key, &new).await })
    }

    fn update(
        &self,
        key: StoreKey,
        expected: Revision,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        Box::pin(async move { self.servers.write(key, expected, None, &record).await })
    }

    fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.servers.end(key, at_least).await.map(drop) })
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let key = self.servers.keys.probe(StoreKey::random());
            let mut command = redis::cmd("SET");
            command.arg(&key).arg(1).arg("PX").arg(1_000);
            let probe = Together::new(&key, vec![command]).repeatable();
            self.servers.fence(probe).await.map(drop)
        })
    }

    /// As the address says.
    fn time_limit(&self) -> Duration {
        self.servers.target.address.timeout
    }

    fn coordinated(&self) -> Option<&dyn Coordinated> {
        Some(self)
    }
}

impl Coordinated for RedisStore {
    fn begin(
        &self,
        key: StoreKey,
        expected: Revision,
        lease: Lease,
    ) -> BoxFuture<'_, Result<Exchange, StoreError>> {
        Box::pin(self.servers.begin_exchange(key, expected, lease))
    }

    fn commit(
        &self,
        key: StoreKey,
        expected: Revision,
        owner: Owner,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        Box::pin(async move { self.servers.write(key, expected, Some(owner), &record).await })
    }

    fn abandon(&self, key: StoreKey, owner: Owner, unclear: bool) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.servers.abandon_exchange(key, owner, unclear))
    }

    fn end_all(
        &self,
        whose: Vec<IndexKey>,
        denial: Denial,
        strangers: Strangers,
        lifetime: Duration,
    ) -> BoxFuture<'_, Result<Vec<StoreKey>, StoreError>> {
        Box::pin(async move { self.servers.end_all(&whose, denial, strangers, lifetime).await })
    }

    fn list(&self, sub: Vec<IndexKey>) -> BoxFuture<'_, Result<Vec<Listed>, StoreError>> {
        Box::pin(async move { self.servers.list(&sub).await })
    }

    fn touch(&self, key: StoreKey, summary: Bytes) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.servers.touch_record(key, summary))
    }

    fn claim(&self, name: IndexKey, lease: Lease) -> BoxFuture<'_, Result<Claim, StoreError>> {
        Box::pin(self.servers.claim_value(name, lease))
    }

    fn settle(
        &self,
        name: IndexKey,
        owner: Owner,
        keep: Option<Duration>,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(self.servers.settle_value(name, owner, keep))
    }

    fn log(&self) -> Option<&dyn SharedLog> {
        Some(self)
    }
}

impl SharedLog for RedisStore {
    fn append(
        &self,
        log: IndexKey,
        entries: Vec<Bytes>,
        keep: Duration,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.servers.append_entries(log, entries, keep))
    }

    fn read(
        &self,
        log: IndexKey,
        after: Option<LogPosition>,
        patience: Duration,
    ) -> BoxFuture<'_, Result<LogPage, StoreError>> {
        Box::pin(self.servers.read_entries(log, after, patience))
    }

    fn trim(&self, log: IndexKey, until: LogPosition) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.servers.trim_entries(log, until))
    }
}

/// Where it is, and nothing secret.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisStore")
            .field(&format_args!("{}", self.servers.target.address))
            .finish()
    }
}
