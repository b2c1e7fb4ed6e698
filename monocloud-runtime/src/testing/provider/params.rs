//! The parameters of a request, as OAuth reads them.

use axum::extract::rejection::RawFormRejection;
use axum::extract::{FromRequest, RawForm, Request};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use super::oauth_error::OAuthError;

/// The parameters of a query or a form, in the order in which they came. As an extractor: the form of a POST,
/// else the query.
#[derive(Clone, Default)]
pub(super) struct Params(pub(super) Vec<(String, String)>);

impl Params {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The value of a parameter. One without a value counts as omitted (RFC 6749 3.1).
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The value of a parameter, to be kept.
    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.value(name).map(Into::into)
    }

    /// The values of a space-separated parameter.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let words = self.value(name).unwrap_or_default().split_ascii_whitespace();
        words.map(Into::into).collect()
    }

    /// The values of a parameter that may be repeated.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let found = self
            .0
            .iter()
            .filter(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.clone()).collect()
    }

    /// The APIs that a token is asked for: each `resource` (RFC 8707 2), and the `audience` of those who know it by
    /// that name.
    pub(super) fn targets(&self) -> Vec<String> {
        [self.all("resource"), self.all("audience")].concat()
    }

    /// The first parameter that is there twice, which OAuth forbids (RFC 6749 3.1, 3.2), but for `resource`
    /// (RFC 8707 2).
    pub(super) fn repeated(&self) -> Option<&str> {
        let names = self.0.iter().map(|(name, _)| name.as_str());
        names
            .enumerate()
            .filter(|(_, name)| *name != "resource")
            .find(|(at, name)| self.0[..*at].iter().any(|(earlier, _)| earlier == name))
            .map(|(_, name)| name)
    }
}

impl<S: Send + Sync> FromRequest<S> for Params {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match RawForm::from_request(request, state).await {
            Ok(RawForm(encoded)) => Ok(Self::parse(&encoded)),
            Err(rejection) => Err(refused(&rejection)),
        }
    }
}

fn refused(rejection: &RawFormRejection) -> Response {
    OAuthError::new("invalid_request", rejection.body_text())
        .with_status(rejection.status())
        .into_response()
}
