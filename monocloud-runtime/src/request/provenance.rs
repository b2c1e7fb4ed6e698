//! Whether the cookies of a request may speak for who sent it: a browser sends them whichever site
//! made it do so.
//!
//! Decided once for a request, by whoever asks first, and shared with all others. Where nothing was
//! decided, the answer is no.

use std::sync::atomic::{AtomicU8, Ordering};

/// Any of the flags below.
#[derive(Default)]
pub(super) struct Provenance(AtomicU8);

const DECIDED: u8 = 1;
/// It can change nothing, or one of the application's own pages made it.
const OWN_SITE: u8 = 2;
/// A guard of the request lets every site in.
const WAIVED: u8 = 4;

/// Somebody was let in.
const LET_IN: u8 = 8;
/// Only the cookie counts, whatever else the request has.
const BY_COOKIE: u8 = 16;

impl Provenance {
    /// What was decided, or what `decide` says now.
    pub(super) fn is_own_site(&self, decide: impl FnOnce() -> bool) -> bool {
        let found = self.0.load(Ordering::Relaxed);
        if found & DECIDED != 0 {
            return found & OWN_SITE != 0;
        }
        let own = decide();
        self.set(if own { DECIDED | OWN_SITE } else { DECIDED });
        own
    }

    pub(super) fn waive(&self) {
        self.set(WAIVED);
    }

    pub(super) fn let_in(&self) {
        self.set(LET_IN);
    }

    pub(super) fn has_let_in(&self) -> bool {
        self.has(LET_IN)
    }

    pub(super) fn by_cookie_alone(&self) {
        self.set(BY_COOKIE);
    }

    pub(super) fn is_by_cookie_alone(&self) -> bool {
        self.has(BY_COOKIE)
    }

    pub(super) fn may_identify(&self) -> bool {
        self.has(OWN_SITE | WAIVED)
    }

    fn set(&self, flags: u8) {
        self.0.fetch_or(flags, Ordering::Relaxed);
    }

    /// Whether any of these is set.
    fn has(&self, flags: u8) -> bool {
        self.0.load(Ordering::Relaxed) & flags != 0
    }
}
