//! An OAuth error: a word for the program, a description for its author.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use super::respond;

/// As a response: JSON with status 400, unless another one is named (RFC 6749 5.2).
pub(super) struct OAuthError {
    pub(super) error: Cow<'static, str>,
    pub(super) description: Cow<'static, str>,
    status: StatusCode,
}

impl OAuthError {
    pub(super) fn new(
        error: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            error: error.into(),
            description: description.into(),
            status: StatusCode::BAD_REQUEST,
        }
    }

    pub(super) fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", description)
    }

    pub(super) fn invalid_grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(super) fn invalid_client(description: &'static str) -> Self {
        Self::new("invalid_client", description).with_status(StatusCode::UNAUTHORIZED)
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        respond::json(self.status, &body)
    }
}
