//! The URI that the browser asked for.

use axum::extract::OriginalUri;
use http::Uri;
use http::request::Parts;

/// The URI as it was sent, also inside nested routers.
pub(super) fn original_uri(parts: &Parts) -> &Uri {
    parts
        .extensions
        .get::<OriginalUri>()
        .map_or(&parts.uri, |original| &original.0)
}
