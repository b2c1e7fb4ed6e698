//! The session, as handlers see it.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::contents::Contents;
use super::record::{Record, SignIn};
use super::tokens::{AccessToken, Generation, Renewed, TokenSet};
use crate::config::Lifetime;
use crate::error::Error;
use crate::identity::{User, replaced, retold};

/// A signed-in session.
///
/// As an extractor it is the session of the request; when there is none it answers 401, or 403 where an
/// access token speaks for the request, and `Option<Session>` is `None`. It is a copy: [`Auth::update_session`](crate::Auth::update_session)
/// keeps what was changed. Clones are cheap. Tokens never show in `Debug`.
#[derive(Clone, PartialEq)]
pub struct Session {
    record: Record,
    contents: Arc<Contents>,
}

/// What a sign-in gives to a new session.
pub(crate) struct NewSession {
    pub(crate) user: User,
    pub(crate) sign_in: SignIn,
    pub(crate) tokens: TokenSet,
}

impl Session {
    /// Who is signed in.
    pub fn user(&self) -> &User {
        self.record.user()
    }

    /// Replaces the claims that the session shows of its user. Who it is stays: `sub`, and what the
    /// sign-in proved (`sid`, `auth_time` and the like), are the session's own.
    ///
    /// # Errors
    ///
    /// [`Error::OtherSubject`] when `user` has another `sub`; the session is then as it was.
    pub fn set_user(&mut self, user: &User) -> Result<(), Error> {
        if user.sub() != self.user().sub() {
            return Err(Error::OtherSubject);
        }
        let user = replaced(self.user(), user);
        self.record.set_user(user);
        Ok(())
    }

    /// When the session began, in seconds since the Unix epoch.
    pub fn created_at(&self) -> i64 {
        self.record.created_at()
    }

    /// When it ends if it is not used again, in seconds since the Unix epoch.
    pub fn expires_at(&self) -> i64 {
        self.record.expires_at()
    }

    /// When the person last proved to the issuer who they are, in seconds since the Unix epoch
    /// (`auth_time`), if the issuer said so.
    pub fn auth_time(&self) -> Option<i64> {
        self.record.auth_time()
    }

    /// How the person proved who they are, as the issuer classes it (`acr`).
    pub fn acr(&self) -> Option<&str> {
        self.record.acr()
    }

    /// The issuer's id of its own session (`sid`).
    pub fn sid(&self) -> Option<&str> {
        self.record.sid()
    }

    /// A value of the application's own, if there is one of this type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        T::deserialize(self.contents.data.get(key)?).ok()
    }

    /// Keeps a value of the application's own, which [`Session::get`] gives back.
    ///
    /// The value is in the person's own browser, sealed: they cannot read or change it. They can
    /// bring back an older cookie of the same session, and with it the value of that time. What must
    /// only ever go down, such as a credit, does not belong here. Where a store keeps the sessions the value lies there,
    /// sealed, and no older one comes back.
    ///
    /// # Errors
    ///
    /// [`Error::NotJson`] when the value cannot be written as JSON, such as a map whose keys are no
    /// text; the session is then as it was.
    pub fn insert<T: Serialize>(&mut self, key: impl Into<String>, value: T) -> Result<(), Error> {
        let value = serde_json::to_value(value).map_err(|_| Error::NotJson)?;
        self.contents().data.insert(key.into(), value);
        Ok(())
    }

    /// Drops a value of the application's own, and gives it back as it was kept.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.contents().data.remove(key)
    }

    /// A new session, with a new id.
    pub(crate) fn start(new: NewSession, lifetime: Lifetime, now_millis: i64) -> Self {
        Self {
            record: Record::new(new.user, &new.sign_in, lifetime, now_millis),
            contents: Arc::new(Contents {
                tokens: new.tokens,
                ..Contents::default()
            }),
        }
    }

    /// The same session, created at this millisecond at the earliest.
    pub(crate) fn not_older_than(mut self, millis: i64) -> Self {
        self.record.not_older_than(millis);
        self
    }

    /// A record with its contents, as [`Self::contents_bytes`] wrote them.
    pub(crate) fn open(record: Record, contents: &[u8]) -> Option<Self> {
        let contents = Arc::new(Contents::read(contents)?);
        Some(Self { record, contents })
    }

    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    pub(crate) fn contents_bytes(&self) -> Vec<u8> {
        self.contents.to_bytes()
    }

    /// Refuses what could not be read back: JSON may be nested deeper than it is read.
    pub(crate) fn check_readable(&self) -> Result<(), Error> {
        let mut claims = self.user().as_packed().iter();
        let is_readable = Contents::read(&self.contents_bytes()).is_some()
            && claims.all(|claim| claim.value.to_value().is_some());
        is_readable.then_some(()).ok_or(Error::InvalidRequest(
            "the session's values are nested too deeply to be kept",
        ))
    }

    pub(crate) fn tokens(&self) -> &TokenSet {
        &self.contents.tokens
    }

    /// The raw ID token, unless it was left out to save room.
    pub(crate) fn id_token(&self) -> Option<&str> {
        self.tokens().id_token.as_deref()
    }

    /// The default access token. It may have expired.
    pub(crate) fn access_token(&self) -> Option<&str> {
        self.tokens().default_token().map(|token| token.value.as_str())
    }

    /// Takes what a renewal brought, if it is a later one than the session's own.
    pub(crate) fn adopt(&mut self, newer: &Generation) -> bool {
        let is_newer = newer.number > self.record.generation();
        if is_newer {
            let tokens = newer.renewed.tokens.clone();
            let scopes = tokens
                .default_token()
                .map(AccessToken::scopes)
                .unwrap_or_default();
            if !newer.renewed.claims.is_empty() {
                let user = retold(self.user(), &newer.renewed.claims);
                self.record.set_user(user);
            }
            self.record.renew(newer.number, &scopes);
            if let Some(expiry) = newer.renewed.session_expiry {
                self.record.end_by(expiry);
            }
            self.contents().tokens = tokens;
        }
        is_newer
    }

    /// Takes the later end of another state of the same session.
    pub(crate) fn prolong_from(&mut self, other: &Self) {
        self.record.not_before(&other.record);
    }

    /// Takes the tokens of a later state of the same session.
    pub(crate) fn adopt_from(&mut self, later: &Self) {
        if later.record.id() == self.record.id() && later.record.generation() > self.record.generation() {
            self.adopt(&Generation {
                number: later.record.generation(),
                renewed: Arc::new(Renewed {
                    session_expiry: later.record.session_expiry(),
                    ..later.tokens().clone().into()
                }),
            });
        }
    }

    pub(crate) fn drop_access_tokens(&mut self) {
        self.contents().tokens.drop_access_tokens();
    }

    pub(crate) fn drop_id_token(&mut self) -> bool {
        self.contents.tokens.id_token.is_some() && self.contents().tokens.id_token.take().is_some()
    }

    /// Drops the oldest access token beside the default one, where there are more than `keep`.
    pub(crate) fn drop_oldest_access_token(&mut self, keep: usize) -> bool {
        let gives_way = self.contents.tokens.count_others() > keep;
        if gives_way {
            self.contents().tokens.drop_oldest();
        }
        gives_way
    }

    fn contents(&mut self) -> &mut Contents {
        Arc::make_mut(&mut self.contents)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("user", self.user())
            .field("created_at", &self.created_at())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}
