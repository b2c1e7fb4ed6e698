//! The `Authorization` header of a request, where an API takes access tokens (RFC 6750 §2.1).
//!
//! A header of the scheme `Bearer` speaks for the request whatever it holds, and no cookie does beside it. Other schemes
//! are others' business.

use http::header::{AUTHORIZATION, Entry};
use http::{HeaderMap, HeaderValue};

/// What the request says with it.
pub(super) enum Authorization {
    /// Nothing that this API reads.
    None,
    /// An access token, which may be anything yet.
    Bearer(HeaderValue),
    /// More than one header, of which one is of the scheme, whether or not somebody has joined them.
    Several,
}

impl Authorization {
    /// Keeps a copy, and marks all of them so that no log shows them.
    pub(super) fn take(headers: &mut HeaderMap) -> Self {
        let Entry::Occupied(mut sent) = headers.entry(AUTHORIZATION) else {
            return Self::None;
        };
        let mut bearer = None;
        let (mut headers, mut are_joined) = (0, false);
        for value in sent.iter_mut() {
            value.set_sensitive(true);
            headers += 1;
            if token(value.as_bytes()).is_some() {
                bearer = Some(value.clone());
            } else {
                are_joined |= is_joined(value);
            }
        }
        match (bearer, headers) {
            _ if are_joined => Self::Several,
            (None, _) => Self::None,
            (Some(value), 1) => Self::Bearer(value),
            (Some(_), _) => Self::Several,
        }
    }

    /// The token, if there is one that can be told apart; an empty one otherwise.
    pub(super) fn token(&self) -> &str {
        match self {
            Self::Bearer(value) => {
                let token = token(value.as_bytes()).unwrap_or_default();
                std::str::from_utf8(token).unwrap_or_default()
            }
            Self::None | Self::Several => "",
        }
    }
}

/// Whether an access token speaks for a request with these headers, where access tokens are taken.
pub(crate) fn brings_token(headers: &HeaderMap) -> bool {
    headers
        .get_all(AUTHORIZATION)
        .iter()
        .any(|value| token(value.as_bytes()).is_some() || is_joined(value))
}

/// Whether somebody has made one header of several, of which a later one has a token.
fn is_joined(value: &HeaderValue) -> bool {
    let later = value.as_bytes().split(|byte| *byte == b',').skip(1);
    later.into_iter().any(|value| token(value).is_some())
}

/// What follows the name of the scheme, which is compared without case (RFC 9110 §11.1).
fn token(value: &[u8]) -> Option<&[u8]> {
    const SCHEME: &[u8] = b"bearer";
    let (scheme, rest) = value.trim_ascii().split_at_checked(SCHEME.len())?;
    let ends = rest.first().is_none_or(|byte| matches!(byte, b' ' | b'\t'));
    (scheme.eq_ignore_ascii_case(SCHEME) && ends).then(|| rest.trim_ascii())
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;
    use http::{HeaderMap, HeaderValue};

    use super::Authorization;

    fn take(values: &[&'static [u8]]) -> (Authorization, HeaderMap) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).expect("a header"));
        }
        (Authorization::take(&mut headers), headers)
    }

    #[test]
    fn the_scheme_decides_whatever_follows() {
        for (value, token) in [
            (&b"Bearer abc"[..], "abc"),
            (b"bearer abc", "abc"),
            (b"BEARER   abc  ", "abc"),
            (b"Bearer\tabc", "abc"),
            (b"Bearer", ""),
            (b"Bearer ", ""),
            (b"  Bearer abc", "abc"),
            (b"Bearer a b", "a b"),
            (b"Bearer abc, Basic x", "abc, Basic x"),
            (b"Bearer \xff\xfe", ""),
        ] {
            let (found, headers) = take(&[value]);
            assert!(matches!(found, Authorization::Bearer(_)), "{value:?}");
            assert_eq!(found.token(), token, "{value:?}");
            assert!(headers[AUTHORIZATION].is_sensitive());
        }
    }

    #[test]
    fn other_schemes_are_passed_over() {
        for value in [
            &b"Basic abc"[..],
            b"DPoP abc",
            b"Bearerabc",
            b"Bearer-x abc",
            b"Bear",
            b"",
            b"abc",
        ] {
            assert!(matches!(take(&[value]).0, Authorization::None), "{value:?}");
        }
        assert!(matches!(take(&[b"Basic a", b"Digest b"]).0, Authorization::None));
        assert!(matches!(take(&[]).0, Authorization::None));
    }

    #[test]
    fn a_header_that_was_made_of_two_is_two() {
        for value in [&b"Basic b, Bearer a"[..], b"Basic b,bearer", b"DPoP x,  BEARER y"] {
            let (found, headers) = take(&[value]);
            assert!(matches!(found, Authorization::Several), "{value:?}");
            assert!(headers[AUTHORIZATION].is_sensitive());
        }
        let quoted = b"Digest username=\"a\", realm=\"Bearer\"";
        assert!(matches!(take(&[quoted]).0, Authorization::None));
    }

    #[test]
    fn two_headers_of_which_one_has_a_token_are_none() {
        for values in [
            [&b"Bearer a"[..], b"Bearer a"],
            [b"Bearer a", b"Basic b"],
            [b"Basic b", b"Bearer"],
            [b"Basic b, Bearer a", b"Basic b"],
        ] {
            let (found, headers) = take(&values);
            assert!(matches!(found, Authorization::Several), "{values:?}");
            assert_eq!(found.token(), "");
            assert!(
                headers
                    .get_all(AUTHORIZATION)
                    .iter()
                    .all(HeaderValue::is_sensitive)
            );
        }
    }
}
