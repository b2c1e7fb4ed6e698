//! What is needed of an issuer's metadata to check its access tokens (OIDC Discovery 1.0, RFC 8414).

use serde_json::{Map, Value};
use url::Url;

use super::client_auth::Listed;
use super::endpoint;
use super::metadata_members::{Urls, names};
use crate::error::{Error, printable};
use crate::http_client::Outgoing;
use crate::json;

const ENDPOINT: &str = "the metadata of the access tokens' issuer";
const ADVICE: &str =
    "is MONOCLOUD_BACKEND_TENANT_DOMAIN, or the one among `trusted_token_issuers`, the issuer's address?";

/// The part of the metadata that an API uses.
#[derive(Debug)]
pub(super) struct TokenMetadata {
    /// As the issuer writes it, which is how tokens must name it.
    pub(super) issuer: String,
    pub(super) jwks_uri: Url,
    /// What is wrong with it matters to those alone who introspect.
    pub(super) introspection_endpoint: Result<Option<Url>, String>,
    pub(super) client_auth: Listed,
}

impl TokenMetadata {
    pub(super) fn read(issuer: &str, urls: &Urls<'_>) -> Result<Self, String> {
        let document = urls.document;
        let listed = |of_introspection, of_token| {
            names(document, of_introspection).or_else(|| names(document, of_token))
        };
        Ok(Self {
            issuer: issuer.to_owned(),
            jwks_uri: urls.required("jwks_uri")?,
            introspection_endpoint: urls.optional("introspection_endpoint"),
            // RFC 8414 §2 has lists for the one endpoint and for the other; most issuers write one.
            client_auth: Listed {
                issuer: issuer.to_owned(),
                methods: listed(
                    "introspection_endpoint_auth_methods_supported",
                    "token_endpoint_auth_methods_supported",
                ),
                algorithms: listed(
                    "introspection_endpoint_auth_signing_alg_values_supported",
                    "token_endpoint_auth_signing_alg_values_supported",
                ),
            },
        })
    }
}

/// Fetches the metadata of an issuer and makes sure that it is the one that is meant. `address` is where it stands,
/// `is_named` says whether a name is the issuer's.
pub(super) async fn fetch(
    http: &Outgoing,
    address: &str,
    allows_http: bool,
    is_named: impl Fn(&str) -> bool,
) -> Result<TokenMetadata, Error> {
    let document = document(http, address).await?;
    let malformed = |reason: String| Error::malformed(ENDPOINT, reason);
    let issuer = json::required_text(&document, "issuer").map_err(malformed)?;
    if !is_named(issuer) {
        return Err(Error::IssuerMismatch {
            expected: address.to_owned(),
            found: printable(issuer, 200),
        });
    }
    let urls = Urls {
        document: &document,
        allows_http,
    };
    let metadata = TokenMetadata::read(issuer, &urls).map_err(malformed)?;
    tracing::debug!(name: "monocloud.metadata.fetched", issuer, "fetched the metadata of an issuer of access tokens");
    Ok(metadata)
}

/// Where OpenID providers have it, else where authorization servers have it that are none (RFC 8414 §3 and §5).
async fn document(http: &Outgoing, address: &str) -> Result<Map<String, Value>, Error> {
    let address = address.trim_end_matches('/');
    let of_provider = format!("{address}/.well-known/openid-configuration");
    match endpoint::document(http, ENDPOINT, &of_provider, "issuer", ADVICE).await {
        Err(error @ Error::MalformedAnswer { .. }) => {
            let of_server = well_known(address);
            let found = endpoint::document(http, ENDPOINT, &of_server, "issuer", ADVICE).await;
            found.map_err(|other| match other {
                Error::MalformedAnswer { .. } => error,
                other => other,
            })
        }
        found => found,
    }
}

/// Between the host and the path.
fn well_known(address: &str) -> String {
    const SUFFIX: &str = "/.well-known/oauth-authorization-server";
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    let path = address[after_scheme..]
        .find('/')
        .map_or(address.len(), |at| after_scheme + at);
    let (origin, path) = address.split_at(path);
    format!("{origin}{SUFFIX}{path}")
}

#[cfg(test)]
mod tests {
    use super::well_known;

    /// The examples of RFC 8414 §3.1.
    #[test]
    fn the_well_known_part_stands_between_host_and_path() {
        assert_eq!(
            well_known("https://example.com"),
            "https://example.com/.well-known/oauth-authorization-server"
        );
        assert_eq!(
            well_known("https://example.com/issuer1"),
            "https://example.com/.well-known/oauth-authorization-server/issuer1"
        );
        assert_eq!(
            well_known("http://127.0.0.1:9/a/b"),
            "http://127.0.0.1:9/.well-known/oauth-authorization-server/a/b"
        );
    }
}
