//! An [`Error`] as the answer of a handler: JSON. What helps the operator is in the log.

use http::StatusCode;

use super::Answer;
use super::json::{forbidden, json, json_message, unauthorized};
use super::page::Page;
use super::words::Words;
use crate::error::Error;

impl Error {
    /// JSON with the error's code and its status, or what a guard answers; and a line in the log.
    pub(crate) fn into_answer(self) -> Answer {
        if !matches!(self, Self::NoSession | Self::MissingLayer) {
            tracing::warn!(name: "monocloud.error", code = self.code(), error = %self, "a handler returned an error");
        }
        error_json(&self)
    }
}

/// For a person, where it is not known whose application this is.
pub(crate) fn error_page(error: &Error) -> Answer {
    let Words { title, text, .. } = Words::of(error);
    Page::new(error.status(), title, text)
        .link("/", "Go to the start page")
        .into_answer(None)
}

/// What went wrong is logged by whoever calls this.
pub(super) fn error_json(error: &Error) -> Answer {
    match error.status() {
        StatusCode::UNAUTHORIZED => unauthorized(),
        StatusCode::FORBIDDEN => forbidden(),
        status @ StatusCode::INTERNAL_SERVER_ERROR => json_message(status, "internal server error"),
        status => json(
            status,
            &serde_json::json!({ "error": error.code(), "message": Words::of(error).text }),
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Error;

    #[test]
    fn an_error_answers_with_its_status_and_what_a_handler_got_wrong_is_the_servers() {
        let too_large = Error::SessionTooLarge { bytes: 2, limit: 1 };
        for (error, status) in [
            (too_large, 500),
            (Error::SignInTooLarge { bytes: 2, limit: 1 }, 400),
            (Error::RecordTooLarge { bytes: 2, limit: 1 }, 500),
            (Error::SignInTooLargeForStore { bytes: 2, limit: 1 }, 400),
            (Error::ResponseStarted, 500),
            (Error::MissingLayer, 500),
            (Error::NoSession, 401),
            (Error::NoRefreshToken, 401),
            (Error::CrossSite, 403),
            (Error::InvalidRequest("x"), 400),
            (Error::unreachable("the issuer", "down"), 503),
        ] {
            let name = error.code();
            assert_eq!(error.status(), status, "{name}");
            assert_eq!(error.into_answer().status(), status, "{name}");
        }
    }
}
