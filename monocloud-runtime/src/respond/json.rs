//! Answers for programs.

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};

use super::Answer;
use super::page::for_nobody_else;

/// `{"message": …}` with a status.
pub(crate) fn json_message(status: StatusCode, message: &str) -> Answer {
    json(status, &serde_json::json!({ "message": message }))
}

pub(crate) fn unauthorized() -> Answer {
    json_message(StatusCode::UNAUTHORIZED, "unauthorized")
}

pub(crate) fn forbidden() -> Answer {
    json_message(StatusCode::FORBIDDEN, "forbidden")
}

pub(crate) fn json(status: StatusCode, value: &impl serde::Serialize) -> Answer {
    let body = serde_json::to_vec(value).expect("claims and messages have string keys alone");
    let mut response = Answer::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for_nobody_else(headers);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}
