//! Writes down every request before anything else looks at it.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

use super::core::Core;
use super::log::{Endpoint, RecordedRequest};
use super::oauth_error::OAuthError;
use super::params::Params;

/// No request of a browser or a relying party is larger.
const MAX_BODY: usize = 64 * 1024;

pub(super) async fn record(
    State((core, endpoint)): State<(Arc<Core>, Endpoint)>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return OAuthError::invalid_request("the request body is larger than 64 KiB or was cut off")
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
            .into_response();
    };
    let request = RecordedRequest {
        method: parts.method.clone(),
        headers: parts.headers.clone(),
        query: Params::parse(parts.uri.query().unwrap_or_default().as_bytes()),
        form: if is_form(&parts.headers) {
            Params::parse(&body)
        } else {
            Params::default()
        },
    };
    core.memory().log.record(endpoint, request);
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| {
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}
