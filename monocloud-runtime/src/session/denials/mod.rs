//! Which sessions are over before their time, whatever their cookie says: those that ended here, and those that the
//! issuer says are over. Asked wherever a session is read, and when one is created.

mod bounded;
mod by_issuer;
mod ended;
mod time;

use std::time::Duration;

use self::by_issuer::ByIssuer;
use self::ended::Ended;
use super::record::Record;
use crate::crypto::Names;

pub(crate) use by_issuer::{Full, Whose};
pub(crate) use ended::Ending;

pub(crate) struct Denials {
    names: Names,
    ended: Ended,
    by_issuer: ByIssuer,
}

impl Denials {
    pub(crate) fn new(names: Names) -> Self {
        Self {
            names,
            ended: Ended::default(),
            by_issuer: ByIssuer::default(),
        }
    }

    /// Whether the session is over.
    pub(crate) fn denies(&self, record: &Record) -> bool {
        self.ended.contains(record) || self.is_logged_out(record)
    }

    /// Whether the issuer says so.
    pub(crate) fn is_logged_out(&self, record: &Record) -> bool {
        self.by_issuer.denies(record, &self.names)
    }

    /// From which millisecond on a new session of `sub` does not count as one that ended here: one to come, where the
    /// clock was set back.
    pub(crate) fn earliest(&self, sub: &str) -> i64 {
        self.ended.earliest(sub)
    }

    /// Ends one session. `lifetime` is the longest that any can live; `now_millis` is the time by which they are created.
    pub(crate) fn end(&self, ending: Ending, lifetime: Duration, now_millis: i64) {
        self.ended.insert(ending, lifetime, now_millis);
    }

    /// Ends all sessions of `sub` that were created by now. The last two are as in [`Self::end`].
    pub(crate) fn end_account(&self, sub: &str, lifetime: Duration, now_millis: i64) {
        self.ended.insert_account(sub, lifetime, now_millis);
    }

    /// Ends what `issuer` says is over, which was said at `issued_at` by its own clock. The last two are as in
    /// [`Self::end`].
    pub(crate) fn log_out(
        &self,
        issuer: &str,
        whose: Whose<'_>,
        issued_at: i64,
        lifetime: Duration,
        now_millis: i64,
    ) {
        let until = (lifetime, now_millis);
        self.by_issuer.deny(whose, issuer, &self.names, issued_at, until);
    }

    /// The same for a `sid` that nobody has proved to be the issuer's word: says whether that is new, and is refused where
    /// there are too many.
    pub(crate) fn log_out_unproved(
        &self,
        issuer: &str,
        sid: &str,
        lifetime: Duration,
        now_millis: i64,
    ) -> Result<bool, Full> {
        let until = (lifetime, now_millis);
        self.by_issuer.deny_unproved(sid, issuer, &self.names, until)
    }
}
