//! Who calls the token endpoint (RFC 6749 2.3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header;
use url::form_urlencoded;

use super::clients::{ClientAuth, ProviderClient};
use super::core::Core;
use super::encoding::same_secret;
use super::log::RecordedRequest;
use super::refused::Refused;

/// The client, when it has proved who it is in the way that is registered for it, and in no other.
pub(super) fn client(core: &Core, request: &RecordedRequest) -> Result<ProviderClient, Refused> {
    let form = &request.form;
    let invalid = |description| Refused::new("invalid_client", description);
    let (method, id, secret) = match (basic(request)?, form.get("client_secret")) {
        (Some(_), Some(_)) => {
            let description = "the client authenticates in two ways at once";
            return Err(Refused::new("invalid_request", description));
        }
        (Some((id, secret)), None) => {
            if form.get("client_id").is_some_and(|named| named != id) {
                return Err(Refused::new("invalid_request", "client_id is another client"));
            }
            (ClientAuth::SecretBasic, id, secret)
        }
        (None, Some(secret)) => {
            let id = form.get("client_id").ok_or(invalid("client_id is missing"))?;
            (ClientAuth::SecretPost, id.into(), secret.into())
        }
        (None, None) => return Err(invalid("the client does not authenticate")),
    };
    let client = core
        .state()
        .client(&id)
        .cloned()
        .ok_or(invalid("the client is not known"))?;
    if client.auth() != method {
        return Err(invalid(
            "the client is registered with another authentication method",
        ));
    }
    if !same_secret(client.secret(), &secret) {
        return Err(invalid("the client secret is wrong"));
    }
    Ok(client)
}

/// Id and secret of an `Authorization: Basic` header, which carries them form-encoded (RFC 6749 2.3.1).
fn basic(request: &RecordedRequest) -> Result<Option<(String, String)>, Refused> {
    let Some(value) = request.headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let credentials = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
        .and_then(|decoded| String::from_utf8(decoded).ok());
    let pair = credentials.as_deref().and_then(|text| text.split_once(':'));
    let Some((id, secret)) = pair else {
        return Err(Refused::new(
            "invalid_client",
            "the Authorization header cannot be read",
        ));
    };
    Ok(Some((form_decode(id), form_decode(secret))))
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
