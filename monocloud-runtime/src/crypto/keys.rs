//! The keys of the cookie secrets, and what they seal.
//!
//! HKDF-SHA256 (RFC 5869) makes one AES-256-GCM key for each [`Purpose`] and each day from each
//! cookie secret. What is sealed for one purpose or under one name opens for no other, nor for
//! another client or issuer.
//!
//! Nonces are 96 random bits, so one key may seal about 2³² values (NIST SP 800-38D §8.3). The key
//! changes by itself with the day, in UTC, so that is what one secret may seal in a day. Keys of
//! other days are made only within the longest life of what was sealed, and one day ahead for
//! clocks that differ; they are kept, so that what an attacker sends makes none.

use std::sync::{Arc, PoisonError, RwLock};

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce, Tag};
use aws_lc_rs::{digest, hkdf};

use super::names::Names;
use super::random;
use crate::clock::Clock;

const KEY_ID: usize = 4;
const DAY: usize = 2;

/// The length of a [`KeyName`].
pub(crate) const KEY_NAME: usize = KEY_ID + DAY;
pub(crate) const NONCE: usize = 12;
pub(crate) const TAG: usize = 16;

/// What [`KeyRing::seal`] adds to the bytes of a value.
pub(crate) const OVERHEAD: usize = KEY_NAME + NONCE + TAG;

const SECONDS_A_DAY: i64 = 86_400;

const _: () = assert!(size_of::<Key<Aes256Gcm>>() == digest::SHA256_OUTPUT_LEN);

/// What a key is for; a key of its own for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Who is signed in.
    Session,
    /// The tokens and values that belong to a session.
    SessionContents,
    /// Where the session of a browser lies in a store.
    Ticket,
    /// What a list shows of a session in a store.
    SessionSummary,
    Transaction,
    SignInParameters,
    SignInRounds,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"monocloud v2 session",
            Self::SessionContents => b"monocloud v2 session contents",
            Self::Ticket => b"monocloud v2 ticket",
            Self::SessionSummary => b"monocloud v2 session summary",
            Self::Transaction => b"monocloud v2 transaction",
            Self::SignInParameters => b"monocloud v2 sign-in parameters",
            Self::SignInRounds => b"monocloud v2 sign-in rounds",
        }
    }
}

/// The keys of the current cookie secret, which seal and open, and of earlier ones, which only open.
pub(crate) struct KeyRing {
    current: Secret,
    previous: Vec<Secret>,
    clock: Clock,
    /// For how many days what was sealed may be opened.
    days: u16,
    names: Names,
}

/// What of one cookie secret is known here.
struct Secret {
    id: [u8; KEY_ID],
    prk: hkdf::Prk,
    owner: Vec<u8>,
    of_days: RwLock<Vec<OfDay>>,
}

struct OfDay {
    purpose: Purpose,
    day: u16,
    key: SealingKey,
}

/// Which key has sealed something; it stands beside it, in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyName {
    id: [u8; KEY_ID],
    day: u16,
}

/// One key, for one purpose.
#[derive(Clone)]
pub(crate) struct SealingKey(Arc<Aes256Gcm>);

impl KeyRing {
    /// `owner` says whose cookies these are: the same secret gives others other keys. What is
    /// sealed may be opened for `longest_life` seconds.
    pub(crate) fn new<'a>(
        owner: &[&str],
        current: &str,
        previous: impl IntoIterator<Item = &'a str>,
        clock: Clock,
        longest_life: i64,
    ) -> Self {
        let owner = framed(owner.iter().map(|part| part.as_bytes()));
        let days = longest_life.saturating_add(SECONDS_A_DAY - 1) / SECONDS_A_DAY;
        let current = Secret::new(&owner, current);
        let previous: Vec<_> = previous
            .into_iter()
            .map(|secret| Secret::new(&owner, secret))
            .collect();
        Self {
            names: Names::new(&current.names_key(), previous.iter().map(Secret::names_key)),
            current,
            previous,
            clock,
            days: u16::try_from(days).unwrap_or(u16::MAX),
        }
    }

    /// What gives names.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// The key that seals at `now`, in seconds since the Unix epoch.
    pub(crate) fn today(&self, now: i64) -> KeyName {
        KeyName {
            id: self.current.id,
            day: day(now),
        }
    }

    /// Whether a key is of the current secret.
    pub(crate) fn is_current(&self, name: KeyName) -> bool {
        name.id == self.current.id
    }

    /// Whether the secret of a key is one of ours, now or earlier.
    pub(crate) fn knows(&self, name: KeyName) -> bool {
        self.secret(name).is_some()
    }

    /// The key of this name, if it may still open something at `now`.
    pub(crate) fn key(&self, purpose: Purpose, name: KeyName, now: i64) -> Option<SealingKey> {
        let today = day(now);
        let oldest = today.saturating_sub(self.days);
        let newest = today.saturating_add(1);
        if !(oldest..=newest).contains(&name.day) {
            return None;
        }
        Some(self.secret(name)?.key(purpose, name.day, oldest))
    }

    /// Appends the sealed form of `plaintext` to `out`. `context` must be the same at [`Self::open`].
    pub(crate) fn seal(&self, purpose: Purpose, context: &[&[u8]], plaintext: &[u8], out: &mut Vec<u8>) {
        let now = self.clock.now();
        let name = self.today(now);
        let key = self
            .key(purpose, name, now)
            .expect("the key of today is within its days");
        out.extend_from_slice(&name.to_bytes());
        key.seal(&framed(context.iter().copied()), plaintext, out);
    }

    /// Opens what [`Self::seal`] made, in place. `None` for anything else.
    pub(crate) fn open<'a>(
        &self,
        purpose: Purpose,
        context: &[&[u8]],
        sealed: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        let (name, sealed) = sealed.split_first_chunk_mut::<KEY_NAME>()?;
        let key = self.key(purpose, KeyName::from_bytes(*name), self.clock.now())?;
        key.open(&framed(context.iter().copied()), sealed)
    }

    fn secret(&self, name: KeyName) -> Option<&Secret> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .find(|secret| secret.id == name.id)
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRing([redacted])")
    }
}

