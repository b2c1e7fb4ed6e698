//! From a refresh token to the next generation of a session's tokens (RFC 6749 §6, OIDC Core 12).

use std::sync::Arc;

use serde_json::Map;

use crate::client::MonoCloud;
use crate::error::{Error, printable};
use crate::event::Event;
use crate::oidc::{FirstIdToken, RefreshGrant, TokenResponse};
use crate::session::{AccessToken, Failure, Generation, Renewed, Session, Target, TokenSet};

/// Errors of a client that is not known or may not do this (RFC 6749 §5.2): no token was looked at.
const OF_THE_CLIENT: [&str; 3] = ["invalid_client", "unauthorized_client", "unsupported_grant_type"];

/// Sends the session's refresh token, once.
pub(super) async fn renew(
    client: MonoCloud,
    session: Session,
    target: Option<Target>,
) -> Result<Renewed, Failure> {
    let outcome = exchange(&client, &session, target.as_ref()).await;
    let (events, sub) = (client.events(), session.user().sub());
    match &outcome {
        Ok(_) => events.emit(&Event::Refreshed { sub }),
        Err(Failure::Away(Error::NoSession)) => {}
        Err(
            Failure::Away(error)
            | Failure::Unclear(error)
            | Failure::Refused(error)
            | Failure::Spent(error, _)
            | Failure::Ended(error),
        ) => {
            let code = error.code();
            tracing::warn!(
                name: "monocloud.refresh.failed",
                sub = printable(sub, 255),
                code,
                error = %error,
                "the tokens of a session were not refreshed"
            );
            events.emit(&Event::RefreshFailed { sub, code });
        }
    }
    outcome
}

async fn exchange(
    client: &MonoCloud,
    session: &Session,
    target: Option<&Target>,
) -> Result<Renewed, Failure> {
    let issuer = client.issuer();
    let metadata = issuer.metadata().await.map_err(Failure::Away)?;
    // An ID token may come that has to be checked before anything else is believed.
    issuer.prepare_keys().await.map_err(Failure::Away)?;
    // Whoever signed out meanwhile has revoked it, perhaps.
    if client.denials().denies(session.record()) {
        return Err(Failure::Away(Error::NoSession));
    }
    let tokens = session.tokens();
    let default = default_target(client, tokens.default_token());
    let asked = target.unwrap_or(&default);
    let grant = RefreshGrant {
        refresh_token: tokens.refresh_token.as_deref().unwrap_or_default(),
        resource: &asked.resource,
        scopes: target
            .map(|target| &target.scopes)
            .filter(|scopes| !scopes.is_empty()),
    };
    let brought = issuer.refresh(&metadata, grant).await.map_err(failure)?;
    let (mut claims, mut session_expiry) = (Map::new(), None);
    if let Some(id_token) = &brought.id_token {
        let first = FirstIdToken {
            subject: session.user().sub(),
            auth_time: session.record().auth_time(),
            mark: tokens.id_token_mark.as_deref(),
        };
        let validated = issuer
            .validate_refreshed(&metadata, id_token, &brought.access_token, &first)
            .await
            .map_err(|error| Failure::Unclear(unusable(error)))?;
        session_expiry = validated.session_expiry();
        claims = validated.changed_since(tokens.id_token.as_deref());
        let filtered = &client.settings().claims.filtered_id_token_claims;
        claims.retain(|name, _| !filtered.contains(name));
    }
    let tokens = next(client, tokens, asked, target.is_none(), brought);
    Ok(Renewed {
        tokens,
        claims,
        session_expiry,
        number: None,
    })
}

/// What of it the session keeps.
fn next(
    client: &MonoCloud,
    earlier: &TokenSet,
    target: &Target,
    is_default: bool,
    brought: TokenResponse,
) -> TokenSet {
    let now = client.now();
    let held = earlier.find((!is_default).then_some(target));
    // RFC 6749 §6: left out where it is what it was.
    let before = held.and_then(|token| token.granted.clone());
    let before: Option<Vec<String>> =
        before.map(|scopes| scopes.split_ascii_whitespace().map(str::to_owned).collect());
    let granted = brought.scopes.or(before);
    let token = AccessToken::new(
        brought.access_token,
        target,
        granted.as_deref(),
        brought.expires_in,
        now,
    );
    let mut tokens = earlier.clone();
    tokens.put(token, is_default, now);
    tokens.id_token = brought.id_token.or(tokens.id_token);
    tokens.refresh_token = brought.refresh_token.or(tokens.refresh_token);
    tokens
}

/// The session as it will be when all goes well: the new tokens are as long as those before.
pub(super) fn like(client: &MonoCloud, session: &Session, target: Option<&Target>) -> Session {
    let tokens = session.tokens();
    let model = tokens.find(target).or(tokens.default_token());
    let default = default_target(client, tokens.default_token());
    let likely = AccessToken::new(
        model.map(|token| token.value.clone()).unwrap_or_default(),
        target.unwrap_or(&default),
        None,
        Some(3_600),
        client.now(),
    );
    let mut next = tokens.clone();
    next.put(likely, target.is_none(), client.now());
    let mut session = session.clone();
    session.adopt(&Generation {
        number: session.record().generation().saturating_add(1),
        renewed: Arc::new(next.into()),
    });
    session
}

/// What it means for the refresh token that a call about it failed.
pub(super) fn failure(error: Error) -> Failure {
    match &error {
        Error::RefreshRefused(_) => Failure::Refused(error),
        Error::Endpoint { response, .. } if OF_THE_CLIENT.contains(&response.error.as_str()) => {
            Failure::Away(error)
        }
        // Some replace the refresh token before they look at the rest, and do not say so.
        _ => Failure::Unclear(error),
    }
}

/// It is no visitor's fault.
fn unusable(error: Error) -> Error {
    match error {
        Error::InvalidIdToken(reason) => Error::malformed(
            "the token endpoint",
            format!("the ID token of the refresh is not acceptable: {reason}"),
        ),
        other => other,
    }
}

/// What a token without a known target is for.
fn default_target(client: &MonoCloud, held: Option<&AccessToken>) -> Target {
    let params = &client.settings().auth_params;
    held.map_or_else(
        || Target {
            resource: params.resource.clone(),
            scopes: params.scopes.clone(),
        },
        AccessToken::target,
    )
}
