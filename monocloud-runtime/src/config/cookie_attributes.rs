//! What the session cookie and the state cookie have in common: rules that browsers keep.

use std::net::IpAddr;
use std::str::FromStr;

use super::rules::{Check, optional};
use super::setting::Setting;
use super::site::AppUrl;

/// A cookie's name and attributes.
#[derive(Clone, Debug)]
pub(crate) struct CookieAttributes {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) domain: Option<String>,
    pub(crate) http_only: bool,
    pub(crate) secure: bool,
    pub(crate) same_site: SameSite,
    pub(crate) persistent: bool,
}

/// The `SameSite` attribute of a cookie (RFC 6265bis §5.6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Sent only with requests that this site began.
    Strict,
    /// Also sent when another site links here.
    Lax,
    /// Always sent; needs `Secure`.
    None,
}

impl FromStr for SameSite {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        match value.to_ascii_lowercase().as_str() {
            "strict" => Ok(Self::Strict),
            "lax" => Ok(Self::Lax),
            "none" => Ok(Self::None),
            _ => Err("it cannot be used; write lax, strict or none".to_owned()),
        }
    }
}

/// What the settings of a cookie are called that several rules look at.
pub(super) struct Names {
    pub(super) name: Setting,
    pub(super) same_site: Setting,
}

impl CookieAttributes {
    /// RFC 6265bis §4.1.3 for the prefixes, §5.6.7 for `SameSite=None`.
    pub(super) fn check_together(&self, check: &mut Check, names: &Names) {
        if self.same_site == SameSite::None && !self.secure {
            check.problem(
                &names.same_site,
                "none needs a Secure cookie; use an https app URL, or write lax",
            );
        }
        if (self.has_prefix("__Secure-") || self.has_prefix("__Host-")) && !self.secure {
            check.problem(
                &names.name,
                "browsers take this name only for a Secure cookie; use an https app URL or another name",
            );
        }
        if self.has_prefix("__Host-") && (self.path != "/" || self.domain.is_some()) {
            check.problem(
                &names.name,
                "browsers take this name only with path / and without a domain",
            );
        }
    }

    /// Browsers compare the prefix without case.
    pub(super) fn has_prefix(&self, prefix: &str) -> bool {
        self.name
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }

    /// As a cookie must be that comes along when another site posts a form (RFC 6265bis §5.6.7).
    pub(crate) fn for_form_post(self) -> Self {
        Self {
            same_site: SameSite::None,
            secure: true,
            ..self
        }
    }

    /// Whether browsers send the cookie to a path of the application.
    pub(super) fn reaches(&self, app_url: &AppUrl, path: &str) -> bool {
        self.covers(&format!("{}{path}", app_url.base()))
    }

    /// Whether browsers send the cookie to a path of the site (RFC 6265 §5.1.4).
    pub(crate) fn covers(&self, path: &str) -> bool {
        path.strip_prefix(&self.path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'))
    }
}

/// A cookie's name that leaves room for the `.1` of a further chunk.
pub(super) fn name(value: &str) -> Result<String, String> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-^_`|~".contains(&b);
    if value.is_empty() || value.len() > 64 || !value.bytes().all(token) {
        return Err("it cannot be a cookie's name; use up to 64 letters, digits, `-` and `_`".to_owned());
    }
    Ok(value.to_owned())
}

pub(super) fn path(value: &str) -> Result<String, String> {
    let plain = |b: u8| (0x21..0x7f).contains(&b) && b != b';';
    if !value.starts_with('/') || !value.bytes().all(plain) {
        return Err("it is not a path; write /".to_owned());
    }
    Ok(value.to_owned())
}

/// Whether browsers send the cookie over TLS alone. They drop such a cookie where it does not come over TLS (RFC 6265bis
/// §5.6), except from this machine.
pub(super) fn secure(
    app_url: Option<&AppUrl>,
    always: bool,
) -> impl FnOnce(Option<bool>) -> Result<bool, String> {
    move |given| {
        match app_url {
        Some(url) if given == Some(true) && !url.is_https() && !url.is_loopback() => Err(
            "browsers drop a Secure cookie that comes over plain http; write an app URL that begins with https, or \
             false"
                .to_owned(),
        ),
        url => Ok(always || given.unwrap_or(url.is_some_and(AppUrl::is_https))),
    }
    }
}

/// A domain for which browsers take a cookie from the application (RFC 6265 §5.3, steps 5 and 6), without the dot that
/// older specifications put in front.
pub(super) fn domain(
    app_url: Option<&AppUrl>,
) -> impl FnOnce(Option<String>) -> Result<Option<String>, String> {
    optional(move |given: &str| {
        let domain = given.strip_prefix('.').unwrap_or(given).to_ascii_lowercase();
        if domain.parse::<IpAddr>().is_ok() {
            return Err("it is an IP address, for which no browser takes a domain; leave it out".to_owned());
        }
        if !is_host_name(&domain) {
            return Err("it is not a host name; write one like example.com".to_owned());
        }
        let Some(app_url) = app_url else {
            return Ok(domain);
        };
        let Some(host) = app_url.host_name() else {
            return Err(
                "the app URL's host is an IP address, for which no browser takes a domain; leave it out"
                    .to_owned(),
            );
        };
        let parent = host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'));
        if host != domain && !parent {
            return Err(format!(
                "browsers drop a cookie of this domain that comes from {host}; write {host} or a parent of it, or \
                 leave it out"
            ));
        }
        if host != domain && !domain.contains('.') {
            return Err(format!(
                "browsers drop a cookie for a whole top-level domain; write {host}, or leave it out"
            ));
        }
        Ok(domain)
    })
}

/// RFC 1123 §2.1.
fn is_host_name(value: &str) -> bool {
    value.len() <= 253
        && value.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        })
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_cookie_name_is_a_token_without_a_dot() {
        assert!(name("__Host-session").is_ok());
        for wrong in ["", "a b", "a;b", "a=b", "a.b", "ä"] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }
}
