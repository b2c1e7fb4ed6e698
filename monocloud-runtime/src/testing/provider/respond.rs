//! Responses, each with the headers that its kind needs.

use axum::Json;
use axum::response::{IntoResponse, Redirect, Response};
use http::{StatusCode, header};
use serde_json::Value;

/// JSON that no cache keeps (RFC 6749 5.1).
pub(super) fn json(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

/// JSON that is the same for everyone. It can be kept for five minutes.
pub(super) fn public_json(value: &Value) -> Response {
    let headers = [(header::CACHE_CONTROL, "public, max-age=300")];
    (headers, Json(value)).into_response()
}

/// A redirect that turns a POST into a GET (RFC 9700 4.12).
pub(super) fn redirect(location: &str) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Redirect::to(location)).into_response()
}
