//! The URI that the browser asked for.

use axum::extract::{NestedPath, OriginalUri};
use http::Uri;
use http::request::Parts;

use crate::client::MonoCloud;
use crate::sign_in::ReturnUrl;

/// The URI as it was sent, also inside nested routers.
pub(super) fn original_uri(parts: &Parts) -> &Uri {
    parts
        .extensions
        .get::<OriginalUri>()
        .map_or(&parts.uri, |original| &original.0)
}

/// The page that was asked for, to come back to.
#[derive(Clone)]
pub(super) struct AskedPage {
    uri: Uri,
    nested: Option<NestedPath>,
}

impl AskedPage {
    pub(super) fn of(parts: &Parts) -> Self {
        Self {
            uri: original_uri(parts).clone(),
            nested: parts.extensions.get().cloned(),
        }
    }

    /// The head of a request for it, as far as it is known here.
    pub(super) fn parts(&self) -> Parts {
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.uri = self.uri.clone();
        if let Some(nested) = &self.nested {
            parts.extensions.insert(nested.clone());
        }
        parts
    }

    /// On this site, unless its address is too long or one of the library's own.
    pub(super) fn return_url(&self, client: &MonoCloud) -> Option<ReturnUrl> {
        return_url(client, &self.uri, self.nested.as_ref())
    }
}

/// The page that was asked for, as [`AskedPage::return_url`] gives it.
pub(super) fn asked_page(client: &MonoCloud, parts: &Parts) -> Option<ReturnUrl> {
    return_url(client, original_uri(parts), parts.extensions.get())
}

fn return_url(client: &MonoCloud, uri: &Uri, nested: Option<&NestedPath>) -> Option<ReturnUrl> {
    ReturnUrl::of_request(
        client,
        uri.path_and_query()?.as_str(),
        nested.map(NestedPath::as_str),
    )
}
