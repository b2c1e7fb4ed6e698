//! Pushed authorization requests (RFC 9126): who is to sign in, and for what, is said to the provider itself, and the
//! browser brings a reference to it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::authorization_request::AuthorizationRequest;
use super::client_auth::ClientRequest;
use super::core::Core;
use super::destination::destination;
use super::log::Endpoint;
use super::memory::{PUSHED_LIFETIME, PUSHED_URN};
use super::oauth_error::OAuthError;
use super::params::Params;
use super::respond;

/// What authenticates the client, and is no part of the request.
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// The endpoint: takes an authorization request that would be good at the authorization endpoint.
pub(super) async fn answer(
    State(core): State<Arc<Core>>,
    ClientRequest { client, mut form }: ClientRequest,
) -> Result<Response, OAuthError> {
    if form.value("request_uri").is_some() {
        return Err(OAuthError::invalid_request(
            "request_uri is what this endpoint gives",
        ));
    }
    form.0.retain(|(name, _)| !CREDENTIALS.contains(&name.as_str()));
    if form.value("client_id") != Some(client.id()) {
        return Err(OAuthError::invalid_request(
            "client_id is not the client that authenticates",
        ));
    }
    let to = destination(&core, &form).map_err(OAuthError::invalid_request)?;
    AuthorizationRequest::parse(&form, to, core.settings.requires.pkce)?;
    let request_uri = core.memory().push(client.id(), form, core.now());
    let mut body = json!({ "request_uri": request_uri, "expires_in": PUSHED_LIFETIME });
    core.memory()
        .faults
        .clone()
        .tamper(Endpoint::PushedAuthorization, &mut body);
    Ok(respond::json(StatusCode::CREATED, &body))
}

/// The `request_uri` of a request, where it is of the kind that is given here.
pub(super) fn reference(params: &Params) -> Option<&str> {
    params
        .value("request_uri")
        .filter(|request_uri| request_uri.starts_with(PUSHED_URN))
}

/// The parameters of a request at the authorization endpoint: those that were pushed, else its own.
pub(super) fn resolve(core: &Core, params: Params) -> Result<Params, String> {
    let Some(request_uri) = reference(&params) else {
        return Ok(params);
    };
    let alone = |(name, _): &(String, String)| matches!(name.as_str(), "client_id" | "request_uri");
    if params.repeated().is_some() || !params.0.iter().all(alone) {
        return Err("A request_uri stands with client_id alone.".into());
    }
    let client_id = params.value("client_id").ok_or("The request has no client_id.")?;
    core.memory()
        .pushed(client_id, request_uri, core.now())
        .ok_or_else(|| "The request_uri is not known, has expired, was used, or is another client's.".into())
}
