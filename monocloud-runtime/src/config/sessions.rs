//! Where sessions are kept, and how many a user may have.

use std::str::FromStr;

use super::instances::{self, Instances};
use super::kind::{Choice, Kind, Number};
use super::rules::{Check, any, between, optional};
use super::setting::settings;
use super::sources::Sources;

settings! {
    in sessions() -> Sessions;

    /// Where sessions are kept: `cookies`, each sealed in the browser's own, or `memory`, in this process, with a cookie
    /// that only names it. `MONOCLOUD_AUTH_SESSIONS_IN`, `cookies`; nothing where [`Builder::store`] gives a store.
    sessions_in: Choice<SessionsIn> = "MONOCLOUD_AUTH_SESSIONS_IN",
        any => Option<SessionsIn>;

    /// How many sessions a user may have at once, from 1 to 1,000: with the next sign-in the oldest ends. It takes a
    /// store that can say which they are. `MONOCLOUD_AUTH_MAX_SESSIONS_PER_USER`, any number.
    max_sessions_per_user: Number<u32> = "MONOCLOUD_AUTH_MAX_SESSIONS_PER_USER",
        optional(between(1, 1_000, "sessions", "10")) => Option<u32>;
}

/// Where sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionsIn {
    /// Each in the browser's own cookies, sealed: nothing is kept here.
    Cookies,
    /// In the memory of this process: a restart signs everybody out.
    Memory,
}

/// What a store that was given in code can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivenStore {
    Basic,
    Coordinated,
}

impl FromStr for SessionsIn {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        match value.to_ascii_lowercase().as_str() {
            "cookies" => Ok(Self::Cookies),
            "memory" => Ok(Self::Memory),
            _ => Err("it cannot be used; write cookies or memory".to_owned()),
        }
    }
}

impl Sessions {
    pub(super) fn check_together(&self, check: &mut Check, given: Option<GivenStore>, instances: &Instances) {
        if given.is_some() && self.sessions_in.is_some() {
            check.problem(
                &named::sessions_in,
                "a store was given in code (`Builder::store`), so that sessions have two places; leave one of them out",
            );
        }
        let can_coordinate = match (given, self.sessions_in) {
            (Some(given), _) => given == GivenStore::Coordinated,
            (None, in_) => in_ == Some(SessionsIn::Memory),
        };
        if self.max_sessions_per_user.is_some() && !can_coordinate {
            check.problem(
                &named::max_sessions_per_user,
                "nobody can say which sessions a user has where they are kept; use MONOCLOUD_AUTH_SESSIONS_IN=memory, or a store whose `coordinated` is there",
            );
        }
        if instances.multiple_instances {
            if given == Some(GivenStore::Basic) {
                check.problem(
                    &instances::named::multiple_instances,
                    "the store that was given cannot keep several processes from disturbing each other; use one whose `coordinated` is there, or leave this out where one process serves the site",
                );
            }
            if given.is_none() && self.sessions_in == Some(SessionsIn::Memory) {
                check.problem(
                    &instances::named::multiple_instances,
                    "sessions in the memory of one process are not there in the others; leave out MONOCLOUD_AUTH_SESSIONS_IN, or use a store that they share",
                );
            }
        }
    }
}
