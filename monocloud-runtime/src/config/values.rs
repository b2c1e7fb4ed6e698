//! Checked values: each is made in one place, and what exists is valid.

use std::fmt;

use url::Url;

use crate::http_client::is_loopback;

/// A secret that never shows in `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
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
}

/// The issuer as it is configured; its metadata decides about a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TenantDomain(String);

impl TenantDomain {
    pub(crate) fn parse(value: &str) -> Result<Self, String> {
        let example = "https://your-tenant.us.monocloud.com";
        let with_scheme = if value.contains("://") {
            value.to_owned()
        } else {
            format!("https://{value}")
        };
        let url = web_url(&with_scheme, example)?;
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(format!(
                "`{value}` is plain http, which is allowed for loopback hosts only; write {example}"
            ));
        }
        Ok(Self(with_scheme.trim_end_matches('/').to_owned()))
    }

    /// The issuer without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `issuer`, as the metadata names it, is this one (OIDC Discovery 4.3).
    pub(crate) fn names(&self, issuer: &str) -> bool {
        issuer.strip_suffix('/').unwrap_or(issuer) == self.0
    }

    pub(crate) fn allows_http(&self) -> bool {
        self.0.starts_with("http://")
    }
}

fn web_url(value: &str, example: &str) -> Result<Url, String> {
    let url = Url::parse(value)
        .map_err(|error| format!("`{value}` is not a URL ({error}); write one like {example}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!(
            "`{value}` is not a web address; write one like {example}"
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "a URL with a user name or password is not allowed; write one like {example}"
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "`{value}` has a query or fragment; write one like {example}"
        ));
    }
    Ok(url)
}

/// An origin, as browsers write it in an `Origin` header (RFC 6454 §6.2).
pub(crate) fn parse_origin(value: &str) -> Result<String, String> {
    const EXAMPLE: &str = "https://www.example.com";
    let url = web_url(value, EXAMPLE)?;
    if url.path() != "/" {
        return Err(format!(
            "`{value}` has a path, and origins have none; write one like {EXAMPLE}"
        ));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(format!(
            "`{value}` is plain http, which anybody on the way can speak for; write one like {EXAMPLE}"
        ));
    }
    let origin = url.origin().ascii_serialization();
    if origin.contains('*') {
        return Err(format!(
            "`{value}` is a pattern, and no browser sends one; write each origin, like {EXAMPLE}"
        ));
    }
    Ok(origin)
}

/// The address of an issuer's own logout page, with places for the client's id and for where the browser goes
/// afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogoutUrl(String);

impl LogoutUrl {
    const EXAMPLE: &str =
        "https://auth.example.com/logout?client_id={client_id}&logout_uri={post_logout_redirect_uri}";

    pub(crate) fn parse(value: &str) -> Result<Self, String> {
        let template = Self(value.to_owned());
        let rest = template.with("", "");
        if rest.contains(['{', '}']) {
            return Err(format!(
                "`{value}` may name {{client_id}} and {{post_logout_redirect_uri}} and no others; write one like {}",
                Self::EXAMPLE
            ));
        }
        let parse = |filled: &str| {
            Url::parse(&template.with(filled, filled))
                .ok()
                .filter(|url| url.scheme() == "https" || url.scheme() == "http" && is_loopback(url))
                .filter(|url| url.username().is_empty() && url.password().is_none())
                .map(|url| url.origin())
        };
        // What is filled in stands behind the host, and so decides nothing about where the browser goes.
        if parse("a").is_none() || parse("a") != parse("b") {
            return Err(format!("not an https address; write one like {}", Self::EXAMPLE));
        }
        Ok(template)
    }

    /// The address for one sign-out.
    pub(crate) fn to(&self, client_id: &str, post_logout_redirect_uri: &str) -> Url {
        let encoded =
            |value: &str| url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>();
        Url::parse(&self.with(&encoded(client_id), &encoded(post_logout_redirect_uri)))
            .expect("letters, digits and percent signs behind the host keep a URL a URL")
    }

    fn with(&self, client_id: &str, post_logout_redirect_uri: &str) -> String {
        self.0
            .replace("{client_id}", client_id)
            .replace("{post_logout_redirect_uri}", post_logout_redirect_uri)
    }
}

/// A colour that goes into a style sheet: nothing but `#rgb` or `#rrggbb`.
pub(crate) fn parse_color(value: String) -> Result<String, String> {
    let digits = value.strip_prefix('#').unwrap_or_default();
    if matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(value);
    }
    Err(format!("`{value}` is not a colour; write one like #0a6cff"))
}

