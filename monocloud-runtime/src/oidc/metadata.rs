//! The issuer's metadata (OIDC Discovery 1.0, RFC 8414).
//!
//! Only what this client uses may fail it; any other member may be absent or hold anything.

use std::sync::Arc;

use openidconnect::IssuerUrl;
use serde_json::{Map, Value};
use url::Url;

use super::client_auth::Listed;
use super::endpoint;
use super::metadata_members::{Urls, names};
use super::token_metadata::TokenMetadata;
use crate::config::Settings;
use crate::error::{Error, printable};
use crate::http_client::Outgoing;
use crate::json;

const ENDPOINT: &str = "the issuer's metadata";
const ADVICE: &str = "is MONOCLOUD_AUTH_TENANT_DOMAIN the issuer's address?";

/// What this client needs of the metadata.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// As the issuer writes it, which is how ID tokens must name it.
    pub(crate) issuer: IssuerUrl,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(super) pushed_authorization: PushedAuthorization,
    pub(crate) userinfo_endpoint: Option<Url>,
    pub(crate) end_session_endpoint: Option<Url>,
    pub(super) revocation_endpoint: Option<Url>,
    pub(crate) jwks_uri: Url,
    /// RFC 9207 §3: the authorization response must have `iss`.
    pub(crate) response_iss: bool,
    pub(super) client_auth: Listed,
    /// What `prompt` may ask for, where the issuer says so.
    prompt_values: Option<Vec<String>>,
    /// What is needed to check access tokens of the same issuer.
    pub(super) of_tokens: Arc<TokenMetadata>,
}

/// Whether sign-ins are pushed to the issuer (RFC 9126 §5).
#[derive(Debug)]
pub(super) enum PushedAuthorization {
    No,
    To(Url),
    /// They must be, and there is no place for it.
    Nowhere,
}

impl Metadata {
    /// Whether the issuer says that it knows this `prompt`.
    pub(crate) fn knows_prompt(&self, prompt: &str) -> bool {
        self.prompt_values
            .as_ref()
            .is_some_and(|values| values.iter().any(|value| value == prompt))
    }
}

/// Fetches the metadata and makes sure that it is the configured issuer's (OIDC Discovery 4.3).
pub(super) async fn fetch(http: &Outgoing, settings: &Settings) -> Result<Metadata, Error> {
    let url = format!(
        "{}/.well-known/openid-configuration",
        settings.issuer.tenant_domain.as_str()
    );
    let document = endpoint::document(http, ENDPOINT, &url, "issuer", ADVICE).await?;
    let metadata = read(&document, settings)?;
    tracing::debug!(name: "monocloud.metadata.fetched", issuer = metadata.issuer.as_str(), "fetched the issuer's metadata");
    Ok(metadata)
}

fn read(document: &Map<String, Value>, settings: &Settings) -> Result<Metadata, Error> {
    let malformed = |reason: String| Error::malformed(ENDPOINT, reason);
    let issuer = json::required_text(document, "issuer").map_err(malformed)?;
    check_issuer(issuer, settings)?;
    let urls = Urls {
        document,
        allows_http: settings.issuer.tenant_domain.allows_http(),
    };
    // An endpoint that these settings never call is not looked at.
    let used = |name, is_used: bool| match urls.optional(name) {
        Err(_) if !is_used => Ok(None),
        url => url,
    };
    let fetches_user_info = settings.claims.fetch_user_info || settings.claims.refetch_user_info;
    let read = || -> Result<Metadata, String> {
        Ok(Metadata {
            issuer: IssuerUrl::new(issuer.to_owned()).map_err(|_| "`issuer` is not a URL")?,
            authorization_endpoint: urls.required("authorization_endpoint")?,
            token_endpoint: urls.required("token_endpoint")?,
            pushed_authorization: pushed_authorization(&urls, settings.client_auth.use_par)?,
            userinfo_endpoint: used("userinfo_endpoint", fetches_user_info)?,
            end_session_endpoint: used("end_session_endpoint", settings.sign_out.federated_sign_out)?,
            revocation_endpoint: used("revocation_endpoint", settings.sign_out.revoke_on_sign_out)?,
            jwks_uri: urls.required("jwks_uri")?,
            response_iss: flag(document, "authorization_response_iss_parameter_supported")?,
            client_auth: Listed {
                issuer: issuer.to_owned(),
                methods: names(document, "token_endpoint_auth_methods_supported"),
                algorithms: names(document, "token_endpoint_auth_signing_alg_values_supported"),
            },
            prompt_values: names(document, "prompt_values_supported"),
            of_tokens: Arc::new(TokenMetadata::read(issuer, &urls)?),
        })
    };
    read().map_err(malformed)
}

fn check_issuer(found: &str, settings: &Settings) -> Result<(), Error> {
    const MAX_ISSUER: usize = 200;
    if settings.issuer.tenant_domain.names(found) {
        return Ok(());
    }
    let found = printable(found, MAX_ISSUER);
    // Such as Microsoft Entra's `common`: no token is issued by a template.
    if found.contains(['{', '}']) {
        return Err(Error::MultiTenantIssuer { template: found });
    }
    Err(Error::IssuerMismatch {
        expected: settings.issuer.tenant_domain.as_str().to_owned(),
        found,
    })
}

/// An issuer that requires it would refuse the sign-in otherwise, so that a `true` in quotes counts as well.
fn pushed_authorization(urls: &Urls<'_>, configured: bool) -> Result<PushedAuthorization, String> {
    let required = match json::member(urls.document, "require_pushed_authorization_requests") {
        Some(Value::Bool(required)) => *required,
        Some(Value::String(required)) => required.eq_ignore_ascii_case("true"),
        _ => false,
    };
    if !configured && !required {
        return Ok(PushedAuthorization::No);
    }
    let endpoint = urls.optional("pushed_authorization_request_endpoint")?;
    Ok(endpoint.map_or(PushedAuthorization::Nowhere, PushedAuthorization::To))
}

/// What decides about a check must not be guessed.
fn flag(document: &Map<String, Value>, name: &str) -> Result<bool, String> {
    match json::member(document, name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(json::mistyped(name, other, "true or false")),
    }
}
