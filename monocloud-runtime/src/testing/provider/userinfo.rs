//! The userinfo endpoint (OIDC Core 5.3), which takes the access token in the `Authorization` header only.

use axum::response::Response;
use http::{StatusCode, header};
use serde_json::{Map, Value, json};

use super::core::Core;
use super::faults::Fault;
use super::log::{Endpoint, RecordedRequest};
use super::respond;

pub(super) fn answer(core: &Core, request: &RecordedRequest) -> Response {
    if request.query("access_token").is_some() || request.form("access_token").is_some() {
        let description = "send the access token in the Authorization header only";
        return challenge(StatusCode::BAD_REQUEST, "invalid_request", description);
    }
    let token = request
        .header("authorization")
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let Some(token) = token else {
        // RFC 6750 3.1: without a token there is nothing to say about it.
        let mut response = respond::json(StatusCode::UNAUTHORIZED, &json!({}));
        respond::set(
            &mut response,
            header::WWW_AUTHENTICATE,
            "Bearer realm=\"userinfo\"",
        );
        return response;
    };
    let Some((sub, scopes, claims)) = granted(core, token) else {
        let description = "the access token is not known, expired or revoked";
        return challenge(StatusCode::UNAUTHORIZED, "invalid_token", description);
    };
    if !scopes.iter().any(|scope| scope == "openid") {
        let description = "the access token has no scope openid";
        return challenge(StatusCode::FORBIDDEN, "insufficient_scope", description);
    }
    let faults = core.state().faults.clone();
    let wrong = faults.has(&Fault::UserinfoWrongSub);
    let mut body = Value::Object(claims);
    body["sub"] = json!(if wrong { "someone-else" } else { &sub });
    faults.tamper(Endpoint::Userinfo, &mut body);
    respond::json(StatusCode::OK, &body)
}

/// Whose token it is, its scopes, and the claims that they release.
fn granted(core: &Core, token: &str) -> Option<(String, Vec<String>, Map<String, Value>)> {
    let now = core.now();
    let state = core.state();
    let token = state
        .access_tokens
        .get(token)
        .filter(|token| token.expires > now)?;
    let sub = &state.grants.get(&token.grant)?.session.sub;
    let claims = state.user(sub)?.released(&token.scopes, core.settings.groups);
    Some((sub.clone(), token.scopes.clone(), claims))
}

/// RFC 6750 3.
fn challenge(status: StatusCode, error: &str, description: &str) -> Response {
    let mut response = respond::oauth_error(status, error, description);
    let value = format!("Bearer realm=\"userinfo\", error=\"{error}\", error_description=\"{description}\"");
    respond::set(&mut response, header::WWW_AUTHENTICATE, &value);
    response
}
