//! What scripts read where something went wrong.

use axum::Json;
use axum::extract::rejection::{FormRejection, JsonRejection, QueryRejection};
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

    /// The request says something that makes no sense here.
    pub(crate) fn invalid(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    fn rejected(status: StatusCode, message: &str) -> Self {
        let status = match status {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            other => other,
        };
        Self::new(status, "invalid_request", message)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let status = match error {
            // What does not fit is what the script sent, or what it asked for.
            Error::SessionTooLarge { .. } | Error::RecordTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            // Nothing is wrong with the site: it could keep its sessions otherwise.
            Error::StoreCannot(_) => StatusCode::NOT_IMPLEMENTED,
            _ => error.status(),
        };
        Self::new(status, error.code(), &error.to_string())
    }
}

impl From<JsonRejection> for Failed {
    fn from(why: JsonRejection) -> Self {
        Self::rejected(why.status(), &why.body_text())
    }
}

impl From<FormRejection> for Failed {
    fn from(why: FormRejection) -> Self {
        Self::rejected(why.status(), &why.body_text())
    }
}

impl From<QueryRejection> for Failed {
    fn from(why: QueryRejection) -> Self {
        Self::rejected(why.status(), &why.body_text())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (self.status, self.body).into_response()
    }
}
