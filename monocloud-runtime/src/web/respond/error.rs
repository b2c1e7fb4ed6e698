//! What becomes of an [`Error`]: a page for people, JSON for programs. What helps the operator is in
//! the log, and neither says it to visitors.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use super::page::{Page, json, json_message};
use crate::error::Error;
use crate::request::RequestAuth;
use crate::web::layer::request_auth;

impl Error {
    /// The page that the library's routes show for this error: for an `on_error` handler that has an
    /// answer of its own for some errors alone. `request` is what that handler got.
    pub fn into_page(self, request: &Parts) -> Response {
        let (title, text) = self.words();
        let retry = request_auth(request).ok().map(RequestAuth::sign_in_url);
        Page {
            status: self.status(),
            title,
            text: &text,
            link: retry.as_deref().map(|url| (url, "Sign in again")),
            refresh: None,
        }
        .into_response()
    }

    /// A title and a sentence for whoever sees the answer.
    fn words(&self) -> (&'static str, String) {
        let (title, text) = match self {
            Self::Refused(response) if response.error == "access_denied" => (
                "Sign-in cancelled",
                "The sign-in was cancelled or denied. Nothing has changed.",
            ),
            Self::UnknownTransaction => (
                "This sign-in is over",
                "It took too long, was finished already, or began in another browser.",
            ),
            Self::SignInTooLarge { .. } => return ("Sign-in not possible", self.to_string()),
            Self::Unreachable { .. } => (
                "The sign-in service does not answer",
                "It could not be reached. Please try again in a moment.",
            ),
            Self::InvalidRequest(reason) => ("That request cannot be answered", *reason),
            _ => (
                "Sign-in failed",
                "The sign-in could not be completed. The reason is in the application's log.",
            ),
        };
        (title, text.to_owned())
    }

    /// JSON, for scripts. What went wrong is logged by whoever calls this.
    pub(in crate::web) fn into_json(self) -> Response {
        match self {
            Self::NoSession => unauthorized(),
            Self::SessionTooLarge { .. } | Self::MissingLayer | Self::ResponseStarted => {
                internal_server_error()
            }
            _ => {
                let (_, message) = self.words();
                json(
                    self.status(),
                    &serde_json::json!({ "error": self.code(), "message": message }),
                )
            }
        }
    }
}

impl IntoResponse for Error {
    /// JSON with the error's code and its status, or what a guard answers; and a line in the log.
    fn into_response(self) -> Response {
        if !matches!(self, Self::NoSession | Self::MissingLayer) {
            tracing::warn!(name: "monocloud.error", code = self.code(), error = %self, "a handler returned an error");
        }
        self.into_json()
    }
}

fn internal_server_error() -> Response {
    json_message(StatusCode::INTERNAL_SERVER_ERROR, "internal server error")
}

pub(in crate::web) fn unauthorized() -> Response {
    json_message(StatusCode::UNAUTHORIZED, "unauthorized")
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use crate::error::Error;

    #[test]
    fn what_a_handler_got_wrong_is_an_error_of_the_server() {
        let too_large = Error::SessionTooLarge { bytes: 2, limit: 1 };
        for (error, status) in [
            (too_large, 500),
            (Error::SignInTooLarge { bytes: 2, limit: 1 }, 400),
            (Error::ResponseStarted, 500),
            (Error::MissingLayer, 500),
            (Error::NoSession, 401),
            (Error::InvalidRequest("x"), 400),
            (Error::unreachable("the issuer", "down"), 503),
        ] {
            let name = error.code();
            assert_eq!(error.status(), status, "{name}");
            assert_eq!(error.into_response().status(), status, "{name}");
        }
    }
}
