//! Why an extractor let nobody through.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::error::Error;
use crate::respond::{forbidden, unauthorized};
use crate::web::respond::served;

/// What [`User`](crate::User), [`Session`](crate::Session) and [`Auth`](crate::Auth) answer when they
/// cannot give what they are asked for.
///
/// As a response it is JSON with a message for programs; the reason is in the log.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Nobody is signed in: 401.
    #[error("nobody is signed in")]
    #[non_exhaustive]
    SignedOut,

    /// Somebody is signed in, but another site made the browser send the request (cross-site request
    /// forgery): 403.
    #[error("another site made the browser send the request")]
    #[non_exhaustive]
    CrossSite,

    /// The session could not be asked for, such as without [`MonoCloud::layer`](crate::MonoCloud::layer).
    #[error("the session could not be asked for: {0}")]
    Failed(#[from] Error),
}

impl Rejection {
    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::Failed(error) => error.status(),
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut => served(unauthorized()),
            Self::CrossSite => served(forbidden()),
            Self::Failed(error) => error.into_response(),
        }
    }
}
