//! What scripts read where something went wrong.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use monocloud_runtime::Error;
use serde_json::json;

/// An error of the library as `{"error": …, "message": …}`: the code that programs tell it by, and words for people.
pub(crate) struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = match error {
            // What does not fit is what the script sent.
            Error::SessionTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => error.status(),
        };
        let body = json!({ "error": error.code(), "message": error.to_string() });
        (status, Json(body)).into_response()
    }
}
