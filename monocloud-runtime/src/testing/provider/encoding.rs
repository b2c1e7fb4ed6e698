//! Random identifiers, base64url and constant-time comparison.

use aws_lc_rs::{constant_time, rand};

/// Base64url without padding.
pub(super) mod b64 {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    pub(in super::super) fn encode(bytes: impl AsRef<[u8]>) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(in super::super) fn decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(text).ok()
    }
}

/// A random identifier made of this many bytes.
pub(super) fn random_id(bytes: usize) -> String {
    let mut id = vec![0; bytes];
    rand::fill(&mut id).expect("the system has random numbers");
    b64::encode(id)
}

/// Compares secrets without telling by the time taken how much of them is equal.
pub(super) fn same_secret(a: &str, b: &str) -> bool {
    constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}
