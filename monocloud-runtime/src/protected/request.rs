//! What predicates are told of a request.

use std::sync::Arc;

use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Uri};

use crate::access::paths::Readings;
use crate::request::{AskedPage, Head};

/// A request about which a predicate is asked. A clone is cheap.
#[derive(Clone)]
pub struct RouteRequest(Arc<(Parts, AskedPage)>);

impl RouteRequest {
    pub(super) fn new(head: Head<'_>) -> Self {
        Self(Arc::new((head.parts.clone(), head.page())))
    }

    /// Whether what is asked for is at `path` or below it, in any of the ways in which the request's path may be read,
    /// and whether nested routers shortened it or not. Case does not count.
    pub fn is_below(&self, path: &str) -> bool {
        [self.uri(), &self.0.0.uri].into_iter().any(|uri| {
            // What cannot be read is refused before anybody is asked about it.
            Readings::of(uri.path()).is_ok_and(|readings| readings.are_below(path))
        })
    }

    /// The URI, as it was sent.
    pub fn uri(&self) -> &Uri {
        self.0.1.uri()
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.0.0.method
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.0.headers
    }

    /// The extensions, in which layers put what an application shares. There are none where
    /// [`Auth::protect_routes`](crate::Auth::protect_routes) asks.
    pub fn extensions(&self) -> &Extensions {
        &self.0.0.extensions
    }
}

impl std::fmt::Debug for RouteRequest {
    /// Without the headers, which hold cookies.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouteRequest")
            .field("method", self.method())
            .field("path", &self.uri().path())
            .finish_non_exhaustive()
    }
}
