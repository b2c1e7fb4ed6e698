//! What a handle remembers of the request that it was made for.

use http::request::Parts;
use http::{HeaderMap, Method};

use crate::request::{AskedPage, Head};

/// Enough to answer as a guard does. No extensions: they are the application's, which may count on it that they go
/// with the request.
pub(super) struct Asked {
    pub(super) page: AskedPage,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
}

impl Asked {
    pub(super) fn of(head: Head<'_>) -> Self {
        Self {
            page: head.page(),
            method: head.parts.method.clone(),
            headers: head.parts.headers.clone(),
        }
    }

    /// The request's head, as far as it is known here.
    pub(super) fn parts(&self) -> Parts {
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.uri = self.page.uri().clone();
        parts.method = self.method.clone();
        parts.headers = self.headers.clone();
        parts
    }
}
