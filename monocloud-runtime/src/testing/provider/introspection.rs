//! The introspection endpoint (RFC 7662), whose answers may be signed (RFC 9701).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::client_auth::ClientRequest;
use super::clients::ProviderClient;
use super::core::Core;
use super::faults::{Fault, Faults};
use super::log::Endpoint;
use super::memory::Memory;
use super::oauth_error::OAuthError;
use super::signing_alg::SigningAlg;
use super::token_faults::IntrospectionFault as Of;
use super::{jwt, respond};

/// RFC 9701 5.
const SIGNED: &str = "application/token-introspection+jwt";

pub(super) async fn answer(
    State(core): State<Arc<Core>>,
    headers: HeaderMap,
    ClientRequest { client, form }: ClientRequest,
) -> Result<Response, OAuthError> {
    if let Some(name) = form.repeated() {
        let description = format!("the parameter {name} is there twice");
        return Err(OAuthError::invalid_request(description));
    }
    let Some(token) = form.value("token") else {
        return Err(OAuthError::invalid_request("token is missing"));
    };
    let (told, faults) = {
        let memory = core.memory();
        (told(&core, &memory, &client, token), memory.faults.clone())
    };
    // RFC 7662 2.2: of what is not active nothing else is said, not even why.
    let mut body = told.map_or_else(|| json!({ "active": false }), Value::Object);
    distort(&faults, &mut body);
    faults.tamper(Endpoint::Introspection, &mut body);
    let alg = client.alg_of_introspection().or_else(|| {
        let asks = headers.get(header::ACCEPT).map(HeaderValue::as_bytes) == Some(SIGNED.as_bytes());
        asks.then(|| client.alg_of_id_token())
    });
    Ok(match alg {
        Some(alg) if !faults.has(&Fault::Introspection(Of::NotSigned)) => {
            let headers = [
                (header::CONTENT_TYPE, SIGNED),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, signed(&core, &faults, alg, &client, &body)).into_response()
        }
        _ => respond::json(StatusCode::OK, &body),
    })
}

/// What this client may hear of a token: of its own, and of those for an API that it is.
fn told(core: &Core, memory: &Memory, client: &ProviderClient, token: &str) -> Option<Map<String, Value>> {
    let now = core.now();
    if let Some(found) = memory.access_token(token, now) {
        let is_theirs = found.client_id == client.id() || client.is_one_of(&found.audience);
        return is_theirs.then(|| {
            let mut told = found.claims.clone();
            told.insert("active".into(), json!(true));
            told.insert("token_type".into(), json!("Bearer"));
            told
        });
    }
    let (found, grant) = memory.refresh_token(token, now)?;
    let told = json!({
        "active": true,
        "iss": core.issuer,
        "sub": grant.session.sub,
        "client_id": grant.client_id,
        "scope": grant.scopes.join(" "),
        "exp": found.expires,
    });
    match told {
        Value::Object(told) if grant.client_id == client.id() => Some(told),
        _ => None,
    }
}

fn distort(faults: &Faults, body: &mut Value) {
    for (fault, active) in [(Of::ActiveIsText, json!("true")), (Of::ActiveIsNumber, json!(1))] {
        if faults.has(&Fault::Introspection(fault)) {
            body["active"] = active;
        }
    }
    if let Some(members) = body.as_object_mut()
        && faults.has(&Fault::Introspection(Of::MissingActive))
    {
        members.remove("active");
    }
}

/// RFC 9701 5: for the client that asks, with a type of its own, and without `sub` and `exp` beside what is told, so
/// that nobody takes it for an access token.
fn signed(core: &Core, faults: &Faults, alg: SigningAlg, client: &ProviderClient, body: &Value) -> String {
    let is_set = |fault| faults.has(&Fault::Introspection(fault));
    let or = |fault, wrong: &str, right: &str| json!(if is_set(fault) { wrong } else { right });
    let mut memory = core.memory();
    let key = memory.keys.of(alg);
    let mut header = json!({
        "typ": or(Of::WrongType, "JWT", "token-introspection+jwt"),
        "alg": or(Of::AlgNone, "none", alg.as_str()),
    });
    if !faults.has(&Fault::NoKid) {
        header["kid"] = json!(key.kid);
    }
    let claims = json!({
        "iss": or(Of::WrongIssuer, &format!("{}/other", core.base), &core.issuer),
        "aud": or(Of::WrongAudience, "another-client", client.id()),
        "iat": core.now(),
        "token_introspection": body,
    });
    jwt::compact(&header, &claims, |message| {
        if is_set(Of::AlgNone) {
            return Vec::new();
        }
        let mut signature = key.sign(message);
        if is_set(Of::BadSignature) {
            signature[0] ^= 1;
        }
        signature
    })
}