impl KeyName {
    /// Whether the key is of a day that no clock has yet.
    pub(crate) fn is_ahead(self, now: i64) -> bool {
        self.day > day(now).saturating_add(1)
    }

    pub(crate) fn to_bytes(self) -> [u8; KEY_NAME] {
        let mut bytes = [0; KEY_NAME];
        bytes[..KEY_ID].copy_from_slice(&self.id);
        bytes[KEY_ID..].copy_from_slice(&self.day.to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: [u8; KEY_NAME]) -> Self {
        let [id @ .., high, low] = bytes;
        Self {
            id,
            day: u16::from_be_bytes([high, low]),
        }
    }
}

impl Secret {
    fn new(owner: &[u8], secret: &str) -> Self {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"monocloud v2").extract(secret.as_bytes());
        let mut id = [0; 32];
        expand(&prk, &[b"monocloud v2 key id", owner], &mut id);
        Self {
            id: *id.first_chunk().expect("32 bytes hold 4"),
            prk,
            owner: owner.to_owned(),
            of_days: RwLock::default(),
        }
    }

    fn names_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        expand(&self.prk, &[b"monocloud v2 names", &self.owner], &mut key);
        key
    }

    fn key(&self, purpose: Purpose, day: u16, oldest: u16) -> SealingKey {
        let is_it = |key: &OfDay| key.day == day && key.purpose == purpose;
        let known = self.of_days.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.iter().find(|key| is_it(key)) {
            return known.key.clone();
        }
        drop(known);
        let key = SealingKey::derive(&self.prk, &[purpose.label(), &day.to_be_bytes(), &self.owner]);
        let mut known = self.of_days.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|key| key.day >= oldest);
        if !known.iter().any(is_it) {
            known.push(OfDay {
                purpose,
                day,
                key: key.clone(),
            });
        }
        key
    }
}

impl SealingKey {
    pub(super) fn derive(prk: &hkdf::Prk, info: &[&[u8]]) -> Self {
        let mut bytes = Key::<Aes256Gcm>::default();
        expand(prk, info, &mut bytes);
        Self(Arc::new(Aes256Gcm::new(&bytes)))
    }

    /// Appends nonce, sealed bytes and tag to `out`.
    pub(crate) fn seal(&self, associated_data: &[u8], plaintext: &[u8], out: &mut Vec<u8>) {
        let nonce: [u8; NONCE] = random();
        out.extend_from_slice(&nonce);
        let start = out.len();
        out.extend_from_slice(plaintext);
        let tag = self
            .0
            .encrypt_inout_detached(&Nonce::from(nonce), associated_data, (&mut out[start..]).into())
            .expect("cookies and records are shorter than the 64 GiB that AES-GCM can seal");
        out.extend_from_slice(&tag);
    }

    /// Opens nonce, sealed bytes and tag in place.
    pub(crate) fn open<'a>(&self, associated_data: &[u8], sealed: &'a mut [u8]) -> Option<&'a [u8]> {
        let (nonce, rest) = sealed.split_first_chunk_mut::<NONCE>()?;
        let (body, tag) = rest.split_last_chunk_mut::<TAG>()?;
        self.0
            .decrypt_inout_detached(
                &Nonce::from(*nonce),
                associated_data,
                (&mut *body).into(),
                &Tag::from(*tag),
            )
            .ok()?;
        Some(body)
    }
}

fn day(seconds: i64) -> u16 {
    u16::try_from(seconds.div_euclid(SECONDS_A_DAY).max(0)).unwrap_or(u16::MAX)
}

/// HKDF-Expand (RFC 5869 §2.3), 32 bytes of it.
pub(super) fn expand(prk: &hkdf::Prk, info: &[&[u8]], out: &mut [u8]) {
    prk.expand(info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(out))
        .expect("HKDF-SHA256 gives the 32 bytes that it was asked for");
}

/// Length-prefixed, so that no two lists run together into the same bytes.
fn framed<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut framed = Vec::with_capacity(64);
    for part in parts {
        framed.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        framed.extend_from_slice(part);
    }
    framed
}

#[cfg(test)]
mod tests;
