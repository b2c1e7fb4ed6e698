//! Whether the cookies of a request may speak for who sent it: a browser sends them whichever site
//! made it do so.
//!
//! Decided once for a request, by whoever asks first, and shared with all others. Where nothing was
//! decided, the answer is no. Only that the request can change nothing does not last: a middleware may
//! give it another method.

use std::sync::atomic::{AtomicU8, Ordering};

/// Any of the flags below.
#[derive(Default)]
pub(super) struct Provenance(AtomicU8);

/// It can change nothing, as it was when somebody asked.
const SAFE: u8 = 1;
/// One of the application's own pages made it.
const OWN_SITE: u8 = 2;
/// Nothing says that one of them did.
const OTHER_SITE: u8 = 32;
/// A guard of the request lets every site in.
const WAIVED: u8 = 4;

/// Somebody was let in.
const LET_IN: u8 = 8;
/// Only the cookie counts, whatever else the request has.
const BY_COOKIE: u8 = 16;

impl Provenance {
    /// Whether the request can change nothing, or one of the application's own pages made it, which was decided or
    /// `decide` says now.
    pub(super) fn is_own_site(&self, is_safe: bool, decide: impl FnOnce() -> bool) -> bool {
        if self.has(OWN_SITE | OTHER_SITE) {
            return self.has(OWN_SITE);
        }
        if is_safe {
            self.set(SAFE);
            return true;
        }
        let own = decide();
        self.set(if own { OWN_SITE } else { OTHER_SITE });
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
        self.has(OWN_SITE | WAIVED) || self.has(SAFE) && !self.has(OTHER_SITE)
    }

    fn set(&self, flags: u8) {
        self.0.fetch_or(flags, Ordering::Relaxed);
    }

    /// Whether any of these is set.
    fn has(&self, flags: u8) -> bool {
        self.0.load(Ordering::Relaxed) & flags != 0
    }
}

#[cfg(test)]
mod tests {
    use super::Provenance;

    const NOT_ASKED: fn() -> bool = || panic!("it was decided");

    #[test]
    fn that_a_request_can_change_nothing_says_nothing_about_one_that_can() {
        for own in [true, false] {
            let provenance = Provenance::default();
            assert!(!provenance.may_identify());
            assert!(provenance.is_own_site(true, NOT_ASKED));
            assert!(provenance.may_identify());
            assert_eq!(provenance.is_own_site(false, || own), own);
            assert_eq!(provenance.may_identify(), own);
        }
    }

    #[test]
    fn whose_page_made_a_request_is_decided_once_for_every_method() {
        for own in [true, false] {
            let provenance = Provenance::default();
            provenance.is_own_site(false, || own);
            for is_safe in [false, true, false] {
                assert_eq!(provenance.is_own_site(is_safe, NOT_ASKED), own);
                assert_eq!(provenance.may_identify(), own);
            }
        }
    }

    #[test]
    fn a_guard_that_lets_every_site_in_goes_before_both() {
        let provenance = Provenance::default();
        provenance.waive();
        assert!(!provenance.is_own_site(false, || false));
        assert!(provenance.may_identify());
    }
}
