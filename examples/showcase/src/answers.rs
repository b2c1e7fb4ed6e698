//! Answers of this site's own in place of the library's.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use monocloud_runtime::{Denied, Error, Failure};

use crate::pages::page;

#[derive(Template)]
#[template(path = "not_allowed.html")]
struct NotAllowed {
    denied: Denied,
    at: &'static str,
}

#[derive(Template)]
#[template(path = "said_no.html")]
struct SaidNo {
    sign_in: String,
    at: &'static str,
}

/// Whoever is signed in, and not in the group that a guard asks for.
pub(crate) async fn not_allowed(denied: Denied) -> impl IntoResponse {
    (StatusCode::FORBIDDEN, page(&NotAllowed { denied, at: "" }))
}

/// A sign-in that came to nothing: who said no at the issuer reads so here, and for all else the library has words.
pub(crate) async fn sign_in_failed(failure: Failure) -> Response {
    match failure.error() {
        Error::Refused(response) if response.error == "access_denied" => {
            let sign_in = failure.sign_in_url();
            (failure.status(), page(&SaidNo { sign_in, at: "" })).into_response()
        }
        _ => failure.into_response(),
    }
}
