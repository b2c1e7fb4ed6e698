//! Keys, sealing, hashes and random values. Nothing here does I/O, and nothing here prints a key.

mod keys;
mod names;
mod ticket;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) use keys::{KEY_NAME, KeyName, KeyRing, NONCE, OVERHEAD, Purpose, TAG};
pub(crate) use names::{Name, Named, Namer, Names};
pub(crate) use ticket::{TICKET, Ticket};

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

/// SHA-256.
pub(crate) fn sha256(input: &[u8]) -> [u8; 32] {
    let hash = digest::digest(&digest::SHA256, input);
    *hash.as_ref().first_chunk().expect("SHA-256 has 32 bytes")
}

/// SHA-256 as base64url, without padding.
pub(crate) fn sha256_base64url(input: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, input))
}

/// 128 bits of SHA-256: enough to know something again by, and nothing to read it back from.
pub(crate) type Fingerprint = [u8; 16];

pub(crate) fn fingerprint(input: &[u8]) -> Fingerprint {
    let hash = digest::digest(&digest::SHA256, input);
    *hash.as_ref().first_chunk().expect("32 bytes hold 16")
}

/// Compares two secrets in a time that does not depend on where they differ.
pub(crate) fn equal<T: AsRef<[u8]> + ?Sized>(a: &T, b: &T) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_ref(), b.as_ref()).is_ok()
}
