//! The front of a session: what a guard and `User` need, in one buffer, read in place.
//!
//! | bytes | |
//! |---|---|
//! | 22 | the session's id, as text |
//! | 8 | when it was created, in milliseconds |
//! | 8 × 5 | when it was written, when it ends, `auth_time`, `iat` of the first ID token, `session_expiry`, in seconds |
//! | 4 | generation: how often its tokens were renewed |
//! | … | `iss`, `sid`, `acr`, `amr`, the granted scopes, each after its length |
//! | … | the claims |
//!
//! All but the claims is the session's own: the sign-in sets it, and no handler changes it.

use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::lifetime;
use crate::config::Lifetime;
use crate::crypto;
use crate::identity::{Packed, User, length, packed_list, push_length, take};

/// 128 random bits in base64url.
const ID: usize = 22;
const FIXED: usize = ID + 6 * 8 + 4;

/// Which of the texts has the granted scopes of the default token.
const SCOPES: usize = 4;

/// A time that is not known.
pub(super) const UNKNOWN: i64 = i64::MIN;

/// Clocks of two machines differ by no more than this many seconds.
const AHEAD: i64 = 60;

/// What a sign-in proves.
#[derive(Default)]
pub(crate) struct SignIn {
    pub(crate) issuer: String,
    pub(crate) sid: Option<String>,
    pub(crate) acr: Option<String>,
    pub(crate) amr: Vec<String>,
    /// Seconds since the Unix epoch, as all times here.
    pub(crate) auth_time: Option<i64>,
    pub(crate) issued_at: Option<i64>,
    pub(crate) session_expiry: Option<i64>,
    pub(crate) scopes: Vec<String>,
}

/// The front of a session. Clones are cheap.
#[derive(Clone)]
pub(crate) struct Record {
    id: [u8; ID],
    created_at_millis: i64,
    written_at: i64,
    expires_at: i64,
    auth_time: i64,
    issued_at: i64,
    session_expiry: i64,
    generation: u32,
    /// What it was read from, or the texts of a new one.
    buffer: Arc<[u8]>,
    texts: Range<usize>,
    user: User,
}

/// Why a record is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It cannot be read, or its time is over.
    Over,
    /// It was written later than it is now: this clock is wrong, or the other one was.
    FromTheFuture,
}

impl Record {
    /// Of a new session.
    pub(super) fn new(user: User, sign_in: &SignIn, lifetime: Lifetime, now_millis: i64) -> Self {
        let now = now_millis.div_euclid(1_000);
        let amr: Vec<_> = sign_in.amr.iter().map(|method| method.as_str().into()).collect();
        let mut texts = Vec::new();
        for text in [
            sign_in.issuer.as_bytes(),
            sign_in.sid.as_deref().unwrap_or_default().as_bytes(),
            sign_in.acr.as_deref().unwrap_or_default().as_bytes(),
            &packed_list(&amr).unwrap_or_default(),
            sign_in.scopes.join(" ").as_bytes(),
        ] {
            push_length(&mut texts, text.len());
            texts.extend_from_slice(text);
        }
        let mut record = Self {
            id: new_id(),
            created_at_millis: now_millis,
            written_at: now,
            expires_at: lifetime::expiry(lifetime, now, now),
            auth_time: sign_in.auth_time.unwrap_or(UNKNOWN),
            issued_at: sign_in.issued_at.unwrap_or(UNKNOWN),
            session_expiry: sign_in.session_expiry.unwrap_or(UNKNOWN),
            generation: 0,
            texts: 0..texts.len(),
            buffer: texts.into(),
            user,
        };
        record.end_with_the_issuers_session();
        record
    }

    /// Reads what [`Self::to_bytes`] wrote, if it still lives.
    pub(crate) fn read(
        buffer: Arc<[u8]>,
        range: Range<usize>,
        groups_claim: &Arc<str>,
        lifetime: Lifetime,
        now: i64,
    ) -> Result<Self, Unusable> {
        let record = Self::parse(buffer, range, groups_claim).ok_or(Unusable::Over)?;
        // A lifetime that was shortened since binds what was sealed before.
        let ends_at = record
            .expires_at
            .min(lifetime::cap(lifetime, record.created_at()));
        let sub = record.user.as_packed().find("sub");
        if !sub.is_some_and(|sub| sub.value.is_text()) || ends_at <= now {
            return Err(Unusable::Over);
        }
        if record.written_at > now.saturating_add(AHEAD) {
            return Err(Unusable::FromTheFuture);
        }
        Ok(record)
    }

    fn parse(buffer: Arc<[u8]>, range: Range<usize>, groups_claim: &Arc<str>) -> Option<Self> {
        let bytes = buffer.get(range.clone())?;
        let fixed: &[u8; FIXED] = bytes.first_chunk()?;
        let time = |number: usize| {
            let at = ID + number * 8;
            Some(i64::from_be_bytes(*fixed.get(at..)?.first_chunk()?))
        };
        let mut rest = &bytes[FIXED..];
        for _ in 0..5 {
            let length = length(&mut rest)?;
            take(&mut rest, length)?;
        }
        let claims = range.end - rest.len()..range.end;
        Some(Self {
            id: *fixed.first_chunk()?,
            created_at_millis: time(0)?,
            written_at: time(1)?,
            expires_at: time(2)?,
            auth_time: time(3)?,
            issued_at: time(4)?,
            session_expiry: time(5)?,
            generation: u32::from_be_bytes(*fixed.last_chunk()?),
            texts: range.start + FIXED..claims.start,
            user: User::of_session(Packed::new(buffer.clone(), claims), groups_claim.clone()),
            buffer,
        })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let texts = self.buffer.get(self.texts.clone()).unwrap_or_default();
        let claims = self.user.as_packed().bytes();
        let mut bytes = Vec::with_capacity(FIXED + texts.len() + claims.len());
        bytes.extend_from_slice(&self.id);
        for time in [
            self.created_at_millis,
            self.written_at,
            self.expires_at,
            self.auth_time,
            self.issued_at,
            self.session_expiry,
        ] {
            bytes.extend_from_slice(&time.to_be_bytes());
        }
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(texts);
        bytes.extend_from_slice(claims);
        bytes
    }

