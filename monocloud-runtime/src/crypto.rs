//! Keys, sealing, hashes and random values.
//!
//! Keys are derived once, at start: HKDF-SHA256 (RFC 5869) makes one AES-256-GCM key for each
//! [`Purpose`] from each cookie secret. What is sealed for one purpose or under one name opens for
//! no other, nor for another client or issuer. Nothing here does I/O, and nothing here prints a key.
//!
//! Nonces are 96 random bits, so one secret may seal about 2³² values (NIST SP 800-38D §8.3);
//! rotate it before that.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce, Tag};
use aws_lc_rs::{digest, hkdf};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const KEY_ID: usize = 4;
const NONCE: usize = 12;
const TAG: usize = 16;

/// What sealing adds to the bytes of a value.
pub(crate) const OVERHEAD: usize = KEY_ID + NONCE + TAG;

const _: () = assert!(size_of::<Key<Aes256Gcm>>() == digest::SHA256_OUTPUT_LEN);

/// What a key is for; a key of its own for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Session,
    Transaction,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"monocloud v1 session",
            Self::Transaction => b"monocloud v1 transaction",
        }
    }
}

/// The keys of the current cookie secret, which seal and open, and of earlier ones, which only open.
pub(crate) struct KeyRing {
    current: Keys,
    previous: Vec<Keys>,
}

struct Keys {
    id: [u8; KEY_ID],
    session: Aes256Gcm,
    transaction: Aes256Gcm,
}

impl KeyRing {
    /// `owner` says whose cookies these are: the same secret gives others other keys.
    pub(crate) fn new<'a>(
        owner: &[&str],
        current: &str,
        previous: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let owner = framed(owner.iter().map(|part| part.as_bytes()));
        Self {
            current: Keys::derive(&owner, current),
            previous: previous
                .into_iter()
                .map(|secret| Keys::derive(&owner, secret))
                .collect(),
        }
    }

    /// Appends the sealed form of `plaintext` to `out`. `context` must be the same at [`Self::open`].
    pub(crate) fn seal(&self, purpose: Purpose, context: &[&[u8]], plaintext: &[u8], out: &mut Vec<u8>) {
        let nonce: [u8; NONCE] = random();
        out.extend_from_slice(&self.current.id);
        out.extend_from_slice(&nonce);
        let start = out.len();
        out.extend_from_slice(plaintext);
        let tag = self
            .current
            .cipher(purpose)
            .encrypt_inout_detached(
                &Nonce::from(nonce),
                &associated_data(purpose, context),
                (&mut out[start..]).into(),
            )
            .expect("a cookie is shorter than the 64 GiB that AES-GCM can seal");
        out.extend_from_slice(&tag);
    }

    /// Opens what [`Self::seal`] made, in place. `None` for anything else.
    pub(crate) fn open<'a>(
        &self,
        purpose: Purpose,
        context: &[&[u8]],
        sealed: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        let (id, rest) = sealed.split_first_chunk_mut::<KEY_ID>()?;
        let (nonce, rest) = rest.split_first_chunk_mut::<NONCE>()?;
        let (body, tag) = rest.split_last_chunk_mut::<TAG>()?;
        let keys = std::iter::once(&self.current)
            .chain(&self.previous)
            .find(|keys| keys.id == *id)?;
        keys.cipher(purpose)
            .decrypt_inout_detached(
                &Nonce::from(*nonce),
                &associated_data(purpose, context),
                (&mut *body).into(),
                &Tag::from(*tag),
            )
            .ok()?;
        Some(body)
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRing([redacted])")
    }
}

impl Keys {
    fn derive(owner: &[u8], secret: &str) -> Self {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"monocloud v1").extract(secret.as_bytes());
        let cipher = |purpose: Purpose| {
            let mut key = Key::<Aes256Gcm>::default();
            expand(&prk, &[purpose.label(), owner], &mut key);
            Aes256Gcm::new(&key)
        };
        let mut id = [0; 32];
        expand(&prk, &[b"monocloud v1 key id", owner], &mut id);
        Self {
            id: *id.first_chunk().expect("32 bytes hold 4"),
            session: cipher(Purpose::Session),
            transaction: cipher(Purpose::Transaction),
        }
    }

    fn cipher(&self, purpose: Purpose) -> &Aes256Gcm {
        match purpose {
            Purpose::Session => &self.session,
            Purpose::Transaction => &self.transaction,
        }
    }
}

fn expand(prk: &hkdf::Prk, info: &[&[u8]], out: &mut [u8]) {
    prk.expand(info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(out))
        .expect("HKDF-SHA256 gives the 32 bytes that it was asked for");
}

fn associated_data(purpose: Purpose, context: &[&[u8]]) -> Vec<u8> {
    framed(std::iter::once(purpose.label()).chain(context.iter().copied()))
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

/// `N` random bytes from the operating system's generator.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A random value for a URL: 256 bits, as 43 characters of base64url.
pub(crate) fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// SHA-256 as base64url, without padding.
pub(crate) fn sha256_base64url(input: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, input))
}

/// Compares two secrets in a time that does not depend on where they differ.
pub(crate) fn equal(a: &str, b: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{KeyRing, OVERHEAD, Purpose};

    const OWNER: &[&str] = &["https://issuer.example.com", "client"];
    const SECRET: &str = "an application's cookie secret, 1";

    fn sealed(ring: &KeyRing) -> Vec<u8> {
        let mut out = Vec::new();
        ring.seal(Purpose::Session, &[b"session"], b"hello", &mut out);
        out
    }

    #[test]
    fn opens_only_for_its_purpose_and_context() {
        let ring = KeyRing::new(OWNER, SECRET, []);
        let value = sealed(&ring);
        assert_eq!(value.len(), b"hello".len() + OVERHEAD);
        let open = |purpose, context: &[&[u8]]| {
            let mut copy = value.clone();
            ring.open(purpose, context, &mut copy).map(<[u8]>::to_vec)
        };
        assert_eq!(
            open(Purpose::Session, &[b"session"]).as_deref(),
            Some(&b"hello"[..])
        );
        assert_eq!(open(Purpose::Transaction, &[b"session"]), None);
        assert_eq!(open(Purpose::Session, &[b"other"]), None);
        assert_eq!(open(Purpose::Session, &[b"sess", b"ion"]), None);
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let ring = KeyRing::new(OWNER, SECRET, []);
        let value = sealed(&ring);
        for bit in 0..value.len() * 8 {
            let mut copy = value.clone();
            copy[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                ring.open(Purpose::Session, &[b"session"], &mut copy),
                None,
                "bit {bit}"
            );
        }
    }

    #[test]
    fn another_client_with_the_same_secret_is_a_stranger() {
        let mut value = sealed(&KeyRing::new(OWNER, SECRET, []));
        let other = KeyRing::new(&["https://issuer.example.comc", "lient"], SECRET, []);
        assert!(other.open(Purpose::Session, &[b"session"], &mut value).is_none());
    }

    #[test]
    fn a_previous_secret_opens_and_never_seals() {
        let mut old = sealed(&KeyRing::new(OWNER, SECRET, []));
        let rotated = KeyRing::new(OWNER, "an application's cookie secret, 2", [SECRET]);
        assert!(rotated.open(Purpose::Session, &[b"session"], &mut old).is_some());
        let mut new = sealed(&rotated);
        assert!(
            KeyRing::new(OWNER, SECRET, [])
                .open(Purpose::Session, &[b"session"], &mut new)
                .is_none()
        );
    }
}
