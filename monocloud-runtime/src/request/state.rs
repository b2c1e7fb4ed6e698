//! What one request knows of its session, and the cookies that its response will set.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

use super::caching::{Privacy, restrict};
use super::provenance::Provenance;
use super::session_cookies::{self, SessionCookies, Write};
use crate::client::MonoCloud;
use crate::cookie::{Cookies, Front};
use crate::error::Error;
use crate::identity::User;
use crate::session::{Ending, Record, Session};
use crate::sign_in::{Earlier, rounds, sign_in_url};

/// In the request's extensions; clones share.
#[derive(Clone)]
pub(crate) struct RequestAuth {
    inner: Arc<Inner>,
}

struct Inner {
    client: MonoCloud,
    cookies: Cookies,
    provenance: Provenance,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether anybody asked yet.
    asked: bool,
    record: Option<Record>,
    /// What the record was read from, while its contents are not opened.
    front: Option<Front>,
    session: Option<Session>,
    /// What becomes of the session cookie; the last word wins.
    write: Option<Write>,
    /// Cookies of sign-ins under way, set or deleted.
    transactions: Vec<HeaderValue>,
    /// Where a sign-in that failed was going.
    return_url: Option<String>,
    /// Whether the response's head is on its way.
    finished: bool,
}

impl RequestAuth {
    /// For a request with these headers, whose cookies no log shows from now on.
    pub(crate) fn new(client: MonoCloud, headers: &mut HeaderMap) -> Self {
        Self {
            inner: Arc::new(Inner {
                client,
                cookies: Cookies::take(headers),
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

    pub(super) fn provenance(&self) -> &Provenance {
        &self.inner.provenance
    }

    /// Who is signed in: read from the cookies by whoever asks first, remembered for all others.
    pub(crate) fn record(&self) -> Option<Record> {
        let mut state = self.state();
        self.resolve(&mut state);
        state.record.clone()
    }

    /// The user who is signed in.
    pub(crate) fn user(&self) -> Option<User> {
        self.with_record(|record| record.map(|record| record.user().clone()))
    }

    /// Looks at who is signed in, without a copy.
    pub(crate) fn with_record<T>(&self, look: impl FnOnce(Option<&Record>) -> T) -> T {
        let mut state = self.state();
        self.resolve(&mut state);
        look(state.record.as_ref())
    }

    /// The session with its contents. Where these cannot be opened, nobody is signed in from now on.
    pub(crate) fn session(&self) -> Option<Session> {
        let mut state = self.state();
        self.resolve(&mut state);
        if state.session.is_none()
            && let Some(record) = state.record.take()
        {
            let cookies = self.session_cookies();
            let front = state.front.take();
            let session = front.and_then(|front| cookies.session(record, &front));
            if session.is_none() {
                state.write = cookies.delete();
            }
            state.record = session.as_ref().map(|session| session.record().clone());
            state.session = session;
        }
        state.session.clone()
    }

    fn resolve(&self, state: &mut State) {
        if state.asked {
            return;
        }
        let found = self.session_cookies().read();
        state.asked = true;
        (state.record, state.front) = found.record.unzip();
        state.session = found.session;
        state.write = found.write;
        // Only a session that just began can have been counted.
        if let Some(record) = &state.record
            && self.client().now() < record.created_at().saturating_add(rounds::LIFETIME)
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

    /// Also returns the deletions of what gave way.
    fn write_session(&self, session: Session, earlier_chunks: usize) -> Result<Vec<HeaderValue>, Error> {
        let (session, write, evicted) = self.session_cookies().write(session, earlier_chunks)?;
        let mut state = self.state();
        if state.finished {
            return Err(Error::ResponseStarted);
        }
        state.asked = true;
        state.record = Some(session.record().clone());
        state.session = Some(session);
        state.write = Some(write);
        state.transactions.extend(evicted.iter().cloned());
        Ok(evicted)
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
            session_cookies::end(self.client(), Ending::of(carried));
        }
        for ending in earlier.into_iter().flat_map(Earlier::endings) {
            session_cookies::end(self.client(), ending);
        }
        self.session_cookies().end_all();
        Ok(evicted)
    }

    /// Ends the session of this request, here and for every copy of its cookie.
    pub(crate) fn end_session(&self) -> Option<Session> {
        let session = self.session();
        if let Some(session) = &session {
            session_cookies::end(self.client(), Ending::of(session.record()));
        }
        let cookies = self.session_cookies();
        cookies.end_all();
        let mut state = self.state();
        state.record = None;
        state.session = None;
        if let Some(delete) = cookies.delete() {
            state.write = Some(delete);
        }
        session
    }

    /// Every session that the request carries, also where it is nobody's clear yes.
    pub(crate) fn carried(&self) -> Vec<Ending> {
        self.session_cookies().carried()
    }

    /// Remembers where a sign-in was going, for the link of an error page.
    pub(crate) fn set_return_url(&self, return_url: &str) {
        self.state().return_url = Some(return_url.to_owned());
    }

    /// Where to sign in again, and where that ends.
    pub(crate) fn sign_in_url(&self) -> String {
        let settings = self.client().settings();
        let back = self.state().return_url.clone();
        sign_in_url(settings, back.as_deref())
    }

    pub(crate) fn add_cookies(&self, cookies: impl IntoIterator<Item = HeaderValue>) {
        self.state().transactions.extend(cookies);
    }

    /// Whether the response's head is on its way: no cookie can be set any more.
    pub(crate) fn has_answered(&self) -> bool {
        self.state().finished
    }

    /// Writes what was decided into the response's headers.
    pub(crate) fn finish(&self, headers: &mut HeaderMap) {
        let mut state = self.state();
        let asked = state.asked;
        let transactions = std::mem::take(&mut state.transactions);
        let write = state.write.take();
        state.finished = true;
        drop(state);
        if !asked && transactions.is_empty() {
            return;
        }
        let mut sets = !transactions.is_empty();
        for cookie in transactions {
            headers.append(SET_COOKIE, cookie);
        }
        for cookie in write
            .into_iter()
            .flat_map(|write| write.into_headers(self.client()))
        {
            headers.append(SET_COOKIE, cookie);
            sets = true;
        }
        let privacy = if sets {
            Privacy::SetsCookie
        } else if self.provenance().has_let_in() {
            Privacy::LetIn
        } else {
            Privacy::Depends
        };
        restrict(headers, privacy);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for RequestAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestAuth")
    }
}
