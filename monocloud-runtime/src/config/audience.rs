//! Whom access tokens are for, and whose they may be.

use url::Url;

use super::address::web_url;
use super::issuer::TenantDomain;
use crate::http_client::is_loopback;

/// What access tokens must name in `aud`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Audience {
    name: String,
    resource: Option<Url>,
}

impl Audience {
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        let has_space = name.contains(char::is_whitespace);
        if has_space {
            return Err("it has a space; write one audience, such as https://api.example.com".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            resource: Url::parse(name).ok().filter(is_resource),
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }

    /// The audience as the identifier of a protected resource (RFC 9728 §1.2), which its metadata stand at.
    pub(crate) fn resource(&self) -> Option<&Url> {
        self.resource.as_ref()
    }
}

fn is_resource(url: &Url) -> bool {
    let is_web = url.scheme() == "https" || url.scheme() == "http" && is_loopback(url);
    is_web
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        // No router has a place for them.
        && !url.path().contains("/:")
        && !url.path().contains("/*")
}

/// A further issuer of access tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrustedIssuer {
    /// As its tokens and its metadata name it.
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) allows_http: bool,
}

/// Further issuers, each once.
pub(super) fn trusted(pairs: Option<Vec<(String, String)>>) -> Result<Vec<TrustedIssuer>, String> {
    let mut trusted: Vec<TrustedIssuer> = Vec::new();
    for (issuer, audience) in pairs.into_iter().flatten() {
        web_url(&issuer, "https://issuer.example.org")?;
        let allows_http = TenantDomain::parse(&issuer)?.allows_http();
        if audience.trim().is_empty() {
            return Err(format!(
                "`{issuer}` has no audience; write the one that its tokens have"
            ));
        }
        if trusted.iter().any(|known| known.issuer == issuer) {
            return Err(format!("`{issuer}` is there twice; write it once"));
        }
        trusted.push(TrustedIssuer {
            issuer,
            audience: Audience::parse(&audience)?.name,
            allows_http,
        });
    }
    Ok(trusted)
}

#[cfg(test)]
mod tests {
    use super::Audience;

    #[test]
    fn only_an_https_or_loopback_url_is_a_resource_with_metadata() {
        let has_metadata = |name: &str| Audience::parse(name).expect("an audience").resource().is_some();
        for name in [
            "https://api.example.com",
            "https://api.example.com/v1/",
            "http://localhost:3000",
            "http://127.0.0.1:3000/mcp",
        ] {
            assert!(has_metadata(name), "{name}");
        }
        for name in [
            "orders",
            "api://orders",
            "urn:example:orders",
            "http://api.example.com",
            "https://api.example.com/?a",
            "https://api.example.com/#a",
            "https://user@api.example.com",
            "ftp://api.example.com",
        ] {
            assert!(!has_metadata(name), "{name}");
        }
        assert!(Audience::parse("a b").is_err());
    }
}
