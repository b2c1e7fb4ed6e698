//! The token endpoint (RFC 6749 3.2): exchanges codes, refresh tokens and a client's own credentials.

use std::sync::Arc;

use aws_lc_rs::digest;
use axum::extract::State;
use axum::response::Response;

use super::access_token::{self, Purpose};
use super::client_auth::ClientRequest;
use super::client_credentials;
use super::clients::ProviderClient;
use super::core::Core;
use super::encoding::{b64, random_id, same_secret};
use super::memory::{Code, Grant};
use super::oauth_error::OAuthError;
use super::params::Params;
use super::token_response::Tokens;

pub(super) async fn answer(
    State(core): State<Arc<Core>>,
    ClientRequest { client, form }: ClientRequest,
) -> Result<Response, OAuthError> {
    if let Some(name) = form.repeated() {
        let description = format!("the parameter {name} is there twice");
        return Err(OAuthError::invalid_request(description));
    }
    let tokens = match form.value("grant_type") {
        Some("authorization_code") => exchange_code(&core, &client, &form),
        Some("refresh_token") => refresh(&core, &client, &form),
        Some("client_credentials") => client_credentials::exchange(&core, &client, &form),
        Some(_) => Err(OAuthError::new(
            "unsupported_grant_type",
            "this grant type is not known",
        )),
        None => Err(OAuthError::invalid_request("grant_type is missing")),
    }?;
    Ok(tokens.into_response(&core, &client))
}

fn exchange_code(core: &Core, client: &ProviderClient, form: &Params) -> Result<Tokens, OAuthError> {
    let presented = form
        .value("code")
        .ok_or_else(|| OAuthError::invalid_request("code is missing"))?;
    let now = core.now();
    let mut guard = core.memory();
    let memory = &mut *guard;
    let found = memory
        .codes
        .get_mut(presented)
        .filter(|found| found.request.destination.client_id == client.id())
        .ok_or_else(|| OAuthError::invalid_grant("the code is not known"))?;
    if let Some(grant) = &found.used_for {
        // RFC 6749 4.1.2: whoever comes second, one of the two stole it.
        let grant = grant.clone();
        memory.revoke(&grant);
        return Err(OAuthError::invalid_grant("the code was used before"));
    }
    // Whatever is wrong with the request, the code has had its one try.
    let grant_id = random_id(16);
    found.used_for = Some(grant_id.clone());
    check_code(found, form, now)?;

    let scopes = found.request.scopes.clone();
    let nonce = found.request.nonce.clone();
    let acr = found.session.acr.clone();
    let grant = Grant {
        client_id: client.id().into(),
        scopes: scopes.clone(),
        resources: found.request.resources.clone(),
        audience: found.request.audience.clone(),
        acr: acr.filter(|acr| found.request.acr_values.contains(acr)),
        session: found.session.clone(),
    };
    let audience = audience(&grant, form)?;
    memory.grants.insert(grant_id.clone(), grant.clone());
    memory.note_participant(&grant);
    let offline = scopes.iter().any(|scope| scope == "offline_access");
    let refresh_token = offline.then(|| memory.add_refresh_token(&grant_id, now));
    drop(guard);
    let purpose = Purpose {
        client,
        subject: (&grant).into(),
        grant_id: Some(&grant_id),
        scopes: &scopes,
        audience: &audience,
    };
    Ok(Tokens {
        access_token: access_token::issue(core, &purpose),
        refresh_token,
        scopes,
        given: Some((grant, nonce)),
    })
}

/// What the access token is for (RFC 8707 2.2): what the request names, else the `audience` of the sign-in.
fn audience(grant: &Grant, form: &Params) -> Result<Vec<String>, OAuthError> {
    let asked = form.targets();
    if asked.is_empty() {
        return Ok(grant.audience.iter().cloned().collect());
    }
    if asked.iter().all(|target| grant.resources.contains(target)) {
        return Ok(asked);
    }
    let description = "the sign-in did not name this resource";
    Err(OAuthError::new("invalid_target", description))
}

fn check_code(code: &Code, form: &Params, now: i64) -> Result<(), OAuthError> {
    if code.expires <= now {
        return Err(OAuthError::invalid_grant("the code has expired"));
    }
    if form.value("redirect_uri") != Some(&code.request.destination.redirect_uri) {
        return Err(OAuthError::invalid_grant(
            "redirect_uri is not the one that the code was sent to",
        ));
    }
    match (&code.request.code_challenge, form.value("code_verifier")) {
        (None, None) => Ok(()),
        // A verifier without a challenge: someone took the challenge away (RFC 9700 4.8).
        (None, Some(_)) => Err(OAuthError::invalid_grant(
            "the sign-in began without a code_challenge",
        )),
        (Some(_), None) => Err(OAuthError::invalid_grant("code_verifier is missing")),
        (Some(challenge), Some(verifier)) => {
            let hash = b64::encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
            if is_verifier(verifier) && same_secret(challenge, &hash) {
                Ok(())
            } else {
                Err(OAuthError::invalid_grant("code_verifier does not match"))
            }
        }
    }
}

/// RFC 7636 4.1.
fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

/// RFC 6749 6 with rotation; a token that comes back ends the family (RFC 9700 4.14.2).
fn refresh(core: &Core, client: &ProviderClient, form: &Params) -> Result<Tokens, OAuthError> {
    let token = form
        .value("refresh_token")
        .ok_or_else(|| OAuthError::invalid_request("refresh_token is missing"))?;
    let now = core.now();
    let mut guard = core.memory();
    let memory = &mut *guard;
    let unknown = || OAuthError::invalid_grant("the refresh token is not known, expired or revoked");
    let found = memory.refresh_tokens.get_mut(token).ok_or_else(unknown)?;
    let grant_id = found.grant.clone();
    let grant = memory.grants.get(&grant_id).cloned().ok_or_else(unknown)?;
    if grant.client_id != client.id() || found.expires <= now {
        return Err(unknown());
    }
    if found.used {
        memory.revoke(&grant_id);
        return Err(OAuthError::invalid_grant(
            "the refresh token was used before; its family is revoked",
        ));
    }
    let asked = form.list("scope");
    if asked.iter().any(|scope| !grant.scopes.contains(scope)) {
        return Err(OAuthError::new("invalid_scope", "this scope was not granted"));
    }
    let audience = audience(&grant, form)?;
    found.used = true;
    let refresh_token = Some(memory.add_refresh_token(&grant_id, now));
    drop(guard);
    let scopes = if asked.is_empty() {
        grant.scopes.clone()
    } else {
        asked
    };
    let purpose = Purpose {
        client,
        subject: (&grant).into(),
        grant_id: Some(&grant_id),
        scopes: &scopes,
        audience: &audience,
    };
    Ok(Tokens {
        access_token: access_token::issue(core, &purpose),
        refresh_token,
        scopes,
        // OIDC Core 12.2: a refreshed ID token has no nonce.
        given: Some((grant, None)),
    })
}
