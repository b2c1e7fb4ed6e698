//! What scripts read where something went wrong.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use monocloud_runtime::Error;
use serde_json::{Value, json};

/// `{"error": …, "message": …}`: a code that programs tell it by, and words for people.
pub(crate) struct Failed {
    status: StatusCode,
    body: Json<Value>,
}

impl Failed {
    pub(crate) fn new(status: StatusCode, error: &str, message: &str) -> Self {
        Self {
            status,
            body: Json(json!({ "error": error, "message": message })),
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let status = match error {
            // What does not fit is what the script sent, or what it asked for.
            Error::SessionTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => error.status(),
        };
        Self::new(status, error.code(), &error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (self.status, self.body).into_response()
    }
}
