//! A sign-in that another site began (OIDC Core 4): the issuer's portal, or a link in a mail.

use std::borrow::Cow;

use url::form_urlencoded;

use crate::config::Settings;
use crate::error::Error;
use crate::oidc::Metadata;
use crate::params::single;

/// What the other site says.
pub(crate) struct Initiated<'a> {
    iss: &'a str,
    pub(super) login_hint: Option<&'a str>,
    pub(super) target_link_uri: Option<&'a str>,
}

impl<'a> Initiated<'a> {
    /// Reads it, if this is one: the application's own links have neither `iss` nor `target_link_uri`.
    pub(crate) fn read(pairs: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> Result<Option<Self>, Error> {
        let (iss, target_link_uri) = (single(pairs, "iss")?, single(pairs, "target_link_uri")?);
        if iss.is_none() && target_link_uri.is_none() {
            return Ok(None);
        }
        Self::required(pairs).map(Some)
    }

    /// Reads it from a request that can be nothing else.
    pub(crate) fn required(pairs: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> Result<Self, Error> {
        let given = |name| Ok(single(pairs, name)?.filter(|value| !value.is_empty()));
        Ok(Self {
            iss: given("iss")?.ok_or(Error::InvalidRequest(
                "a sign-in that another site begins names the issuer in `iss`",
            ))?,
            login_hint: given("login_hint")?,
            target_link_uri: given("target_link_uri")?,
        })
    }

    /// Another issuer could only mean to mix us up.
    pub(crate) fn check_issuer(&self, metadata: &Metadata) -> Result<(), Error> {
        if self.iss == metadata.issuer.as_str() {
            Ok(())
        } else {
            Err(Error::InvalidRequest(
                "`iss` names another issuer than this site signs in with",
            ))
        }
    }

    /// The same as a GET: a form of another site brings no `Lax` cookie, and a redirect after it does.
    pub(crate) fn url(&self, settings: &Settings) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("iss", self.iss);
        for (name, value) in [
            ("login_hint", self.login_hint),
            ("target_link_uri", self.target_link_uri),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        format!(
            "{}?{}",
            settings.site.app_url.join(&settings.routes.sign_in),
            query.finish()
        )
    }
}
