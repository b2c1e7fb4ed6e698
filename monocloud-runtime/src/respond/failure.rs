//! What becomes of an [`Error`] of a route.

use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Uri};

use super::Answer;
use super::error::error_json;
use super::page::Page;
use super::words::{WayOut, Words};
use crate::error::Error;
use crate::request::{AskedPage, RequestAuth};
use crate::sign_in::ReturnUrl;

/// A request that one of the library's routes could not do what it is for: what the `on_error` of
/// [`monocloud_routes!`](crate::monocloud_routes) gets.
///
/// As a response it is what the route would have answered without a handler: a page, or JSON where scripts
/// ask. Why it came about is in the log already.
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use axum::response::{IntoResponse, Redirect, Response};
/// use monocloud_runtime::{Error, Failure};
///
/// async fn sign_in_failed(failure: Failure) -> Response {
///     match failure.error() {
///         Error::Refused(response) if response.error == "access_denied" => Redirect::to("/").into_response(),
///         _ => failure.into_response(),
///     }
/// }
/// ```
pub struct Failure {
    error: Error,
    parts: Parts,
    page: AskedPage,
    auth: RequestAuth,
    json: bool,
}

impl Failure {
    /// `json` says that scripts ask there.
    pub(crate) fn new(error: Error, parts: Parts, page: AskedPage, auth: RequestAuth, json: bool) -> Self {
        Self {
            error,
            parts,
            page,
            auth,
            json,
        }
    }

    /// What went wrong.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// What went wrong, to be kept.
    pub fn into_error(self) -> Error {
        self.error
    }

    /// The status of the library's answer.
    pub fn status(&self) -> StatusCode {
        self.error.status()
    }

    /// The request's method.
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The request's URI, as it was sent. At the callback its query holds the code: nothing for a log.
    pub fn uri(&self) -> &Uri {
        self.page.uri()
    }

    /// The request's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The request's extensions, in which layers put what an application shares.
    pub fn extensions(&self) -> &http::Extensions {
        &self.parts.extensions
    }

    /// Where to sign in, and go on to the page that was wanted as far as it is known.
    pub fn sign_in_url(&self) -> String {
        self.auth.sign_in_url()
    }

    /// The library's own answer.
    pub(crate) fn into_answer(self) -> Answer {
        if self.json {
            error_json(&self.error)
        } else {
            self.to_page()
        }
    }

    fn to_page(&self) -> Answer {
        let Words { title, text, way_out } = Words::of(&self.error);
        let settings = self.auth.client().settings();
        let home = ReturnUrl::home(&settings.site.app_url).into_string();
        let page = Page::new(self.status(), title, text);
        let page = match way_out {
            WayOut::SignIn(label) => page.link(self.sign_in_url(), label),
            WayOut::Home => page,
        };
        page.link(home, "Go to the start page")
            .into_answer(Some(settings))
    }
}

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Failure")
            .field("error", &self.error)
            .field("method", &self.parts.method)
            .field("path", &self.uri().path())
            .finish_non_exhaustive()
    }
}
