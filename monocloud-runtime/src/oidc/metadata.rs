//! The issuer's metadata (OIDC Discovery 1.0).

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, IssuerUrl, ProviderMetadata};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::TenantDomain;
use crate::error::{Error, printable};
use crate::http_client::Outgoing;

const ENDPOINT: &str = "the issuer's metadata";

/// What this client needs of the metadata.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// As the issuer writes it, which is how ID tokens must name it.
    pub(crate) issuer: IssuerUrl,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) userinfo_endpoint: Option<Url>,
    pub(crate) end_session_endpoint: Option<Url>,
    pub(crate) jwks_uri: Url,
    /// RFC 9207 §3: the authorization response must have `iss`.
    pub(crate) response_iss: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Additional {
    end_session_endpoint: Option<Url>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Additional {}

type Document = ProviderMetadata<
    Additional,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Fetches the metadata and makes sure that it is the configured issuer's (OIDC Discovery 4.3).
pub(super) async fn fetch(http: &Outgoing, domain: &TenantDomain) -> Result<Metadata, Error> {
    let url = format!("{}/.well-known/openid-configuration", domain.as_str());
    let document: Document = http.get_json(ENDPOINT, &url, None).await?;
    if !domain.names(document.issuer()) {
        return Err(Error::IssuerMismatch {
            expected: domain.as_str().to_owned(),
            found: printable(document.issuer()),
        });
    }
    let https = |url: &Url| -> Result<Url, Error> {
        match url.scheme() {
            "https" => Ok(url.clone()),
            "http" if domain.allows_http() => Ok(url.clone()),
            _ => Err(Error::malformed(
                ENDPOINT,
                format!("`{}` is not https", printable(url.as_str())),
            )),
        }
    };
    let additional = document.additional_metadata();
    let token_endpoint = document
        .token_endpoint()
        .ok_or_else(|| Error::malformed(ENDPOINT, "it has no token_endpoint"))?;
    tracing::debug!(name: "monocloud.metadata.fetched", issuer = document.issuer().as_str(), "fetched the issuer's metadata");
    Ok(Metadata {
        authorization_endpoint: https(document.authorization_endpoint().url())?,
        token_endpoint: https(token_endpoint.url())?,
        userinfo_endpoint: document
            .userinfo_endpoint()
            .map(|url| https(url.url()))
            .transpose()?,
        end_session_endpoint: additional.end_session_endpoint.as_ref().map(https).transpose()?,
        jwks_uri: https(document.jwks_uri().url())?,
        response_iss: additional.authorization_response_iss_parameter_supported,
        issuer: document.issuer().clone(),
    })
}
