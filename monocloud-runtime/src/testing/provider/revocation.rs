//! The revocation endpoint (RFC 7009).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};

use super::client_auth::ClientRequest;
use super::core::Core;
use super::oauth_error::OAuthError;

/// A refresh token goes with everything that came of its grant, an access token alone. What is not known is revoked
/// already (RFC 7009 2.2).
pub(super) async fn answer(
    State(core): State<Arc<Core>>,
    ClientRequest { client, form }: ClientRequest,
) -> Result<Response, OAuthError> {
    if let Some(name) = form.repeated() {
        let description = format!("the parameter {name} is there twice");
        return Err(OAuthError::invalid_request(description));
    }
    let Some(token) = form.value("token") else {
        return Err(OAuthError::invalid_request("token is missing"));
    };
    let mut guard = core.memory();
    let memory = &mut *guard;
    let refresh = memory.refresh_tokens.get(token).map(|found| found.grant.clone());
    let owner = match &refresh {
        Some(grant) => memory.grants.get(grant).map(|grant| &grant.client_id),
        None => memory.access_tokens.get(token).map(|found| &found.client_id),
    };
    if owner.is_some_and(|owner| owner != client.id()) {
        // RFC 7009 2.1: a token of another client is refused.
        return Err(OAuthError::invalid_grant("the token is another client's"));
    }
    memory.revoke_token(token);
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response())
}
