//! Why an extractor let nobody through.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{HeaderValue, WWW_AUTHENTICATE};

use crate::access::Requirement;
use crate::client::MonoCloud;
use crate::error::Error;
use crate::guard::{DeniedReason, challenge};
use crate::respond::{forbidden, json_message, unauthorized};
use crate::web::respond::served;

/// What [`User`](crate::User), [`Session`](crate::Session), [`Claims`](crate::Claims) and [`Auth`](crate::Auth) answer
/// when they cannot give what they are asked for.
///
/// As a response it is JSON with a message for programs, and where access tokens are taken with the challenge of
/// RFC 6750 §3; the reason is in the log.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Nobody is signed in: 401.
    #[error("nobody is signed in")]
    #[non_exhaustive]
    SignedOut {
        /// The `WWW-Authenticate` of the response, where access tokens are taken.
        challenge: Option<HeaderValue>,
    },

    /// The access token is no good: 401.
    #[error("the access token is no good")]
    #[non_exhaustive]
    InvalidToken {
        /// The `WWW-Authenticate` of the response.
        challenge: Option<HeaderValue>,
    },

    /// The request has several `Authorization` headers, one of them with an access token: 400.
    #[error("the request has several access tokens")]
    #[non_exhaustive]
    InvalidRequest {
        /// The `WWW-Authenticate` of the response.
        challenge: Option<HeaderValue>,
    },

    /// The access token is a client's own, and a person or a session is asked for (RFC 9068 §5): 403.
    #[error("the access token is a client's own, and a person is asked for")]
    #[non_exhaustive]
    NoUser {
        /// The `WWW-Authenticate` of the response.
        challenge: Option<HeaderValue>,
    },

    /// Somebody is signed in, but another site made the browser send the request (cross-site request
    /// forgery): 403.
    #[error("another site made the browser send the request")]
    #[non_exhaustive]
    CrossSite,

    /// It could not be found out who asks, such as without [`MonoCloud::layer`](crate::MonoCloud::layer), or while the
    /// issuer, or the store of the sessions, cannot be asked.
    #[error("it could not be found out who asks: {0}")]
    Failed(#[from] Error),
}

impl Rejection {
    pub(super) fn of(reason: DeniedReason, client: &MonoCloud) -> Self {
        let challenge = challenge(reason, &Requirement::API, client);
        match reason {
            DeniedReason::InvalidToken => Self::InvalidToken { challenge },
            DeniedReason::InvalidRequest => Self::InvalidRequest { challenge },
            DeniedReason::NoUser => Self::NoUser { challenge },
            _ => Self::SignedOut { challenge },
        }
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut { .. } | Self::InvalidToken { .. } => StatusCode::UNAUTHORIZED,
            Self::InvalidRequest { .. } => StatusCode::BAD_REQUEST,
            Self::NoUser { .. } | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::Failed(error) => error.status(),
        }
    }

    /// The `WWW-Authenticate` of the response.
    pub fn challenge(&self) -> Option<&HeaderValue> {
        match self {
            Self::SignedOut { challenge }
            | Self::InvalidToken { challenge }
            | Self::InvalidRequest { challenge }
            | Self::NoUser { challenge } => challenge.as_ref(),
            Self::CrossSite | Self::Failed(_) => None,
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let challenge = self.challenge().cloned();
        let mut answer = match self {
            Self::SignedOut { .. } | Self::InvalidToken { .. } => unauthorized(),
            Self::InvalidRequest { .. } => json_message(StatusCode::BAD_REQUEST, "bad request"),
            Self::NoUser { .. } | Self::CrossSite => forbidden(),
            Self::Failed(error) => return error.into_response(),
        };
        if let Some(challenge) = challenge {
            answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        served(answer)
    }
}
