//! What is kept of a session, and what is known of it beside.

use std::time::Duration;

use bytes::Bytes;

use super::key::{IndexKey, Revision, StoreKey};

/// What is kept of a session: opaque.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record {
    /// The session; at most 256 KiB.
    pub sealed: Bytes,
    /// What a list shows of it; at most 1 KiB.
    pub summary: Bytes,
    /// How long it lives from now; the store deletes it by itself then.
    pub remaining: Duration,
    /// The names changed since, as a cookie secret was rotated: the session is to be found under these from now on, too,
    /// and before the record is written.
    pub renamed: Option<Names>,
}

impl Record {
    /// One whose names are as before.
    pub fn new(sealed: Bytes, summary: Bytes, remaining: Duration) -> Self {
        Self {
            sealed,
            summary,
            remaining,
            renamed: None,
        }
    }
}

/// The first record of a session, and where it is filed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewRecord {
    /// What is kept.
    pub record: Record,
    /// What it is found by beside its key.
    pub names: Names,
    /// When the session was made, in milliseconds since the Unix epoch, by this application's clock.
    pub created_at: i64,
    /// `iat` of its first ID token, in seconds, by the issuer's clock. Unknown is older than anything.
    pub issued_at: Option<i64>,
    /// The longest that any session can live: so long must the index be kept.
    pub longest: Duration,
    /// How many sessions this `sub` may have. Which older ones are too many is told to the caller, as
    /// [`Created::Created`](super::Created).
    pub most_of_user: Option<u32>,
}

impl NewRecord {
    /// One whose ID token has no time, of a user who may have any number.
    pub fn new(record: Record, names: Names, created_at: i64, longest: Duration) -> Self {
        Self {
            record,
            names,
            created_at,
            issued_at: None,
            longest,
            most_of_user: None,
        }
    }
}

/// What a session is found by beside its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Names {
    /// The issuer's name of the session.
    pub sid: Option<IndexKey>,
    /// The account.
    pub sub: IndexKey,
}

impl Names {
    /// Each of them.
    pub fn each(&self) -> impl Iterator<Item = IndexKey> + use<> {
        self.sid.into_iter().chain([self.sub])
    }
}

/// A record as it was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// The session.
    pub sealed: Bytes,
    /// Which writing of it this is.
    pub revision: Revision,
}

/// A session in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Where its record is.
    pub key: StoreKey,
    /// What a list shows of it.
    pub summary: Bytes,
}
