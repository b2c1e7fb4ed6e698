//! What caches may keep of an answer that depends on who asks.

use http::header::{CACHE_CONTROL, EXPIRES, HeaderName, VARY};
use http::{HeaderMap, HeaderValue};

const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// Headers by which caches that many share are told what `Cache-Control` forbids them. Others have the name
/// of a cache or a network in front of it (RFC 9213 §3.1).
const OF_SHARED_CACHES: &[&str] = &["x-accel-expires", "edge-control", "surrogate-control"];
const TARGETED: &str = "-cache-control";

/// Why an answer is one person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Privacy {
    /// It sets a cookie: nobody may keep it.
    SetsCookie,
    /// It shows what only somebody who was let in may see: their own browser may keep it.
    LetIn,
    /// It depends on who asks, and the application says what may be kept.
    Depends,
}

/// Writes `Cache-Control` and `Vary`, and takes away what contradicts them.
///
/// `by_token` says that an access token could have spoken for the request.
pub(super) fn restrict(headers: &mut HeaderMap, privacy: Privacy, by_token: bool) {
    let said = Said::of(headers);
    match privacy {
        Privacy::SetsCookie => {
            headers.insert(CACHE_CONTROL, PRIVATE);
            headers.remove(EXPIRES);
        }
        Privacy::LetIn if said.cache_control => {
            let kept = private(headers);
            headers.insert(CACHE_CONTROL, kept);
        }
        Privacy::LetIn | Privacy::Depends => {
            if !said.cache_control {
                headers.append(CACHE_CONTROL, PRIVATE);
            }
        }
    }
    if said.to_shared_caches && privacy != Privacy::Depends {
        remove_those_of_shared_caches(headers);
    }
    if !(said.vary && varies(headers, "cookie")) {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
    if by_token && !varies(headers, "authorization") {
        headers.append(VARY, HeaderValue::from_static("Authorization"));
    }
}

/// Which headers for caches the application has written: most answers have none.
#[derive(Default)]
struct Said {
    cache_control: bool,
    vary: bool,
    to_shared_caches: bool,
}

impl Said {
    fn of(headers: &HeaderMap) -> Self {
        let mut said = Self::default();
        for name in headers.keys() {
            said.cache_control |= name == CACHE_CONTROL;
            said.vary |= name == VARY;
            said.to_shared_caches |= is_of_shared_caches(name);
        }
        said
    }
}

fn is_of_shared_caches(name: &HeaderName) -> bool {
    let name = name.as_str();
    OF_SHARED_CACHES.contains(&name) || name.ends_with(TARGETED)
}

fn remove_those_of_shared_caches(headers: &mut HeaderMap) {
    let theirs: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_of_shared_caches(name))
        .cloned()
        .collect();
    for name in theirs {
        headers.remove(name);
    }
}

/// What the application said, for the person's own browser alone. `private="…"` would leave the rest of
/// the answer to all (RFC 9111 §5.2.2.7).
fn private(headers: &HeaderMap) -> HeaderValue {
    let mut kept = vec!["private"];
    for value in headers.get_all(CACHE_CONTROL) {
        // Quoted names among them are as rare as they are useless here.
        let Some(value) = value.to_str().ok().filter(|value| !value.contains('"')) else {
            return PRIVATE;
        };
        kept.extend(value.split(',').map(str::trim).filter(|directive| {
            let name = directive.split('=').next().unwrap_or_default().trim_end();
            !["", "public", "private", "s-maxage", "proxy-revalidate"]
                .iter()
                .any(|shared| name.eq_ignore_ascii_case(shared))
        }));
    }
    if kept.len() == 1 {
        return PRIVATE;
    }
    HeaderValue::try_from(kept.join(", ")).unwrap_or(PRIVATE)
}

fn varies(headers: &HeaderMap, by: &str) -> bool {
    headers.get_all(VARY).iter().any(|value| {
        value.to_str().is_ok_and(|value| {
            value
                .split(',')
                .map(str::trim)
                .any(|field| field == "*" || field.eq_ignore_ascii_case(by))
        })
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::CACHE_CONTROL;

    use super::{Privacy, restrict};

    #[test]
    fn what_was_said_to_all_is_said_to_one() {
        for (said, kept) in [
            (&[][..], "private, no-store"),
            (&[""], "private, no-store"),
            (&["public"], "private, no-store"),
            (&["s-maxage=600"], "private, no-store"),
            (&["public, max-age=60"], "private, max-age=60"),
            (&["PUBLIC ,max-age=60,S-MaxAge = 600"], "private, max-age=60"),
            (&["max-age=60", "public"], "private, max-age=60"),
            (&["no-store"], "private, no-store"),
            (&["private, max-age=60"], "private, max-age=60"),
            (&["private=\"set-cookie\", max-age=60"], "private, no-store"),
            (&["no-cache=\"a, public\""], "private, no-store"),
            (
                &["no-cache, must-revalidate"],
                "private, no-cache, must-revalidate",
            ),
            (
                &["immutable, stale-while-revalidate=5"],
                "private, immutable, stale-while-revalidate=5",
            ),
        ] {
            let mut headers = HeaderMap::new();
            for value in said {
                headers.append(CACHE_CONTROL, value.parse().expect("a header"));
            }
            restrict(&mut headers, Privacy::LetIn, false);
            let written: Vec<_> = headers.get_all(CACHE_CONTROL).iter().collect();
            assert_eq!(written, [kept], "{said:?}");
        }
    }
}
