//! The library's answers as those of a handler.

use axum::body::Body;
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::guard::Denied;
use crate::respond::{Answer, Failure, SignIn, SignOut};

/// With a body of axum's.
pub(super) fn served(answer: Answer) -> Response {
    answer.map(Body::from)
}

macro_rules! answers {
    ($($(#[$doc:meta])* $type:ty),* $(,)?) => {
        $(impl IntoResponse for $type {
            $(#[$doc])*
            fn into_response(self) -> Response {
                served(self.into_answer())
            }
        })*
    };
}

answers! {
    /// JSON with the error's code and its status, or what a guard answers; and a line in the log.
    Error,
    Denied,
    Failure,
    SignIn,
    SignOut,
}
