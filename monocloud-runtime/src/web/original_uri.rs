//! The URI that the browser asked for, also inside nested routers.

use axum::extract::{NestedPath, OriginalUri};
use http::request::Parts;

use crate::request::Head;

/// The request's head, with its URI as it was sent.
pub(super) fn head(parts: &Parts) -> Head<'_> {
    let sent = parts
        .extensions
        .get::<OriginalUri>()
        .map_or(&parts.uri, |original| &original.0);
    Head::sent_to(parts, sent, parts.extensions.get().map(NestedPath::as_str))
}
