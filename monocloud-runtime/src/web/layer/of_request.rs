//! What the layer put into a request, or that it is missing.

use http::request::Parts;

use crate::error::Error;
use crate::request::RequestAuth;
use crate::web::original_uri::head;

/// The request's, which only [`layer`](crate::MonoCloud::layer) makes.
pub(in crate::web) fn request_auth(parts: &Parts) -> Result<&RequestAuth, Error> {
    parts.extensions.get::<RequestAuth>().ok_or_else(|| {
        tracing::error!(
            name: "monocloud.layer.missing",
            path = head(parts).uri().path(),
            "{}",
            Error::MissingLayer
        );
        Error::MissingLayer
    })
}
