//! What a handle remembers of the request that it was extracted from.

use http::request::Parts;
use http::{HeaderMap, Method};

use crate::web::original_uri::AskedPage;

/// Enough to answer as a guard does. No extensions: they are the application's, which may count on it that they go
/// with the request.
pub(super) struct Asked {
    pub(super) page: AskedPage,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
}

impl Asked {
    pub(super) fn of(parts: &Parts) -> Self {
        Self {
            page: AskedPage::of(parts),
            method: parts.method.clone(),
            headers: parts.headers.clone(),
        }
    }

    /// The request's head, as far as it is known here.
    pub(super) fn parts(&self) -> Parts {
        let mut parts = self.page.parts();
        parts.method = self.method.clone();
        parts.headers = self.headers.clone();
        parts
    }
}
