//! A client that asks for itself (RFC 6749 4.4).

use super::access_token::{self, Purpose, Subject};
use super::authorization_request;
use super::clients::ProviderClient;
use super::core::Core;
use super::oauth_error::OAuthError;
use super::params::Params;
use super::token_response::Tokens;

/// An access token of the client's own, with those of the scopes asked for that it is registered for, or with all of
/// them. No refresh token comes with it (RFC 6749 4.4.3), and no ID token: nobody has signed in.
pub(super) fn exchange(core: &Core, client: &ProviderClient, form: &Params) -> Result<Tokens, OAuthError> {
    let allowed = client.own_scopes().ok_or_else(|| {
        let description = "the client is not registered for this grant";
        OAuthError::new("unauthorized_client", description)
    })?;
    let audience = authorization_request::targets(form)?;
    let asked = form.list("scope");
    let is_granted = |scope: &&String| asked.is_empty() || asked.contains(scope);
    let scopes: Vec<_> = allowed.iter().filter(is_granted).cloned().collect();
    if scopes.is_empty() && !asked.is_empty() {
        let description = "the client is registered for none of these scopes";
        return Err(OAuthError::new("invalid_scope", description));
    }
    let purpose = Purpose {
        client,
        subject: Subject::Client,
        grant_id: None,
        scopes: &scopes,
        audience: &audience,
    };
    Ok(Tokens {
        access_token: access_token::issue(core, &purpose),
        refresh_token: None,
        scopes,
        given: None,
    })
}
