//! The authorization response: what the issuer sends the browser back with.

use std::borrow::Cow;

use crate::error::Error;
use crate::params::single;

/// OIDC Core 3.1.2.5 and 3.1.2.6, with the `iss` of RFC 9207.
pub(crate) struct AuthorizationResponse<'a> {
    pub(crate) state: &'a str,
    pub(super) code: Option<&'a str>,
    pub(super) error: Option<&'a str>,
    pub(super) error_description: Option<&'a str>,
    pub(super) error_uri: Option<&'a str>,
    pub(super) iss: Option<&'a str>,
}

impl<'a> AuthorizationResponse<'a> {
    /// Reads the parameters of the query or the form.
    pub(crate) fn read(pairs: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> Result<Self, Error> {
        Ok(Self {
            state: single(pairs, "state")?.ok_or(Error::InvalidRequest(
                "this page is for the issuer's answer, which has a `state`",
            ))?,
            code: single(pairs, "code")?,
            error: single(pairs, "error")?,
            error_description: single(pairs, "error_description")?,
            error_uri: single(pairs, "error_uri")?,
            iss: single(pairs, "iss")?,
        })
    }
}
