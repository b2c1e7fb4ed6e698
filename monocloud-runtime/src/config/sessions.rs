//! Where sessions are kept, and how many a user may have.

use std::str::FromStr;

use super::instances::{self, Instances};
use super::kind::{Choice, Flag, Hidden, Kind, Number};
#[cfg(feature = "redis")]
use super::redis::RedisAddress;
use super::rules::{Check, any, any_or, between, optional};
use super::setting::settings;
use super::sources::Sources;

settings! {
    in sessions() -> SessionRules;

    /// Where sessions are kept: `cookies`, each sealed in the browser's own; `memory`, in this process, or `redis`, in the
    /// servers of [`Builder::redis`], with a cookie that only names it. `MONOCLOUD_AUTH_SESSIONS_IN`, `redis` where
    /// servers are set, or else `cookies`. Where [`Builder::store`] gives a store it is left out, or is `cookies`.
    ///
    /// `cookies` beside Redis, or beside a store with a [`log`](crate::store::Coordinated::log), keeps sessions in cookies and
    /// lets the processes of a site share the rest: one refresh of a session at a time among all of them, and a session that
    /// is over is so in each. One that hears nothing from there for five seconds answers 503 to whoever is signed in.
    sessions_in: Choice<SessionsIn> = "MONOCLOUD_AUTH_SESSIONS_IN",
        any => Option<SessionsIn>;

    /// The Redis or Valkey in which sessions are kept, or by which processes share what is over, as an address such as `rediss://:password@redis.example.com:6379/0`;
    /// `redis+sentinel://` and `redis+cluster://` are others. Needs the feature `redis`.
    /// `MONOCLOUD_AUTH_REDIS_URL`.
    redis: Hidden = "MONOCLOUD_AUTH_REDIS_URL",
        optional(address) => Option<RedisAddress>;

    /// Whether servers that do not tell their `maxmemory-policy` are believed to drop nothing (`noeviction`).
    /// `MONOCLOUD_AUTH_REDIS_ASSUME_NOEVICTION`, `false`.
    redis_assume_noeviction: Flag = "MONOCLOUD_AUTH_REDIS_ASSUME_NOEVICTION",
        any_or(false) => bool;

    /// How many sessions a user may have at once, from 1 to 1,000: with the next sign-in the oldest ends. It takes a
    /// store that can say which they are: those in memory and in Redis, or any that is
    /// [`coordinated`](crate::store::SessionStore::coordinated). `MONOCLOUD_AUTH_MAX_SESSIONS_PER_USER`; where it is not
    /// set, a hundred in memory and any number elsewhere.
    max_sessions_per_user: Number<u32> = "MONOCLOUD_AUTH_MAX_SESSIONS_PER_USER",
        optional(between(1, 1_000, "sessions", "10")) => Option<u32>;
}

/// Where sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionsIn {
    /// Each in the browser's own cookies, sealed: nothing is kept here but what processes share, where they share a store.
    Cookies,
    /// In the memory of this process: a restart signs everybody out.
    Memory,
    /// In the servers of [`Builder::redis`](crate::settings::Builder::redis), which several processes may share.
    Redis,
}

/// A store that was given in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GivenStore {
    pub(crate) can: StoreCan,
    /// Whether other processes find what is in it.
    pub(crate) is_shared: bool,
}

/// What a store can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreCan {
    Basic,
    Coordinated,
    /// And its processes can tell each other what is over.
    WithLog,
}

#[cfg(not(feature = "redis"))]
#[derive(Clone, Debug)]
pub(crate) enum RedisAddress {}

#[cfg(feature = "redis")]
fn address(text: &str) -> Result<RedisAddress, String> {
    RedisAddress::parse(text)
}

#[cfg(not(feature = "redis"))]
fn address(_: &str) -> Result<RedisAddress, String> {
    Err("it takes the feature `redis` of monocloud-runtime, which is off; add it in Cargo.toml".to_owned())
}

