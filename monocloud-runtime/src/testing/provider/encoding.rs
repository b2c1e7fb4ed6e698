//! Random identifiers, base64url, constant-time comparison and OAuth parameters.

use aws_lc_rs::{constant_time, rand};
use url::form_urlencoded;

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

/// The parameters of a query or a form, in the order in which they came.
#[derive(Clone, Default)]
pub(super) struct Params(pub(super) Vec<(String, String)>);

impl Params {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The value of a parameter. One without a value counts as omitted (RFC 6749 3.1).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The values of a space-separated parameter.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let words = self.get(name).unwrap_or_default().split_ascii_whitespace();
        words.map(Into::into).collect()
    }

    /// The first parameter that is there twice, which OAuth forbids (RFC 6749 3.1, 3.2).
    pub(super) fn repeated(&self) -> Option<&str> {
        let names = self.0.iter().map(|(name, _)| name.as_str());
        names
            .enumerate()
            .find(|(at, name)| self.0[..*at].iter().any(|(earlier, _)| earlier == name))
            .map(|(_, name)| name)
    }
}
