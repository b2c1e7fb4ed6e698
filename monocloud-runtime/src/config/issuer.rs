//! The issuer, and who this client is there.

use super::address::web_url;
use super::kind::{Kind, Text};
use super::rules::{Check, required};
use super::setting::settings;
use super::sources::Sources;
use crate::http_client::is_loopback;

settings! {
    in issuer() -> Issuer;

    /// The issuer. `MONOCLOUD_AUTH_TENANT_DOMAIN`, required. `https://` is added where no scheme is given;
    /// `http://` is for loopback hosts only.
    tenant_domain: Text = "MONOCLOUD_AUTH_TENANT_DOMAIN",
        required("the issuer, such as https://acme.us.monocloud.com", TenantDomain::parse) => TenantDomain;

    /// `MONOCLOUD_AUTH_CLIENT_ID`, required.
    client_id: Text = "MONOCLOUD_AUTH_CLIENT_ID",
        required("the client's id at the issuer", |id: &str| Ok(id.to_owned())) => String;
}

impl Issuer {
    /// Allowed by RFC 6749 (appendix A), but more often two values in one line than an id.
    pub(super) fn warn_of_space(&self, check: &mut Check) {
        check.warn_of_space(&named::client_id, &self.client_id);
    }
}

/// The issuer as it is configured; its metadata decides about a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TenantDomain(String);

impl TenantDomain {
    const EXAMPLE: &str = "https://acme.us.monocloud.com";

    pub(crate) fn parse(value: &str) -> Result<Self, String> {
        let with_scheme = if value.contains("://") {
            value.to_owned()
        } else {
            format!("https://{value}")
        };
        if with_scheme.contains(['{', '}']) {
            return Err(multi_tenant());
        }
        let url = web_url(&with_scheme, Self::EXAMPLE)?;
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(format!(
                "plain http is for loopback hosts only, since tokens and the secret would cross the network as they are; \
                 write an address like {}. For containers: TLS in development too, one name for the browser and the \
                 application (an entry in the hosts file, with a port that both reach on loopback), or an `HttpClient` \
                 of one's own that knows the second address",
                Self::EXAMPLE
            ));
        }
        let path = format!("{}/", url.path());
        if let Some((before, _)) = path.split_once("/.well-known/") {
            let issuer = format!("{}{before}", url.origin().ascii_serialization());
            return Err(format!(
                "that is where the metadata stands, and the issuer is what comes before; write {issuer}"
            ));
        }
        if is_multi_tenant(url.path()) {
            return Err(multi_tenant());
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

/// Entra's endpoints for several tenants, whose tokens come from as many issuers.
fn is_multi_tenant(path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    matches!(
        segments.next().map(str::to_ascii_lowercase).as_deref(),
        Some("common" | "organizations" | "consumers")
    ) && matches!(segments.next(), None | Some("v2.0"))
}

fn multi_tenant() -> String {
    "an endpoint for several tenants is not supported, since each has an issuer of its own; \
     write the tenant's own address, with its id in the place of `{tenantid}`, `common` or `organizations`"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::TenantDomain;

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
}
