//! Whether the cookies of a request may speak for who sent it: a browser sends them whichever site
//! made it do so.
//!
//! Decided once for a request, by whoever asks first, and shared with all others. Where nothing was
//! decided, the answer is no.

use std::sync::atomic::{AtomicU8, Ordering};

use http::{HeaderMap, Method};

use super::fetch_metadata::is_own_site;
use super::state::RequestAuth;

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

/// The request is another site's: nobody's cookies speak for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CrossSite;

impl RequestAuth {
    /// Whether the request can change nothing, or one of the application's own pages made it.
    pub(crate) fn is_own_site(&self, method: &Method, headers: &HeaderMap) -> bool {
        let Provenance(flags) = self.provenance();
        let found = flags.load(Ordering::Relaxed);
        if found & DECIDED != 0 {
            return found & OWN_SITE != 0;
        }
        let settings = self.client().settings();
        let own = is_own_site(
            method,
            headers,
            settings.site.app_url.origin(),
            &settings.site.trusted_origins,
        );
        flags.fetch_or(if own { DECIDED | OWN_SITE } else { DECIDED }, Ordering::Relaxed);
        own
    }

    /// Lets the cookies speak for this request, whichever site made it.
    pub(crate) fn waive_same_origin(&self) {
        self.provenance().0.fetch_or(WAIVED, Ordering::Relaxed);
    }

    /// What is answered from here on is for who was let in.
    pub(crate) fn let_in(&self) {
        self.provenance().0.fetch_or(LET_IN, Ordering::Relaxed);
    }

    pub(super) fn has_let_in(&self) -> bool {
        self.provenance().0.load(Ordering::Relaxed) & LET_IN != 0
    }

    /// Whether handlers may know who is signed in. No, before anybody asked.
    pub(crate) fn may_identify(&self) -> bool {
        self.provenance().0.load(Ordering::Relaxed) & (OWN_SITE | WAIVED) != 0
    }

    /// What `read` gives of who is signed in, for handlers: nothing of a request that another site made.
    pub(crate) fn identify<T>(
        &self,
        method: &Method,
        headers: &HeaderMap,
        read: impl FnOnce(&Self) -> Option<T>,
    ) -> Result<Option<T>, CrossSite> {
        self.is_own_site(method, headers);
        if self.may_identify() {
            Ok(read(self))
        } else if self.with_record(|record| record.is_some()) {
            Err(CrossSite)
        } else {
            Ok(None)
        }
    }
}
