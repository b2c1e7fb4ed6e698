//! Who asks, for handlers: nobody where another site made the request.

use http::{HeaderMap, Method};

use super::access_token::Presented;
use super::fetch_metadata::{can_change_nothing, is_from_own_page};
use super::head::Head;
use super::log;
use super::state::{RequestAuth, Who};
use crate::access::{Accept, Caller};
use crate::http_client::BoxFuture;
use crate::identity::{Claims, User};

/// The request is another site's: nobody's cookies speak for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CrossSite;

impl RequestAuth {
    /// Whether the request can change nothing, or one of the application's own pages made it.
    pub(crate) fn is_own_site(&self, method: &Method, headers: &HeaderMap) -> bool {
        let site = &self.client().settings().site;
        self.provenance()
            .is_own_site(can_change_nothing(method, headers), || {
                is_from_own_page(headers, site.app_url.origin(), &site.trusted_origins)
            })
    }

    /// Lets the cookies speak for this request, whichever site made it.
    pub(crate) fn waive_same_origin(&self) {
        self.provenance().waive();
    }

    /// What is answered from here on is for who was let in.
    pub(crate) fn let_in(&self) {
        self.provenance().let_in();
    }

    /// Looks at who asks, whatever says so. Where an access token does, what has to be waited for was waited for.
    pub(crate) fn with_caller<T>(&self, look: impl FnOnce(Caller<'_>) -> T) -> T {
        match self.presented() {
            None => self.with_record(|record| look(record.map_or(Caller::Nobody, Caller::Session))),
            Some(Presented::Good(claims)) => look(Caller::Token(claims)),
            Some(_) => look(Caller::BadToken),
        }
    }

    /// The user who asks: who is signed in, or on whose behalf a client calls.
    pub(crate) fn user(&self) -> Option<User> {
        match self.presented() {
            None => self.with_record(|record| record.map(|record| record.user().clone())),
            Some(Presented::Good(claims)) => claims.user(),
            Some(_) => None,
        }
    }

    /// The claims of the access token, if the request has a good one.
    pub(crate) fn claims(&self) -> Option<Claims> {
        match self.presented() {
            Some(Presented::Good(claims)) => Some(claims.clone()),
            _ => None,
        }
    }

    /// Whether an access token speaks for the request, good or bad, and no cookie.
    pub(crate) fn brings_token(&self) -> bool {
        self.access_token().is_there() && !self.provenance().is_by_cookie_alone()
    }

    /// What became of the access token that speaks for the request.
    pub(crate) fn presented(&self) -> Option<&Presented> {
        self.brings_token().then(|| self.access_token().presented())
    }

    /// What has to be waited for before it is known who asks. Nothing, for most requests.
    pub(crate) fn pending(&self) -> Option<BoxFuture<'_, ()>> {
        if self.brings_token() {
            self.access_token().pending(self.client())
        } else {
            self.pending_session()
        }
    }

    /// The same for what accepts these: where no token counts, nobody is asked what it is worth.
    pub(crate) fn pending_for(&self, accept: Accept) -> Option<BoxFuture<'_, ()>> {
        if accept == Accept::Session && self.brings_token() && self.access_token().pass_over() {
            return None;
        }
        self.pending()
    }

    /// Lets the cookies alone speak for this request, as on the library's own routes: also where somebody who asked
    /// before heard that nobody is there, since a token speaks.
    pub(crate) fn by_cookie_alone(&self) {
        if self.brings_token() {
            let mut state = self.state();
            if matches!(state.who, Who::Nobody) && state.write.is_none() {
                state.who = Who::NotAsked;
            }
        }
        self.provenance().by_cookie_alone();
    }

    /// Whether handlers may know who asks. No, before anybody asked. No browser sends an access token by itself.
    pub(crate) fn may_identify(&self) -> bool {
        self.provenance().may_identify() || self.brings_token()
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
