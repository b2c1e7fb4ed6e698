//! The session and what it remembers.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::lifetime;
use crate::config::Lifetime;
use crate::crypto;
use crate::identity::{User, stored};

/// A signed-in session.
///
/// As an extractor it is the session of the request; when there is none it answers 401, and
/// `Option<Session>` is `None`. It is a copy: [`Auth::update_session`](crate::Auth::update_session)
/// keeps what was changed. Clones are cheap. Tokens never show in `Debug`.
#[derive(Clone, PartialEq)]
pub struct Session(Arc<Record>);

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Record {
    #[serde(rename = "i")]
    id: String,
    #[serde(rename = "u", with = "stored")]
    user: User,
    #[serde(rename = "c")]
    created_at: i64,
    #[serde(rename = "w")]
    written_at: i64,
    #[serde(rename = "e")]
    expires_at: i64,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    access_token: Option<AccessToken>,
    #[serde(rename = "x", default, skip_serializing_if = "Map::is_empty")]
    data: Map<String, Value>,
}

/// The access token of the sign-in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    #[serde(rename = "v")]
    pub(crate) value: String,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<String>,
}

/// What a sign-in gives to a new session.
pub(crate) struct NewSession {
    pub(crate) user: User,
    pub(crate) auth_time: Option<i64>,
    pub(crate) id_token: Option<String>,
    pub(crate) access_token: Option<AccessToken>,
}

impl Session {
    /// A new session, with a new id.
    pub(crate) fn start(new: NewSession, lifetime: Lifetime, now: i64) -> Self {
        Self(Arc::new(Record {
            id: URL_SAFE_NO_PAD.encode(crypto::random::<18>()),
            user: new.user,
            created_at: now,
            written_at: now,
            expires_at: lifetime::expiry(lifetime, now, now),
            auth_time: new.auth_time,
            id_token: new.id_token,
            access_token: new.access_token,
            data: Map::new(),
        }))
    }

    /// Who is signed in.
    pub fn user(&self) -> &User {
        &self.0.user
    }

    /// Replaces the user's claims. `sub` should stay what it was.
    pub fn set_user(&mut self, user: User) {
        let groups_claim = self.user().groups_claim_set().cloned();
        self.record().user = match groups_claim {
            Some(name) => user.with_groups_claim(&name),
            None => user,
        };
    }

    /// When the session began, in seconds since the Unix epoch.
    pub fn created_at(&self) -> i64 {
        self.0.created_at
    }

    /// When it ends if it is not used again, in seconds since the Unix epoch.
    pub fn expires_at(&self) -> i64 {
        self.0.expires_at
    }

    /// When the person last proved to the issuer who they are, in seconds since the Unix epoch
    /// (`auth_time`), if the issuer said so.
    pub fn auth_time(&self) -> Option<i64> {
        self.0.auth_time
    }

    /// The issuer's id of its own session (`sid`).
    pub fn sid(&self) -> Option<&str> {
        self.user().claim("sid")?.as_str()
    }

    /// The raw ID token, unless it was left out to save room.
    pub fn id_token(&self) -> Option<&str> {
        self.0.id_token.as_deref()
    }

    /// The access token of the sign-in. It may have expired.
    pub fn access_token(&self) -> Option<&str> {
        self.0.access_token.as_ref().map(|token| token.value.as_str())
    }

    /// When the access token expires, in seconds since the Unix epoch, if the issuer said so.
    pub fn access_token_expires_at(&self) -> Option<i64> {
        self.0.access_token.as_ref()?.expires_at
    }

    /// The scopes that the access token has.
    pub fn scopes(&self) -> &[String] {
        self.0.access_token.as_ref().map_or(&[], |token| &token.scopes)
    }

    /// A value of the application's own.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.data.get(key)
    }

    /// Keeps a value of the application's own.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.record().data.insert(key.into(), value.into());
    }

    /// Drops a value of the application's own.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.record().data.remove(key)
    }

    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    /// The latest time at which any cookie of this session could still be accepted.
    pub(crate) fn latest_expiry(&self, lifetime: Lifetime) -> i64 {
        self.0.expires_at.max(lifetime::cap(lifetime, self.0.created_at))
    }

    pub(crate) fn drop_id_token(&mut self) -> bool {
        self.record().id_token.take().is_some()
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&*self.0).expect("a record has string keys alone")
    }

    /// Reads what [`Self::to_json`] wrote, if it still lives.
    pub(crate) fn from_json(
        json: &[u8],
        groups_claim: &Arc<str>,
        lifetime: Lifetime,
        now: i64,
    ) -> Option<Self> {
        // Checked as UTF-8 in one go, which is cheaper than string by string.
        let json = std::str::from_utf8(json).ok()?;
        let mut record: Record = serde_json::from_str(json).ok()?;
        // A lifetime that was shortened since binds what was sealed before.
        let ends_at = record.expires_at.min(lifetime::cap(lifetime, record.created_at));
        if ends_at <= now || record.user.sub().is_empty() {
            return None;
        }
        record.user = record.user.with_groups_claim(groups_claim);
        Some(Self(Arc::new(record)))
    }

    /// Prolongs a sliding session. Says whether it is worth a new cookie.
    pub(crate) fn slide(&mut self, lifetime: Lifetime, now: i64) -> bool {
        let Some(expires_at) = lifetime::slide(lifetime, self.0.created_at, self.0.written_at, now) else {
            return false;
        };
        let record = self.record();
        record.written_at = now;
        record.expires_at = expires_at;
        true
    }

    fn record(&mut self) -> &mut Record {
        Arc::make_mut(&mut self.0)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("user", self.user())
            .field("created_at", &self.0.created_at)
            .field("expires_at", &self.0.expires_at)
            .finish_non_exhaustive()
    }
}
