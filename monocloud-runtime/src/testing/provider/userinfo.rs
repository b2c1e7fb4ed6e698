//! The userinfo endpoint (OIDC Core 5.3), which takes the access token in the `Authorization` header only.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};

use super::clients::ProviderClient;
use super::core::Core;
use super::faults::{Fault, Faults};
use super::log::Endpoint;
use super::oauth_error::OAuthError;
use super::params::Params;
use super::signing_alg::SigningAlg;
use super::{jwt, respond};

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
    let Some(granted) = Granted::by(&core, token) else {
        let description = "the access token is not known, expired or revoked";
        let error = OAuthError::new("invalid_token", description);
        return challenge(error.with_status(StatusCode::UNAUTHORIZED));
    };
    if !granted.scopes.iter().any(|scope| scope == "openid") {
        let error = OAuthError::new("insufficient_scope", "the access token has no scope openid");
        return challenge(error.with_status(StatusCode::FORBIDDEN));
    }
    granted.into_response(&core)
}

/// The access token of the `Authorization` header (RFC 6750 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What an access token stands for.
struct Granted {
    client_id: String,
    /// How the client wants the response to be signed.
    alg: Option<SigningAlg>,
    scopes: Vec<String>,
    claims: Map<String, Value>,
}

impl Granted {
    fn by(core: &Core, token: &str) -> Option<Self> {
        let now = core.now();
        let memory = core.memory();
        let token = memory.access_token(token, now)?;
        let user = memory.user(token.user.as_ref()?)?;
        let mut claims = user.released(&token.scopes, core.settings.groups);
        claims.insert("sub".into(), json!(user.sub()));
        claims.extend(user.userinfo_claims());
        let client = memory.client(&token.client_id);
        Some(Self {
            client_id: token.client_id.clone(),
            alg: client.and_then(ProviderClient::alg_of_userinfo),
            scopes: token.scopes.clone(),
            claims,
        })
    }

    fn into_response(self, core: &Core) -> Response {
        let faults = core.memory().faults.clone();
        let mut body = Value::Object(self.claims);
        if self.alg.is_some() {
            body["iss"] = json!(core.issuer);
            body["aud"] = json!(self.client_id);
        }
        if faults.has(&Fault::UserinfoWrongSub) {
            body["sub"] = json!("someone-else");
        }
        faults.tamper(Endpoint::Userinfo, &mut body);
        let Some(alg) = self.alg else {
            return respond::json(StatusCode::OK, &body);
        };
        let headers = [
            (header::CONTENT_TYPE, "application/jwt"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (headers, signed(core, &faults, alg, &body)).into_response()
    }
}

/// The response as a JWT (OIDC Core 5.3.2).
fn signed(core: &Core, faults: &Faults, alg: SigningAlg, claims: &Value) -> String {
    let mut memory = core.memory();
    let key = memory.keys.of(alg);
    let mut header = json!({ "typ": "JWT", "alg": alg.as_str() });
    if !faults.has(&Fault::NoKid) {
        header["kid"] = json!(key.kid);
    }
    jwt::compact(&header, claims, |message| {
        let mut signature = key.sign(message);
        if faults.has(&Fault::UserinfoBadSignature) {
            signature[0] ^= 1;
        }
        signature
    })
}

/// RFC 6750 3.
fn challenge(error: OAuthError) -> Response {
    let value = format!(
        "Bearer realm=\"userinfo\", error=\"{}\", error_description=\"{}\"",
        error.error, error.description
    );
    ([(header::WWW_AUTHENTICATE, value)], error).into_response()
}
