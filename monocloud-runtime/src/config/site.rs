//! Where the application is, and which other sites of one's own it trusts.

use url::{Host, Url};

use super::address::{shown, web_url};
use super::kind::{Kind, Text, Texts};
use super::rules::{Check, each, required};
use super::setting::settings;
use super::sources::Sources;
use crate::http_client::is_loopback;

settings! {
    in site() -> Site;

    /// The public base URL. `MONOCLOUD_AUTH_APP_URL`, required. Decides `Secure` cookies, the redirect URI and what
    /// is same-origin.
    app_url: Text = "MONOCLOUD_AUTH_APP_URL",
        required("the address that browsers see, such as https://app.example.com", AppUrl::parse) => AppUrl;

    /// Further origins of one's own whose pages may send unsafe requests with the session cookie, such as
    /// `https://www.example.com`. `MONOCLOUD_AUTH_TRUSTED_ORIGINS`, separated by spaces.
    trusted_origins: Texts = "MONOCLOUD_AUTH_TRUSTED_ORIGINS",
        each(parse_origin) => Vec<String>;
}

impl Site {
    /// Plain http can be meant, in a tunnel or on a network of one's own, but not with cookies that must be `Secure`.
    pub(super) fn check_scheme(&self, check: &mut Check, form_post: bool) {
        if self.app_url.takes_secure_cookies() {
            return;
        }
        if form_post {
            check.problem(
                &named::app_url,
                "response mode form_post needs Secure cookies; write an https URL",
            );
        } else {
            check.warning(
                &named::app_url,
                "plain http on a host that is not this machine: whoever is on the way can read and use the session \
                 cookie; write an https URL",
            );
        }
    }
}

/// The public base URL of the application: `https`, or `http` for development.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppUrl {
    url: Url,
    origin: String,
    base: String,
}

impl AppUrl {
    pub(crate) fn parse(value: &str) -> Result<Self, String> {
        let url = web_url(value, "https://app.example.com")?;
        let base = url.path().trim_end_matches('/').to_owned();
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            base,
            url,
        })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Scheme, host and port, as browsers write them in an `Origin` header.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The path under which the application is mounted, without a slash at the end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The host's name, unless it is an address.
    pub(super) fn host_name(&self) -> Option<&str> {
        match self.url.host() {
            Some(Host::Domain(name)) => Some(name),
            _ => None,
        }
    }

    /// The public URL of a path of the application.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.base)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Whether browsers keep `Secure` cookies that come from there.
    pub(crate) fn takes_secure_cookies(&self) -> bool {
        self.is_https() || self.is_loopback()
    }
}

/// An origin, as browsers write it in an `Origin` header (RFC 6454 §6.2).
fn parse_origin(value: &str) -> Result<String, String> {
    const EXAMPLE: &str = "https://www.example.com";
    let url = web_url(value, EXAMPLE)?;
    let refused = |why: &str| Err(format!("{} {why}; write one like {EXAMPLE}", shown(&url)));
    if url.path() != "/" {
        return refused("has a path, and origins have none");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return refused("is plain http, which anybody on the way can speak for");
    }
    Ok(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::AppUrl;

    #[test]
    fn an_app_url_knows_its_origin_and_base() {
        let url = AppUrl::parse("https://Example.com:443/app/").expect("valid");
        assert_eq!((url.origin(), url.base()), ("https://example.com", "/app"));
        assert_eq!(url.join("/x?y"), "https://example.com/app/x?y");
    }
}
