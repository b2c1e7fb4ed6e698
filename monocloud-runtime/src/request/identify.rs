//! Who asks, for handlers: nobody where another site made the request.

use http::{HeaderMap, Method};

use super::fetch_metadata::is_own_site;
use super::head::Head;
use super::log;
use super::state::RequestAuth;
use crate::access::Caller;

/// The request is another site's: nobody's cookies speak for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CrossSite;

impl RequestAuth {
    /// Whether the request can change nothing, or one of the application's own pages made it.
    pub(crate) fn is_own_site(&self, method: &Method, headers: &HeaderMap) -> bool {
        let site = &self.client().settings().site;
        self.provenance()
            .is_own_site(|| is_own_site(method, headers, site.app_url.origin(), &site.trusted_origins))
    }

    /// Lets the cookies speak for this request, whichever site made it.
    pub(crate) fn waive_same_origin(&self) {
        self.provenance().waive();
    }

    /// What is answered from here on is for who was let in.
    pub(crate) fn let_in(&self) {
        self.provenance().let_in();
    }

    /// Looks at who asks, whatever says so.
    pub(crate) fn with_caller<T>(&self, look: impl FnOnce(Caller<'_>) -> T) -> T {
        self.with_record(|record| look(record.map_or(Caller::Nobody, Caller::Session)))
    }

    /// Whether handlers may know who is signed in. No, before anybody asked.
    pub(crate) fn may_identify(&self) -> bool {
        self.provenance().may_identify()
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

/// Whether somebody is signed in, for whoever asks later.
pub(crate) fn anybody(auth: &RequestAuth) -> Option<()> {
    auth.with_record(|record| record.map(|_| ()))
}

/// What `read` gives of who is signed in, unless another site made the request, which the log then says.
pub(crate) fn identify<T>(
    auth: &RequestAuth,
    head: Head<'_>,
    read: impl FnOnce(&RequestAuth) -> Option<T>,
) -> Result<Option<T>, CrossSite> {
    let found = auth.identify(&head.parts.method, &head.parts.headers, read);
    if found.is_err() {
        log::cross_site(log::EXTRACTOR, auth.client(), head);
    }
    found
}
