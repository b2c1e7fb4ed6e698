//! Where the answer to an authorization request may go.

use url::Url;

use super::authorization_request::Destination;
use super::core::Core;
use super::params::Params;

/// The client and its redirect URI. Until both are known the browser is sent nowhere (RFC 6749 4.1.2.1).
pub(super) fn destination(core: &Core, params: &Params) -> Result<Destination, String> {
    let client_id = params.value("client_id").ok_or("The request has no client_id.")?;
    let memory = core.memory();
    let client = memory
        .client(client_id)
        .ok_or_else(|| format!("No client with the id “{client_id}” is registered."))?;
    let uri = params
        .value("redirect_uri")
        .ok_or("The request has no redirect_uri.")?;
    if Url::parse(uri).is_err() || !client.may_redirect_to(uri) {
        return Err(format!(
            "The redirect URI {uri} is not registered for the client “{client_id}”. Register exactly this \
             string with `ProviderClient::redirect_uri`, or register none, which allows every loopback URI."
        ));
    }
    if let Some(name @ ("client_id" | "redirect_uri")) = params.repeated() {
        return Err(format!("The parameter {name} is in the request twice."));
    }
    Ok(Destination {
        client_id: client_id.into(),
        redirect_uri: uri.into(),
        form_post: params.value("response_mode") == Some("form_post"),
        state: params.owned("state"),
    })
}
