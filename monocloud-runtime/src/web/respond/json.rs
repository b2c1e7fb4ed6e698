//! Answers for programs.

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};

use super::page::for_nobody_else;

/// `{"message": …}` with a status.
pub(in crate::web) fn json_message(status: StatusCode, message: &str) -> Response {
    json(status, &serde_json::json!({ "message": message }))
}

pub(in crate::web) fn unauthorized() -> Response {
    json_message(StatusCode::UNAUTHORIZED, "unauthorized")
}

pub(in crate::web) fn forbidden() -> Response {
    json_message(StatusCode::FORBIDDEN, "forbidden")
}

pub(in crate::web) fn json(status: StatusCode, value: &impl serde::Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("claims and messages have string keys alone");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for_nobody_else(headers);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}
