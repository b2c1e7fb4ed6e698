//! The authorization response: what the issuer sends the browser back with.

use std::borrow::Cow;

use crate::error::{Error, ErrorResponse};
use crate::oidc::refused_authorization;
use crate::params::single;

/// OIDC Core 3.1.2.5 and 3.1.2.6, with the `iss` of RFC 9207.
pub(crate) struct AuthorizationResponse<'a> {
    pub(crate) state: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    error: Option<&'a str>,
    error_description: Option<&'a str>,
    error_uri: Option<&'a str>,
    pub(super) iss: Option<&'a str>,
    pairs: &'a [(Cow<'a, str>, Cow<'a, str>)],
}

impl<'a> AuthorizationResponse<'a> {
    /// Reads the parameters of the query or the form.
    pub(crate) fn read(pairs: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> Result<Self, Error> {
        Ok(Self {
            state: single(pairs, "state")?,
            // An empty one is none.
            code: single(pairs, "code")?.filter(|code| !code.is_empty()),
            error: single(pairs, "error")?,
            error_description: single(pairs, "error_description")?,
            error_uri: single(pairs, "error_uri")?,
            iss: single(pairs, "iss")?,
            pairs,
        })
    }

    /// What the browser brought beside what the specifications have a use for.
    pub(super) fn further(&self) -> Vec<(String, String)> {
        let known = |name: &str| matches!(name, "code" | "state" | "iss");
        self.pairs
            .iter()
            .filter(|(name, _)| !known(name))
            .map(|(name, value)| (name.clone().into_owned(), value.clone().into_owned()))
            .collect()
    }

    /// The issuer's error, where it is one, without what nobody else should know.
    pub(crate) fn refusal<'s>(&self, secrets: impl IntoIterator<Item = &'s str>) -> Option<ErrorResponse> {
        let error = self.error?;
        Some(refused_authorization(
            error,
            self.error_description,
            self.error_uri,
            secrets,
        ))
    }

    /// Logs an error that anybody may have sent, since the issuer may have meant it all the same.
    pub(crate) fn tell_unproved<'s>(&self, secrets: impl IntoIterator<Item = &'s str>) {
        if let Some(refusal) = self.refusal(secrets) {
            tracing::warn!(
                name: "monocloud.callback.unproved_error",
                error = %refusal,
                "the issuer, or somebody else, answered with an error that proves nothing: it is for no sign-in that \
                 is known here, or does not name the issuer"
            );
        }
    }
}
