//! What seals the cookies.

use super::kind::{Hidden, Kind, Texts};
use super::rules::{Check, each, required};
use super::secret::Secret;
use super::setting::settings;
use super::sources::Sources;

settings! {
    in cookie_secrets() -> CookieSecrets;

    /// Seals the cookies; at least 32 bytes that nobody guesses. `MONOCLOUD_AUTH_COOKIE_SECRET`, required:
    /// `openssl rand -hex 32` prints one.
    cookie_secret: Hidden = "MONOCLOUD_AUTH_COOKIE_SECRET",
        required("what `openssl rand -hex 32` prints", parse) => Secret;

    /// Secrets that still open cookies. `MONOCLOUD_AUTH_COOKIE_SECRETS_PREVIOUS`, separated by spaces.
    previous_cookie_secrets: Texts = "MONOCLOUD_AUTH_COOKIE_SECRETS_PREVIOUS",
        each(parse) => Vec<Secret>;
}

fn parse(value: &str) -> Result<Secret, String> {
    match weakness(value) {
        Some(why) => Err(format!("{why}; write what `openssl rand -hex 32` prints")),
        None => Ok(Secret::new(value)),
    }
}

/// Letters and digits of secrets that stand in documentations, this one's among them.
const KNOWN: &[&str] = &[
    "openssl",
    "changeme",
    "changethis",
    "replaceme",
    "replacethis",
    "placeholder",
    "longrandom",
    "randomstring",
    "atleast32",
    "32characters",
    "supersecret",
    "mysecret",
    "yoursecret",
    "yourcookie",
    "keyboardcat",
    "password",
    "qwertyuiop",
    "asdfghjkl",
    "loremipsum",
    "deadbeefdeadbeef",
];

/// Why a secret can be guessed, as far as one can tell by looking at it. What a generator made passes in every usual
/// encoding, with more than thirty bits to spare.
fn weakness(value: &str) -> Option<&'static str> {
    let bytes = value.as_bytes();
    if bytes.len() < 32 {
        return Some("shorter than 32 bytes");
    }
    if distinct(bytes.iter()) < 8 {
        return Some("it is made of fewer than 8 different characters");
    }
    let plain: String = value
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if KNOWN.iter().any(|known| plain.contains(known)) {
        return Some("it is an example, or begins like one");
    }
    let triples = bytes.len() - 2;
    if distinct(bytes.windows(3)) < (triples * 2 / 3).min(32) {
        return Some("it repeats itself");
    }
    let steps = bytes
        .windows(2)
        .filter(|pair| pair[0].abs_diff(pair[1]) <= 1)
        .count();
    if steps * 5 >= (bytes.len() - 1) * 3 {
        return Some("its characters only count up or down");
    }
    None
}

fn distinct<T: Ord>(parts: impl Iterator<Item = T>) -> usize {
    parts.collect::<std::collections::BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::weakness;
    use crate::crypto;

    #[test]
    fn what_a_generator_makes_is_not_weak() {
        for length in [16, 24, 32, 48, 64] {
            for _ in 0..500 {
                let hex = crypto::random::<64>()[..length]
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<Vec<_>>()
                    .concat();
                assert_eq!(weakness(&hex), None, "{hex}");
                let token = crypto::random_token();
                assert_eq!(weakness(&token[..32]), None, "{token}");
            }
        }
    }
}
