//! What one request knows of its session, and the cookies that its response will set.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderValue};

use super::access_token::AccessToken;
use super::provenance::Provenance;
use super::session_cookies::{self, Found, SessionCookies, Write};
use crate::client::MonoCloud;
use crate::cookie::Cookies;
use crate::error::Error;
use crate::event::{Event, SessionEnd};
use crate::session::{Ending, Flight, Generation, Record, Session};
use crate::sign_in::{Earlier, rounds, sign_in_url};

/// In the request's extensions; clones share.
#[derive(Clone)]
pub(crate) struct RequestAuth {
    inner: Arc<Inner>,
}

struct Inner {
    client: MonoCloud,
    cookies: Cookies,
    token: AccessToken,
    provenance: Provenance,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) who: Who,
    /// What becomes of the session cookie; the last word wins.
    pub(super) write: Option<Write>,
    /// Cookies of sign-ins under way, set or deleted.
    pub(super) transactions: Vec<HeaderValue>,
    /// Where to sign in again, if this one fails.
    again: Option<String>,
    /// Whether the response's head is on its way.
    pub(super) finished: bool,
}

/// Who is signed in, as far as anybody asked.
#[derive(Default)]
pub(super) enum Who {
    #[default]
    NotAsked,
    Nobody,
    /// The contents of the session are not opened yet.
    Record(Record),
    Session(Session),
}

impl Who {
    pub(super) fn record(&self) -> Option<&Record> {
        match self {
            Self::NotAsked | Self::Nobody => None,
            Self::Record(record) => Some(record),
            Self::Session(session) => Some(session.record()),
        }
    }
}

impl RequestAuth {
    /// For a request with these headers, whose cookies and access token no log shows from now on.
    pub(crate) fn new(client: MonoCloud, headers: &mut HeaderMap) -> Self {
        Self {
            inner: Arc::new(Inner {
                cookies: Cookies::take(headers),
                token: AccessToken::take(&client, headers),
                client,
                provenance: Provenance::default(),
                state: Mutex::default(),
            }),
        }
    }

    pub(crate) fn client(&self) -> &MonoCloud {
        &self.inner.client
    }

    /// The cookies that the request brought.
    pub(crate) fn cookies(&self) -> &Cookies {
        &self.inner.cookies
    }

    pub(super) fn access_token(&self) -> &AccessToken {
        &self.inner.token
    }

    pub(super) fn provenance(&self) -> &Provenance {
        &self.inner.provenance
    }

    /// Who is signed in: read from the cookies by whoever asks first, remembered for all others.
    pub(crate) fn record(&self) -> Option<Record> {
        self.with_record(|record: Option<&Record>| record.cloned())
    }

    /// Looks at who is signed in, without a copy.
    pub(crate) fn with_record<T>(&self, look: impl FnOnce(Option<&Record>) -> T) -> T {
        let mut state = self.state();
        self.resolve(&mut state);
        look(state.who.record())
    }

    /// The session with its contents. Where these cannot be opened, nobody is signed in from now on.
    pub(crate) fn session(&self) -> Option<Session> {
        let mut state = self.state();
        self.resolve(&mut state);
        if let Who::Record(record) = &state.who {
            let cookies = self.session_cookies();
            if let Some(session) = cookies.session(record.clone()) {
                state.who = Who::Session(session);
            } else {
                state.who = Who::Nobody;
                state.write = cookies.delete();
            }
        }
        match &state.who {
            Who::Session(session) => Some(session.clone()),
            _ => None,
        }
    }

    fn resolve(&self, state: &mut State) {
        if !matches!(state.who, Who::NotAsked) {
            return;
        }
        // The cookie is not even read.
        if self.brings_token() {
            state.who = Who::Nobody;
            return;
        }
        let cookies = self.session_cookies();
        (state.who, state.write) = match cookies.read() {
            Found::Nobody(delete) => (Who::Nobody, delete),
            Found::Record(record) => (Who::Record(record), None),
            Found::Prolonged(session, write) => (Who::Session(session), write),
        };
        // Refreshed for a request whose answer never reached the browser.
        if let Some(record) = state.who.record()
            && let Some(newer) = self.client().refreshes().newer(record)
        {
            self.catch_up(state, &newer);
        }
        // Only a session that just began can have been counted.
        if let Some(record) = state.who.record()
            && cookies.now < record.created_at().saturating_add(rounds::LIFETIME)
        {
            let clear = rounds::clear(self.client(), self.cookies());
            state.transactions.extend(clear);
        }
    }

