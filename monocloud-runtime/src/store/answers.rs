//! What a store is told about whom to end, and what it answers.
//!
//! What a store is told can be matched in full: a new kind of denial must not be passed over in silence.

use std::time::Duration;

use super::key::{Revision, StoreKey};

/// What became of a session that was to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Created {
    /// It is kept.
    Created {
        /// Older sessions of its `sub` that are too many, the oldest first, and never this one. The caller deletes them:
        /// until then they can be found by logout.
        evicted: Vec<StoreKey>,
    },
    /// There is a live record under the key already.
    Exists,
    /// It was deleted meanwhile, or before.
    Ended,
    /// A logout came before it.
    Denied,
}

/// What became of a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Updated {
    /// It is kept.
    Updated,
    /// Somebody wrote meanwhile; this is the revision now.
    Conflict(Revision),
    /// There is no live record.
    Gone,
    /// The exchange is not, or no longer, this owner's.
    NotOwner,
}

/// Whether an exchange may begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Exchange {
    /// It is the caller's until the lease is over.
    Begun {
        /// Somebody who held it before was neither done nor gave it up: the refresh token may have been sent.
        taken_over: bool,
        /// Whoever held one before sent the refresh token, and does not know what became of it.
        unclear: bool,
    },
    /// Somebody else's is under way.
    Busy {
        /// So long, at most.
        left: Duration,
    },
    /// Somebody wrote meanwhile; this is the revision now.
    Newer(Revision),
    /// There is no live record.
    Gone,
}

/// Whether a one-time value is the caller's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Claim {
    /// It is.
    Claimed,
    /// Somebody is at it.
    InProgress,
    /// What it is for was done.
    Done,
}

/// Which sessions of a name are ended, and not created any more.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Denial {
    /// Each.
    Every,
    /// Those whose ID token was issued then or before, in seconds by the issuer's clock; also where that is unknown.
    IssuedUntil(i64),
    /// Those that were made before, in milliseconds by this application's clock.
    CreatedBefore(i64),
}

/// What is done about a name under which no session is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strangers {
    /// It is denied for later: a sign-in may be under way.
    Deny,
    /// Nothing.
    PassOver,
}