/// `prompt` is a list of lower-case words, and `none` stands alone (OIDC Core 3.1.2.1).
pub(crate) fn check_prompt(value: &str) -> Result<(), String> {
    let words: Vec<&str> = value.split(' ').collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if !words.iter().all(is_word) || words.len() > 1 && words.contains(&"none") {
        return Err(format!(
            "`{value}` is not a prompt; write none, login, consent, select_account or create"
        ));
    }
    Ok(())
}

/// A set of scopes that contains `openid`, in the order in which it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScopeSet(Vec<String>);

impl ScopeSet {
    pub(crate) fn parse(value: &str) -> Result<Self, String> {
        let mut scopes: Vec<String> = Vec::new();
        for scope in value.split_ascii_whitespace() {
            // RFC 6749 §3.3
            if !scope
                .bytes()
                .all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
            {
                return Err(format!(
                    "`{scope}` is not a scope; scopes are separated by spaces"
                ));
            }
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        if !scopes.iter().any(|scope| scope == "openid") {
            return Err("`openid` is missing; write for example `openid profile email`".to_owned());
        }
        Ok(Self(scopes))
    }

    pub(crate) fn joined(&self) -> String {
        self.0.join(" ")
    }
}

/// Resource indicators (RFC 8707 §2): absolute URLs without a fragment; no query either here.
pub(crate) fn parse_resources(value: &str) -> Result<Vec<String>, String> {
    value
        .split_ascii_whitespace()
        .map(|resource| match Url::parse(resource) {
            Ok(url) if url.query().is_none() && url.fragment().is_none() => Ok(resource.to_owned()),
            _ => Err(format!(
                "`{resource}` is not an absolute URL without query and fragment, such as https://api.example.com"
            )),
        })
        .collect()
}

/// A cookie's name that leaves room for the `.1` of a further chunk.
pub(crate) fn parse_cookie_name(value: &str) -> Result<String, String> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-^_`|~".contains(&b);
    if value.is_empty() || value.len() > 64 || !value.bytes().all(token) {
        return Err(format!(
            "`{value}` cannot be a cookie's name; use up to 64 letters, digits, `-` and `_`"
        ));
    }
    Ok(value.to_owned())
}

/// How the client proves who it is at the token endpoint (OIDC Core 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ClientAuthMethod {
    /// HTTP Basic with the form-encoded id and secret (RFC 6749 §2.3.1).
    #[default]
    ClientSecretBasic,
    /// The id and secret in the body.
    ClientSecretPost,
}

impl ClientAuthMethod {
    pub(super) fn parse(value: &str) -> Result<Self, String> {
        [Self::ClientSecretBasic, Self::ClientSecretPost]
            .into_iter()
            .find(|method| method.as_str() == value)
            .ok_or_else(|| {
                format!("`{value}` is not supported; write client_secret_basic or client_secret_post")
            })
    }

    /// As it is registered (OIDC Core 9).
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AppUrl, ScopeSet, TenantDomain, parse_cookie_name};

    #[test]
    fn a_tenant_domain_gets_https_and_keeps_loopback_http() {
        let parse = |value| TenantDomain::parse(value).map(|domain| domain.as_str().to_owned());
        assert_eq!(
            parse("acme.example.com").as_deref(),
            Ok("https://acme.example.com")
        );
        assert_eq!(parse("http://127.0.0.1:9/").as_deref(), Ok("http://127.0.0.1:9"));
        for wrong in [
            "http://acme.example.com",
            "ftp://x",
            "https://a@b",
            "https://a/?q",
            "",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_metadata_decides_about_a_slash_at_the_end() {
        let domain = TenantDomain::parse("https://acme.example.com/").expect("valid");
        assert!(domain.names("https://acme.example.com"));
        assert!(domain.names("https://acme.example.com/"));
        assert!(!domain.names("https://acme.example.com//"));
        assert!(!domain.names("https://evil.example.com"));
    }

    #[test]
    fn an_app_url_knows_its_origin_and_base() {
        let url = AppUrl::parse("https://Example.com:443/app/").expect("valid");
        assert_eq!((url.origin(), url.base()), ("https://example.com", "/app"));
        assert_eq!(url.join("/x?y"), "https://example.com/app/x?y");
    }

    #[test]
    fn scopes_need_openid_and_are_a_set() {
        assert_eq!(
            ScopeSet::parse("openid a  a").map(|s| s.joined()).as_deref(),
            Ok("openid a")
        );
        assert!(ScopeSet::parse("profile").is_err());
        assert!(ScopeSet::parse("openid \"x\"").is_err());
    }

    #[test]
    fn a_cookie_name_is_a_token_without_a_dot() {
        assert!(parse_cookie_name("__Host-session").is_ok());
        for wrong in ["", "a b", "a;b", "a=b", "a.b", "ä"] {
            assert!(parse_cookie_name(wrong).is_err(), "{wrong}");
        }
    }
}
