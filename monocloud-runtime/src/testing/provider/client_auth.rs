//! Who calls an endpoint that clients authenticate at (RFC 6749 2.3).

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use url::form_urlencoded;

use super::client_assertion;
use super::clients::{ClientAuth, ProviderClient};
use super::core::Core;
use super::encoding::same_secret;
use super::oauth_error::OAuthError;
use super::params::Params;

/// A POST of a client that has proved who it is, in the way that is registered for it and in no other.
pub(super) struct ClientRequest {
    pub(super) client: ProviderClient,
    pub(super) form: Params,
}

impl FromRequest<Arc<Core>> for ClientRequest {
    type Rejection = Response;

    async fn from_request(request: Request, core: &Arc<Core>) -> Result<Self, Response> {
        let header = request.headers().get(header::AUTHORIZATION).cloned();
        let form = Params::from_request(request, core).await?;
        match client(core, header.as_ref(), &form) {
            Ok(client) => Ok(Self { client, form }),
            // RFC 6749 5.2: a challenge for who came with an `Authorization` header.
            Err(error) if error.status() == StatusCode::UNAUTHORIZED && header.is_some() => {
                let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"token\"")];
                Err((challenge, error).into_response())
            }
            Err(error) => Err(error.into_response()),
        }
    }
}

fn client(core: &Core, header: Option<&HeaderValue>, form: &Params) -> Result<ProviderClient, OAuthError> {
    let basic = header.map(basic).transpose()?;
    let secret = form.value("client_secret");
    let assertion = form.value("client_assertion");
    let (method, id, secret) = match (basic, secret, assertion) {
        (Some((id, secret)), None, None) => {
            if form.value("client_id").is_some_and(|named| named != id) {
                return Err(OAuthError::invalid_request("client_id is another client"));
            }
            (ClientAuth::SecretBasic, id, secret)
        }
        (None, Some(secret), None) => {
            let id = form.value("client_id");
            let id = id.ok_or_else(|| OAuthError::invalid_client("client_id is missing"))?;
            (ClientAuth::SecretPost, id.into(), secret.into())
        }
        (None, None, Some(assertion)) => return client_assertion::client(core, form, assertion),
        (None, None, None) => return Err(OAuthError::invalid_client("the client does not authenticate")),
        _ => {
            let description = "the client authenticates in two ways at once";
            return Err(OAuthError::invalid_request(description));
        }
    };
    let client = core.memory().client(&id).cloned();
    let client = client.ok_or_else(|| OAuthError::invalid_client("the client is not known"))?;
    if client.auth(core.settings.default_auth_method()) != method {
        let description = "the client is registered with another authentication method";
        return Err(OAuthError::invalid_client(description));
    }
    if !same_secret(client.secret(), &secret) {
        return Err(OAuthError::invalid_client("the client secret is wrong"));
    }
    Ok(client)
}

/// Id and secret of an `Authorization: Basic` header, which carries them form-encoded (RFC 6749 2.3.1).
fn basic(header: &HeaderValue) -> Result<(String, String), OAuthError> {
    let credentials = header
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
        .and_then(|decoded| String::from_utf8(decoded).ok());
    let pair = credentials.as_deref().and_then(|text| text.split_once(':'));
    let unreadable = || OAuthError::invalid_client("the Authorization header cannot be read");
    let (id, secret) = pair.ok_or_else(unreadable)?;
    Ok((form_decode(id), form_decode(secret)))
}

fn form_decode(text: &str) -> String {
    // As the name of a parameter without a value, with what separates parameters kept as it is.
    let protected = text.replace('&', "%26").replace('=', "%3D");
    let mut pairs = form_urlencoded::parse(protected.as_bytes());
    pairs
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}
