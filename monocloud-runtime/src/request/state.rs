//! What one request knows of its session, and the cookies that its response will set.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue};

use super::session_cookie::{self, Write};
use crate::client::MonoCloud;
use crate::error::Error;
use crate::session::Session;
use crate::sign_in::sign_in_url;

/// Headers by which a handler could tell a cache what `Cache-Control` forbids.
const OTHER_CACHES: &[&str] = &[
    "expires",
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "surrogate-control",
];

/// In the request's extensions; clones share.
#[derive(Clone)]
pub(crate) struct RequestAuth {
    inner: Arc<Inner>,
}

struct Inner {
    client: MonoCloud,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether anybody asked yet.
    asked: bool,
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
    pub(crate) fn new(client: MonoCloud) -> Self {
        Self {
            inner: Arc::new(Inner {
                client,
                state: Mutex::default(),
            }),
        }
    }

    pub(crate) fn client(&self) -> &MonoCloud {
        &self.inner.client
    }

    /// The session: read from the cookies by whoever asks first, remembered for all others.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<Session> {
        let mut state = self.state();
        if state.asked {
            return state.session.clone();
        }
        let (session, write) = session_cookie::read(self.client(), headers);
        state.write = write;
        state.asked = true;
        state.session.clone_from(&session);
        session
    }

    /// Makes `session` the one of this request, and sets its cookies.
    pub(crate) fn set_session(&self, headers: &HeaderMap, session: Session) -> Result<(), Error> {
        let (session, write, evicted) = session_cookie::write(self.client(), headers, session)?;
        let mut state = self.state();
        if state.finished {
            return Err(Error::ResponseStarted);
        }
        state.asked = true;
        state.session = Some(session);
        state.write = Some(write);
        state.transactions.extend(evicted);
        Ok(())
    }

    /// Makes a new session the one of this request, in place of the earlier one, which is over for
    /// every copy of its cookie. When the new one does not fit, the earlier one stays.
    pub(crate) fn replace_session(
        &self,
        headers: &HeaderMap,
        session: Session,
    ) -> Result<Option<Session>, Error> {
        let earlier = self.session(headers);
        self.set_session(headers, session)?;
        if let Some(earlier) = &earlier {
            session_cookie::end(self.client(), earlier);
        }
        Ok(earlier)
    }

    /// Ends the session of this request, here and for every copy of its cookie.
    pub(crate) fn end_session(&self, headers: &HeaderMap) -> Option<Session> {
        let session = self.session(headers);
        if let Some(session) = &session {
            session_cookie::end(self.client(), session);
        }
        session_cookie::end_all(self.client(), headers);
        let mut state = self.state();
        state.session = None;
        if let Some(delete) = session_cookie::delete(self.client(), headers) {
            state.write = Some(delete);
        }
        session
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
        let private = HeaderValue::from_static("private, no-store");
        if sets {
            headers.insert(CACHE_CONTROL, private);
            for name in OTHER_CACHES {
                headers.remove(*name);
            }
        } else {
            headers.entry(CACHE_CONTROL).or_insert(private);
        }
        vary(headers, "Cookie");
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn vary(headers: &mut HeaderMap, name: &'static str) {
    let named = headers.get_all(VARY).iter().any(|value| {
        value.to_str().is_ok_and(|value| {
            value
                .split(',')
                .map(str::trim)
                .any(|field| field == "*" || field.eq_ignore_ascii_case(name))
        })
    });
    if !named {
        headers.append(VARY, HeaderValue::from_static(name));
    }
}

impl std::fmt::Debug for RequestAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestAuth")
    }
}
