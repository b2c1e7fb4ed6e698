//! The session's tokens as JSON: something to look at while one develops, and nothing that a site should serve.

use std::net::IpAddr;

use axum::extract::{FromRequest, Query, Request};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get};
use axum::{Form, Json};
use monocloud_runtime::tokens::{TokenRequest, Tokens};
use monocloud_runtime::{Auth, MonoCloud};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failed::Failed;

/// They are shown to whoever sits at this machine alone.
pub(crate) fn routes(auth: &MonoCloud) -> MethodRouter {
    let host = auth.app_url().host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    if host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        get(read).post(renew)
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

/// Which token, as the query says.
async fn read(auth: Auth, Query(asked): Query<Asked>) -> Result<Response, Failed> {
    answer(&auth, asked.token()).await
}

/// The same, and the renewals that a link could not ask for.
async fn renew(auth: Auth, asked: Asked) -> Result<Response, Failed> {
    let mut request = asked.token();
    if asked.force_refresh {
        request = request.force_refresh();
    }
    if asked.refetch_user_info {
        request = request.refetch_user_info();
    }
    answer(&auth, request).await
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

/// In the query, or in a body of either kind.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    resource: String,
    scopes: String,
    force_refresh: bool,
    refetch_user_info: bool,
}

impl Asked {
    fn token(&self) -> TokenRequest {
        TokenRequest::new().resource(&self.resource).scopes(&self.scopes)
    }

    fn or(self, other: Self) -> Self {
        let first = |text: String, other| if text.is_empty() { other } else { text };
        Self {
            resource: first(self.resource, other.resource),
            scopes: first(self.scopes, other.scopes),
            force_refresh: self.force_refresh || other.force_refresh,
            refetch_user_info: self.refetch_user_info || other.refetch_user_info,
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = Failed;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failed> {
        let Query(query) = Query::<Self>::try_from_uri(request.uri()).map_err(not_understood)?;
        let kind = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        let body = match kind {
            None => Self::default(),
            Some(kind) if kind.starts_with(b"application/x-www-form-urlencoded") => {
                let form = Form::from_request(request, state).await;
                form.map_err(not_understood)?.0
            }
            Some(_) => {
                Json::from_request(request, state)
                    .await
                    .map_err(not_understood)?
                    .0
            }
        };
        Ok(query.or(body))
    }
}

fn not_understood(why: impl std::fmt::Display) -> Failed {
    Failed::new(StatusCode::BAD_REQUEST, "invalid_request", &why.to_string())
}
