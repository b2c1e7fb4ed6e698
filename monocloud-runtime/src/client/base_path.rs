//! Whether the router sees the app URL's path in front of its own paths.
//!
//! Behind `https://example.com/app` some proxies pass `/app/orders` on, for a router that is nested at `/app`,
//! and others `/orders`. The requests to the library's own routes tell which: their paths are known.

use std::sync::atomic::{AtomicU8, Ordering};

const KEPT: u8 = 1;
const STRIPPED: u8 = 2;

/// What the requests to the library's routes told. One with the path in front decides: where both kinds are answered,
/// anybody can send the other.
#[derive(Debug, Default)]
pub(crate) struct BasePath(AtomicU8);

impl BasePath {
    /// `path` is that of a request to `route`. Says whether they fit together.
    pub(crate) fn observe(&self, base: &str, route: &str, path: &str) -> bool {
        let seen = if path == route {
            STRIPPED
        } else if path.strip_prefix(base) == Some(route) {
            KEPT
        } else {
            return false;
        };
        self.0.fetch_or(seen, Ordering::Relaxed);
        true
    }

    /// Whether a proxy is known to strip it.
    pub(crate) fn is_stripped(&self) -> bool {
        self.0.load(Ordering::Relaxed) == STRIPPED
    }
}

#[cfg(test)]
mod tests {
    use super::BasePath;

    #[test]
    fn a_request_to_a_route_tells_what_its_router_sees() {
        let base = BasePath::default();
        assert!(!base.is_stripped(), "nothing is known");
        assert!(base.observe("/app", "/signin", "/signin") && base.is_stripped());
        for elsewhere in ["/apple/signin", "/app/app/signin", "/x/signin", "/signin/", ""] {
            assert!(!base.observe("/app", "/signin", elsewhere), "{elsewhere}");
            assert!(base.is_stripped(), "{elsewhere} tells nothing");
        }
        assert!(base.observe("/app", "/signin", "/app/signin") && !base.is_stripped());
        assert!(
            base.observe("/app", "/signin", "/signin") && !base.is_stripped(),
            "one of the other kind"
        );
    }
}
