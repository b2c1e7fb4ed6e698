//! The metadata (OIDC Discovery 1.0) and the signing keys.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::client_assertion;
use super::clients::ClientAuth;
use super::core::Core;
use super::faults::Fault;
use super::keys::SigningKey;
use super::log::Endpoint;
use super::respond;
use super::signing_alg::SigningAlg;

/// What the metadata calls the endpoints.
const ENDPOINTS: [(Endpoint, &str); 8] = [
    (
        Endpoint::PushedAuthorization,
        "pushed_authorization_request_endpoint",
    ),
    (Endpoint::Authorize, "authorization_endpoint"),
    (Endpoint::Token, "token_endpoint"),
    (Endpoint::Revocation, "revocation_endpoint"),
    (Endpoint::Introspection, "introspection_endpoint"),
    (Endpoint::Userinfo, "userinfo_endpoint"),
    (Endpoint::Jwks, "jwks_uri"),
    (Endpoint::EndSession, "end_session_endpoint"),
];

pub(super) async fn discovery(State(core): State<Arc<Core>>) -> Response {
    let faults = core.memory().faults.clone();
    let mut metadata = json!({
        "issuer": core.issuer,
        "scopes_supported": ["openid", "profile", "email", "phone", "address", "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": SigningAlg::ALL.map(SigningAlg::as_str),
        "userinfo_signing_alg_values_supported": SigningAlg::ALL.map(SigningAlg::as_str),
        "introspection_signing_alg_values_supported": SigningAlg::ALL.map(SigningAlg::as_str),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid", "acr", "amr", "at_hash",
            "name", "given_name", "family_name", "preferred_username", "email", "email_verified",
            "phone_number", "phone_number_verified", "address", "groups",
        ],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_pushed_authorization_requests": core.settings.requires.par,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
    });
    for (endpoint, member) in ENDPOINTS {
        if core.settings.offers(endpoint) {
            metadata[member] = json!(core.url(endpoint));
        }
    }
    tell_auth_methods(&core, &mut metadata);
    if let Some(acr_values) = &core.settings.acr_values {
        metadata["acr_values_supported"] = json!(acr_values);
    }
    if faults.has(&Fault::DiscoveryIssuerMismatch) {
        metadata["issuer"] = json!(format!("{}/other", core.base));
    }
    faults.tamper(Endpoint::Discovery, &mut metadata);
    respond::public_json(&metadata)
}

/// How clients authenticate (OIDC Discovery 3, RFC 8414 2). Without a list for introspection none is known there.
fn tell_auth_methods(core: &Core, metadata: &mut Value) {
    let methods = &core.settings.token_auth_methods;
    if methods.is_empty() {
        return;
    }
    let with_assertions = [ClientAuth::SecretJwt, ClientAuth::PrivateKeyJwt];
    let takes_assertions = methods.iter().any(|method| with_assertions.contains(method));
    for (endpoint, of) in [
        (Endpoint::Token, "token"),
        (Endpoint::Introspection, "introspection"),
    ] {
        if !core.settings.offers(endpoint) {
            continue;
        }
        let names = methods.iter().copied().map(ClientAuth::as_str);
        metadata[format!("{of}_endpoint_auth_methods_supported")] = names.collect();
        if takes_assertions {
            let names = client_assertion::algorithms();
            metadata[format!("{of}_endpoint_auth_signing_alg_values_supported")] = names.collect();
        }
    }
}

pub(super) async fn jwks(State(core): State<Arc<Core>>) -> Response {
    let (mut keys, first_alg, faults) = {
        let mut memory = core.memory();
        let clients = memory.clients.iter();
        let algs = clients.flat_map(|client| {
            [
                Some(client.alg_of_id_token()),
                client.alg_of_userinfo(),
                client.alg_of_introspection(),
            ]
        });
        let algs: Vec<_> = algs.flatten().collect();
        let first_alg = algs.first().copied().unwrap_or(SigningAlg::Rs256);
        (memory.keys.jwks(algs), first_alg, memory.faults.clone())
    };
    if faults.has(&Fault::ExtraKey) {
        // First, so that a relying party that takes any key of the right kind takes this one.
        keys.insert(0, SigningKey::generate(first_alg).jwk());
    }
    if faults.has(&Fault::NoKid) {
        for key in keys.iter_mut().filter_map(Value::as_object_mut) {
            key.remove("kid");
        }
    }
    let mut jwks = json!({ "keys": keys });
    faults.tamper(Endpoint::Jwks, &mut jwks);
    respond::public_json(&jwks)
}