impl FromStr for SessionsIn {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        match value.to_ascii_lowercase().as_str() {
            "cookies" => Ok(Self::Cookies),
            "memory" => Ok(Self::Memory),
            "redis" => Ok(Self::Redis),
            _ => Err("it cannot be used; write cookies, memory or redis".to_owned()),
        }
    }
}

impl SessionRules {
    /// Where they are, unless a store was given in code.
    pub(crate) fn place(&self) -> SessionsIn {
        self.sessions_in.unwrap_or(match self.redis {
            Some(_) => SessionsIn::Redis,
            None => SessionsIn::Cookies,
        })
    }

    /// Whether sessions are in cookies.
    pub(crate) fn are_in_cookies(&self, given: Option<GivenStore>) -> bool {
        match given {
            Some(_) => self.sessions_in == Some(SessionsIn::Cookies),
            None => self.place() == SessionsIn::Cookies,
        }
    }

    /// Whether processes share what is over of sessions that are in cookies.
    pub(super) fn have_coordinator(&self, given: Option<GivenStore>) -> bool {
        self.are_in_cookies(given) && (given.is_some() || self.redis.is_some())
    }

    pub(super) fn check_together(&self, check: &mut Check, given: Option<GivenStore>, instances: &Instances) {
        self.check_places(check, given);
        self.check_redis(check);
        let can = given.map(|store| store.can);
        let can_coordinate = !self.are_in_cookies(given) && can != Some(StoreCan::Basic);
        if self.max_sessions_per_user.is_some() && !can_coordinate {
            check.problem(
                &named::max_sessions_per_user,
                "nobody can say which sessions a user has where they are kept; use MONOCLOUD_AUTH_SESSIONS_IN=redis, a store whose `coordinated` is there, or where one process alone serves the site MONOCLOUD_AUTH_SESSIONS_IN=memory",
            );
        }
        if !instances.multiple_instances {
            return;
        }
        if can == Some(StoreCan::Basic) {
            check.problem(
                &instances::named::multiple_instances,
                "the store that was given cannot keep several processes from disturbing each other; use one whose `coordinated` is there, or leave this out where one process serves the site",
            );
        }
        let is_in_memory = given.map_or(self.place() == SessionsIn::Memory, |store| !store.is_shared);
        if is_in_memory {
            check.problem(
                &instances::named::multiple_instances,
                "what is in the memory of one process is not there in the others; leave out MONOCLOUD_AUTH_SESSIONS_IN and the store that is given in code, or use one that they share (MONOCLOUD_AUTH_REDIS_URL)",
            );
        }
    }

    /// There is one.
    fn check_places(&self, check: &mut Check, given: Option<GivenStore>) {
        const TWO: &str = "a store was given in code (`Builder::store`), so that sessions have two places; leave one of them out";
        match (given.map(|store| store.can), self.sessions_in) {
            (Some(StoreCan::Basic | StoreCan::Coordinated), Some(SessionsIn::Cookies)) => check.problem(
                &named::sessions_in,
                "the store that was given has no log by which processes tell each other what is over; use one whose `Coordinated::log` is there, or leave one of them out",
            ),
            (None, _) | (_, None | Some(SessionsIn::Cookies)) => {}
            _ => check.problem(&named::sessions_in, TWO),
        }
        if given.is_some() && self.redis.is_some() {
            check.problem(&named::redis, TWO);
        }
        if self.redis.is_some() && self.place() == SessionsIn::Memory {
            check.problem(
                &named::redis,
                "no session would be in these servers, since MONOCLOUD_AUTH_SESSIONS_IN names another place; leave one of them out",
            );
        }
    }

    fn check_redis(&self, check: &mut Check) {
        if self.redis.is_some() {
            return;
        }
        if self.sessions_in == Some(SessionsIn::Redis) {
            check.problem(
                &named::sessions_in,
                "nothing says where that is; write MONOCLOUD_AUTH_REDIS_URL=redis://127.0.0.1:6379",
            );
        }
        if self.redis_assume_noeviction {
            check.problem(
                &named::redis_assume_noeviction,
                "there is no Redis that it could be about; write MONOCLOUD_AUTH_REDIS_URL, or leave it out",
            );
        }
    }
}
