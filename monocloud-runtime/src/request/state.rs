//! What one request knows of its session, and the cookies that its response will set.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue};

use super::access_token::AccessToken;
use super::provenance::Provenance;
use super::session_cookies::{Found, SessionCookies, Write};
use super::tickets;
use crate::client::MonoCloud;
use crate::cookie::Cookies;
use crate::error::Error;
use crate::session::{Generation, Held, Record, Session};
use crate::sign_in::{rounds, sign_in_url};

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
    /// What a list of sessions shows of the browser.
    user_agent: Option<HeaderValue>,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) who: Who,
    /// What the session is in a store.
    pub(super) held: Option<Held>,
    /// Why it could not be found out who is signed in.
    pub(super) trouble: Option<Error>,
    /// What becomes of the session cookie; the last word wins.
    pub(super) write: Option<Write>,
    /// Cookies of sign-ins under way, set or deleted.
    pub(super) transactions: Vec<HeaderValue>,
    /// Where to sign in again, if this one fails.
    again: Option<String>,
    /// Whether the response's head is on its way.
    pub(super) finished: bool,
    /// Whether the request is no use of the session.
    pub(super) without_slide: bool,
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
                user_agent: client.keeping().and_then(|_| headers.get(USER_AGENT).cloned()),
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

    pub(super) fn user_agent(&self) -> Option<&str> {
        self.inner.user_agent.as_ref()?.to_str().ok()
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
            let record = record.clone();
            let opened = match &state.held {
                Some(held) => held.session(record),
                None => self.session_cookies().session(record),
            };
            if let Some(session) = opened {
                state.who = Who::Session(session);
            } else if state.held.take().is_some() {
                tickets::say_changed();
                state.who = Who::Nobody;
            } else {
                state.who = Who::Nobody;
                state.write = self.session_cookies().delete();
            }
        }
        match &state.who {
            Who::Session(session) => Some(session.clone()),
            _ => None,
        }
    }

    pub(super) fn resolve(&self, state: &mut State) {
        if !matches!(state.who, Who::NotAsked) {
            return;
        }
        // The cookie is not even read.
        if self.brings_token() {
            state.who = Who::Nobody;
            return;
        }
        if let Some(keeping) = self.client().keeping() {
            return self.look_now(state, keeping);
        }
        // Before what is over is looked at: it may be heard of between the two.
        let not_current = self.client().not_current();
        let found = self.session_cookies().read(!state.without_slide);
        if not_current.is_some() && !matches!(found, Found::Nobody(_)) {
            (state.who, state.trouble) = (Who::Nobody, not_current);
            return;
        }
        (state.who, state.write) = match found {
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
        self.settle_rounds(state);
    }

    /// Only a session that just began can have been counted.
    pub(super) fn settle_rounds(&self, state: &mut State) {
        if let Some(record) = state.who.record()
            && self.client().now() < record.created_at().saturating_add(rounds::LIFETIME)
        {
            let clear = rounds::clear(self.client(), self.cookies());
            state.transactions.extend(clear);
        }
    }

    pub(super) fn session_cookies(&self) -> SessionCookies<'_> {
        SessionCookies::of(self.client(), self.cookies())
    }

    /// Asking is no use of the session: it is not prolonged.
    pub(crate) fn without_slide(&self) {
        self.state().without_slide = true;
    }

    /// Makes `session` the one of this request, and keeps it.
    pub(crate) async fn set_session(&self, session: Session) -> Result<(), Error> {
        match self.client().keeping() {
            Some(keeping) => self.write_stored(keeping, session).await,
            None => self.write_session(session, 0).map(drop),
        }
    }

    /// Makes these tokens the session's, if they are newer, and sets its cookies as far as that can still be done.
    /// The session is returned with all of them, also with what did not fit into cookies.
    pub(super) async fn take_tokens(&self, newer: &Generation) -> Option<Session> {
        let session = self.session()?;
        if let Some(keeping) = self.client().keeping() {
            return self.take_stored(keeping, session, newer).await;
        }
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
    pub(super) fn write_session(
        &self,
        mut session: Session,
        earlier_chunks: usize,
    ) -> Result<Vec<HeaderValue>, Error> {
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
    pub(super) fn adopt_newest(&self, session: &mut Session) {
        if let Some(newer) = self.client().refreshes().newer(session.record()) {
            session.adopt(&newer);
        }
        if let Who::Session(current) = &self.state().who {
            session.adopt_from(current);
        }
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
