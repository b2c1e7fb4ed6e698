//! The userinfo endpoint (OIDC Core 5.3), which takes the access token in the `Authorization` header only.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};

use super::core::Core;
use super::faults::Fault;
use super::log::Endpoint;
use super::oauth_error::OAuthError;
use super::params::Params;
use super::respond;

pub(super) async fn answer(
    State(core): State<Arc<Core>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    // A POST without a form is as good as one with an empty form.
    form: Result<Params, Response>,
) -> Response {
    let query = Params::parse(query.unwrap_or_default().as_bytes());
    let mut elsewhere = [query, form.unwrap_or_default()].into_iter();
    if elsewhere.any(|params| params.value("access_token").is_some()) {
        let description = "send the access token in the Authorization header only";
        return challenge(OAuthError::invalid_request(description));
    }
    let Some(token) = bearer(&headers) else {
        // RFC 6750 3.1: without a token there is nothing to say about it.
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"userinfo\"")];
        return (challenge, respond::json(StatusCode::UNAUTHORIZED, &json!({}))).into_response();
    };
    let Some((sub, scopes, claims)) = granted(&core, token) else {
        let description = "the access token is not known, expired or revoked";
        let error = OAuthError::new("invalid_token", description);
        return challenge(error.with_status(StatusCode::UNAUTHORIZED));
    };
    if !scopes.iter().any(|scope| scope == "openid") {
        let error = OAuthError::new("insufficient_scope", "the access token has no scope openid");
        return challenge(error.with_status(StatusCode::FORBIDDEN));
    }
    let faults = core.memory().faults.clone();
    let wrong = faults.has(&Fault::UserinfoWrongSub);
    let mut body = Value::Object(claims);
    body["sub"] = json!(if wrong { "someone-else" } else { &sub });
    faults.tamper(Endpoint::Userinfo, &mut body);
    respond::json(StatusCode::OK, &body)
}

/// The access token of the `Authorization` header (RFC 6750 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whose token it is, its scopes, and the claims that they release.
fn granted(core: &Core, token: &str) -> Option<(String, Vec<String>, Map<String, Value>)> {
    let now = core.now();
    let memory = core.memory();
    let token = memory
        .access_tokens
        .get(token)
        .filter(|token| token.expires > now)?;
    let sub = &memory.grants.get(&token.grant)?.session.sub;
    let claims = memory.user(sub)?.released(&token.scopes, core.settings.groups);
    Some((sub.clone(), token.scopes.clone(), claims))
}

/// RFC 6750 3.
fn challenge(error: OAuthError) -> Response {
    let value = format!(
        "Bearer realm=\"userinfo\", error=\"{}\", error_description=\"{}\"",
        error.error, error.description
    );
    ([(header::WWW_AUTHENTICATE, value)], error).into_response()
}
