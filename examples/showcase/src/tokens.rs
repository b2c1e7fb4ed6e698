//! The session's tokens as JSON: something to look at while one develops, and nothing that a site should serve.

use std::net::IpAddr;

use axum::Json;
use axum::extract::{FromRequest as _, Request};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get};
use monocloud_runtime::tokens::{TokenRequest, Tokens};
use monocloud_runtime::{Auth, Error, MonoCloud};
use serde_json::{Value, json};

use crate::asked::{Asked, AskedByPost};
use crate::failed::Failed;

/// They are shown to whoever sits at this machine alone.
pub(crate) fn routes(auth: &MonoCloud) -> MethodRouter {
    let host = auth.app_url().host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    if host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        get(read).post(renew).delete(revoke)
    } else {
        any(refused)
    }
}

async fn refused() -> Failed {
    Failed::new(
        StatusCode::FORBIDDEN,
        "not_local",
        "tokens are shown only where the app URL is on this machine",
    )
}

async fn read(auth: Auth, asked: Asked) -> Result<Response, Failed> {
    answer(&auth, asked.into_request()).await
}

/// The same, and the renewals that a link could not ask for.
async fn renew(auth: Auth, request: Request) -> Result<Response, Failed> {
    // Nobody's body is read.
    if !auth.is_authenticated().await {
        return Err(Error::NoSession.into());
    }
    let asked = AskedByPost::from_request(request, &()).await?;
    answer(&auth, asked.into_request()).await
}

/// Takes them back at the issuer; the session goes on without.
async fn revoke(auth: Auth) -> Result<StatusCode, Failed> {
    auth.revoke_tokens().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn answer(auth: &Auth, request: TokenRequest) -> Result<Response, Failed> {
    let tokens = auth.tokens(request).await?;
    let no_store = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(([no_store], Json(shown(&tokens))).into_response())
}

/// All but the refresh token, which is worth as much as the sign-in.
fn shown(tokens: &Tokens) -> Value {
    let joined = |words: Vec<&str>| (!words.is_empty()).then(|| words.join(" "));
    json!({
        "accessToken": tokens.access_token(),
        "idToken": tokens.id_token(),
        "hasRefreshToken": tokens.refresh_token().is_some(),
        "scopes": joined(tokens.scopes().collect()),
        "resource": joined(tokens.resource().collect()),
        "accessTokenExpiration": tokens.expires_at(),
        "isExpired": tokens.is_expired(),
    })
}
