//! What a handle remembers of the request that it was made for.

use http::request::Parts;

use crate::request::{AskedPage, Head};

/// Enough to answer as a guard does. No extensions: they are the application's, which may count on it that they go
/// with the request.
pub(super) struct Asked {
    pub(super) parts: Parts,
    pub(super) page: AskedPage,
}

impl Asked {
    pub(super) fn of(head: Head<'_>) -> Self {
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.uri = head.parts.uri.clone();
        parts.method = head.parts.method.clone();
        parts.headers = head.parts.headers.clone();
        Self {
            parts,
            page: head.page(),
        }
    }

    pub(super) fn head(&self) -> Head<'_> {
        self.page.head(&self.parts)
    }
}
