//! What is denied under one name.

use crate::store::{Denial, StoreKey};

/// A session, as an index knows it.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) key: StoreKey,
    pub(super) created_at: i64,
    /// What is unknown is older than anything.
    pub(super) issued_at: i64,
}

/// Denials add up: the strictest of each kind.
#[derive(Clone, Copy, Default)]
pub(super) struct Denied {
    all: bool,
    issued_until: Option<i64>,
    created_before: Option<i64>,
    /// In the store's milliseconds.
    pub(super) until: u64,
}

impl Denied {
    pub(super) fn add(&mut self, denial: Denial, until: u64) {
        match denial {
            Denial::Every => self.all = true,
            Denial::IssuedUntil(seconds) => self.issued_until = self.issued_until.max(Some(seconds)),
            Denial::CreatedBefore(millis) => self.created_before = self.created_before.max(Some(millis)),
        }
        self.until = self.until.max(until);
    }

    pub(super) fn covers(&self, member: &Member) -> bool {
        self.all
            || self.issued_until.is_some_and(|until| member.issued_at <= until)
            || self
                .created_before
                .is_some_and(|before| member.created_at < before)
    }
}