    fn session_cookies(&self) -> SessionCookies<'_> {
        SessionCookies::of(self.client(), self.cookies())
    }

    /// Makes `session` the one of this request, and sets its cookies.
    pub(crate) fn set_session(&self, session: Session) -> Result<(), Error> {
        self.write_session(session, 0).map(drop)
    }

    /// Makes these tokens the session's, if they are newer, and sets its cookies as far as that can still be done.
    /// The session is returned with all of them, also with what did not fit into cookies.
    pub(super) fn take_tokens(&self, newer: &Generation) -> Option<Session> {
        self.session()?;
        let mut state = self.state();
        if state
            .who
            .record()
            .is_some_and(|record| self.client().denials().denies(record))
        {
            return None;
        }
        self.catch_up(&mut state, newer)
    }

    pub(super) fn catch_up(&self, state: &mut State, newer: &Generation) -> Option<Session> {
        let cookies = self.session_cookies();
        let mut session = match &state.who {
            Who::NotAsked | Who::Nobody => return None,
            Who::Record(record) => cookies.session(record.clone())?,
            Who::Session(session) => session.clone(),
        };
        if !session.adopt(newer) {
            return Some(session);
        }
        match cookies.write_or_leave_out(session.clone()) {
            Ok((kept, write, evicted)) => {
                state.who = Who::Session(kept);
                state.write = Some(write);
                state.transactions.extend(evicted);
            }
            Err(error) => {
                tracing::error!(name: "monocloud.refresh.not_kept", code = error.code(), error = %error, "refreshed tokens could not be kept");
                state.who = Who::Session(session.clone());
            }
        }
        Some(session)
    }

    /// Also returns the deletions of what gave way.
    fn write_session(&self, mut session: Session, earlier_chunks: usize) -> Result<Vec<HeaderValue>, Error> {
        self.adopt_newest(&mut session);
        let (session, write, evicted) = self.session_cookies().write(session, earlier_chunks)?;
        let mut state = self.state();
        if state.finished {
            return Err(Error::ResponseStarted);
        }
        state.who = Who::Session(session);
        state.write = Some(write);
        state.transactions.extend(evicted.iter().cloned());
        Ok(evicted)
    }

    /// A handler may hold a session from before its tokens were refreshed.
    fn adopt_newest(&self, session: &mut Session) {
        if let Some(newer) = self.client().refreshes().newer(session.record()) {
            session.adopt(&newer);
        }
        if let Who::Session(current) = &self.state().who {
            session.adopt_from(current);
        }
    }

    /// Makes a new session the one of this request, in place of the earlier one, which is over for
    /// every copy of its cookie: the one that the request carries, and the one that the sign-in began with.
    /// When the new one does not fit, they stay. Also returns the deletions of sign-ins that gave way.
    pub(crate) fn replace_session(
        &self,
        session: Session,
        earlier: Option<&Earlier>,
    ) -> Result<Vec<HeaderValue>, Error> {
        let carried = self.record();
        let evicted = self.write_session(session, earlier.map_or(0, |earlier| earlier.chunks))?;
        if let Some(carried) = &carried {
            let (sub, why) = (carried.user().sub(), SessionEnd::Replaced);
            self.client().events().emit(&Event::SessionEnded { sub, why });
            session_cookies::end(self.client(), Ending::of(carried));
        }
        for ending in earlier.into_iter().flat_map(Earlier::endings) {
            session_cookies::end(self.client(), ending);
        }
        self.session_cookies().end_all();
        Ok(evicted)
    }

    /// Ends the session of this request, for every copy of its cookie. Also returns its refresh that is under way.
    pub(crate) fn end_session(&self, why: SessionEnd) -> Option<(Session, Option<Flight>)> {
        let ended = self.session().map(|mut session| {
            let sub = session.user().sub();
            self.client().events().emit(&Event::SessionEnded { sub, why });
            let left = session_cookies::end(self.client(), Ending::of(session.record()));
            if let Some(newest) = &left.newest {
                session.adopt(newest);
            }
            (session, left.under_way)
        });
        self.leave();
        ended
    }

    /// The session of this request has ended already.
    pub(crate) fn leave(&self) {
        let cookies = self.session_cookies();
        cookies.end_all();
        let mut state = self.state();
        state.who = Who::Nobody;
        if let Some(delete) = cookies.delete() {
            state.write = Some(delete);
        }
    }

    /// Every session that the request carries, also where it is nobody's clear yes.
    pub(crate) fn carried(&self) -> Vec<Ending> {
        self.session_cookies().carried()
    }

    /// Remembers the sign-in that is to be tried in place of one that fails, for the link of an error page.
    pub(crate) fn set_again(&self, url: String) {
        self.state().again = Some(url);
    }

    /// Where to sign in again, and where that ends.
    pub(crate) fn sign_in_url(&self) -> String {
        let again = self.state().again.clone();
        again.unwrap_or_else(|| sign_in_url(self.client().settings(), None))
    }

    pub(crate) fn add_cookies(&self, cookies: impl IntoIterator<Item = HeaderValue>) {
        self.state().transactions.extend(cookies);
    }

    /// Whether the response's head is on its way: no cookie can be set any more.
    pub(crate) fn has_answered(&self) -> bool {
        self.state().finished
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for RequestAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestAuth")
    }
}
