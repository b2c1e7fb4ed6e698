//! The form of an access token in a request (RFC 6750 §2.1), which is looked at before anything else.

/// In bytes. Headers are not longer at most servers.
const LONGEST: usize = 16 * 1024;

/// Refuses what no issuer has given out: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
pub(super) fn check(token: &str) -> Result<(), &'static str> {
    if token.len() > LONGEST {
        return Err("it is longer than 16 KiB");
    }
    let letters = token.trim_end_matches('=');
    let is_letter =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    if letters.is_empty() {
        return Err("it is empty");
    }
    if !letters.bytes().all(is_letter) {
        return Err("it has characters that no access token has (RFC 6750 §2.1)");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, check};

    #[test]
    fn only_what_the_grammar_allows_is_looked_at() {
        for token in ["a", "mF_9.B5f-4.1JqM", "a~+/==", &"x".repeat(LONGEST)] {
            assert_eq!(check(token), Ok(()), "{token}");
        }
        for token in [
            "",
            "=",
            "a b",
            " a",
            "a\n",
            "a=b",
            "a,b",
            "\"a\"",
            "ä",
            "a\0",
            &"x".repeat(LONGEST + 1),
        ] {
            assert!(check(token).is_err(), "{token:?}");
        }
    }
}