    /// What it was read from.
    pub(crate) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    pub(crate) fn user(&self) -> &User {
        &self.user
    }

    pub(super) fn set_user(&mut self, user: User) {
        self.user = user;
    }

    pub(crate) fn id(&self) -> &str {
        std::str::from_utf8(&self.id).unwrap_or_default()
    }

    /// Seconds since the Unix epoch.
    pub(crate) fn created_at(&self) -> i64 {
        self.created_at_millis().div_euclid(1_000)
    }

    /// On our own clock.
    pub(crate) fn created_at_millis(&self) -> i64 {
        self.created_at_millis
    }

    pub(super) fn not_older_than(&mut self, millis: i64) {
        self.created_at_millis = self.created_at_millis.max(millis);
    }

    pub(crate) fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// How often the tokens of the session were renewed.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// After a renewal of the tokens, of which the default one has these scopes.
    pub(super) fn renew(&mut self, generation: u32, scopes: &str) {
        self.generation = generation;
        if self.text(SCOPES).unwrap_or_default() == scopes {
            return;
        }
        let Some(mut rest) = self.buffer.get(self.texts.clone()) else {
            return;
        };
        let all = rest;
        for _ in 0..SCOPES {
            let Some(length) = length(&mut rest) else { return };
            if take(&mut rest, length).is_none() {
                return;
            }
        }
        let mut texts = all[..all.len() - rest.len()].to_vec();
        push_length(&mut texts, scopes.len());
        texts.extend_from_slice(scopes.as_bytes());
        self.texts = 0..texts.len();
        self.buffer = texts.into();
    }

    /// The issuer's own session ends at this time, if not before.
    pub(super) fn end_by(&mut self, session_expiry: i64) {
        if self.session_expiry == UNKNOWN || session_expiry < self.session_expiry {
            self.session_expiry = session_expiry;
        }
        self.end_with_the_issuers_session();
    }

    /// When the issuer's own session ends, in seconds since the Unix epoch, if it says so.
    pub(super) fn session_expiry(&self) -> Option<i64> {
        (self.session_expiry != UNKNOWN).then_some(self.session_expiry)
    }

    /// When the person proved who they are, in seconds since the Unix epoch.
    pub(crate) fn auth_time(&self) -> Option<i64> {
        (self.auth_time != UNKNOWN).then_some(self.auth_time)
    }

    /// Who signed the person in.
    pub(super) fn issuer(&self) -> &str {
        self.text(0).unwrap_or_default()
    }

    /// `iat` of the first ID token, by the issuer's clock; the earliest time of all where it is not known.
    pub(super) fn issued_at(&self) -> i64 {
        self.issued_at
    }

    pub(crate) fn sid(&self) -> Option<&str> {
        self.text(1)
    }

    pub(crate) fn acr(&self) -> Option<&str> {
        self.text(2)
    }

    /// Whether the default access token was granted this scope (RFC 6749 §3.3).
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        let granted = self.text(SCOPES).unwrap_or_default();
        granted
            .split(' ')
            .any(|granted| granted == scope && !scope.is_empty())
    }

    /// A sliding session as it is prolonged, when that is worth a new cookie.
    pub(crate) fn slid(&self, lifetime: Lifetime, now: i64) -> Option<Self> {
        let expires_at = lifetime::slide(lifetime, self.created_at(), self.written_at, now)?;
        let mut slid = Self {
            written_at: now,
            expires_at,
            ..self.clone()
        };
        slid.end_with_the_issuers_session();
        Some(slid)
    }

    /// Takes the later end of another writing of the same session.
    pub(super) fn not_before(&mut self, other: &Self) {
        if other.written_at > self.written_at {
            self.written_at = other.written_at;
            self.expires_at = other.expires_at;
            self.end_with_the_issuers_session();
        }
    }

    fn end_with_the_issuers_session(&mut self) {
        if self.session_expiry != UNKNOWN {
            self.expires_at = self.expires_at.min(self.session_expiry);
        }
    }

    fn text(&self, number: usize) -> Option<&str> {
        let mut rest = self.buffer.get(self.texts.clone())?;
        for _ in 0..number {
            let length = length(&mut rest)?;
            take(&mut rest, length)?;
        }
        let length = length(&mut rest)?;
        let text = std::str::from_utf8(take(&mut rest, length)?).ok()?;
        (!text.is_empty()).then_some(text)
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

fn new_id() -> [u8; ID] {
    let text = URL_SAFE_NO_PAD.encode(crypto::random::<16>());
    *text.as_bytes().first_chunk().expect("16 bytes are 22 characters")
}

#[cfg(test)]
mod tests;
