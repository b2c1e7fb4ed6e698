//! What an API says of itself to clients that were refused (RFC 9728): whose tokens it takes, and with which scopes.
//!
//! It is everybody's, whoever asks and from wherever: no cookie is read and none is set.

use std::collections::BTreeSet;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW,
    CACHE_CONTROL, HeaderName, HeaderValue,
};
use http::{Method, StatusCode};
use serde_json::json;

use crate::access::{Accept, GuardKind, scopes_of_apis};
use crate::client::{MonoCloud, RESOURCE_METADATA};
use crate::respond::{Answer, json, json_message};

/// How long a client may rely on it.
const CACHED: &str = "public, max-age=300";

/// Where it is below the origin: at the well-known address, and below that where the API's name has a path (RFC 9728
/// §3.1). Nowhere, where access tokens are not taken or the API's name is no URL.
pub(crate) fn paths(client: &MonoCloud) -> Vec<String> {
    let Some(url) = client.resource_metadata_url() else {
        return Vec::new();
    };
    let mut paths = vec![RESOURCE_METADATA.to_owned()];
    if url.path() != RESOURCE_METADATA {
        paths.push(url.path().to_owned());
    }
    paths
}

/// Answers a request for it.
pub(crate) async fn answer(client: &MonoCloud, method: &Method) -> Answer {
    let mut answer = match *method {
        Method::GET | Method::HEAD => document(client).await,
        Method::OPTIONS => {
            let mut answer = Answer::default();
            *answer.status_mut() = StatusCode::NO_CONTENT;
            answer
        }
        _ => json_message(StatusCode::METHOD_NOT_ALLOWED, "method not allowed"),
    };
    let headers = answer.headers_mut();
    let set: [(HeaderName, &'static str); 4] = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (ALLOW, "GET, HEAD, OPTIONS"),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

async fn document(client: &MonoCloud) -> Answer {
    let Some(bearer) = client.bearer() else {
        return json_message(StatusCode::NOT_FOUND, "not found");
    };
    let api = bearer.api();
    // What the settings call the issuer may not be what it calls itself, and is nothing to be kept.
    let (issuer, caching) = match bearer.issuer().await {
        Ok(published) => (published, CACHED),
        Err(_) => (api.tenant_domain.as_str().to_owned(), "no-store"),
    };
    // What the others issue for another audience, no client that was led here would get.
    let further = api
        .trusted_issuers
        .iter()
        .filter(|trusted| trusted.audience == api.audience.as_str())
        .map(|trusted| trusted.issuer.clone());
    let servers: Vec<String> = std::iter::once(issuer).chain(further).collect();
    let mut scopes: BTreeSet<String> = scopes_of_apis().map(str::to_owned).collect();
    for entry in client.runtime_entries().all() {
        entry.with_requirement(GuardKind::Api, &mut |requirement| {
            if requirement.accept != Accept::Session {
                scopes.extend(requirement.scopes.iter().map(|scope| (*scope).to_owned()));
            }
        });
    }
    let mut document = json!({
        "resource": api.audience.as_str(),
        "authorization_servers": servers,
        "bearer_methods_supported": ["header"],
    });
    if !scopes.is_empty() {
        document["scopes_supported"] = json!(scopes);
    }
    let mut answer = json(StatusCode::OK, &document);
    let caching = HeaderValue::from_static(caching);
    answer.headers_mut().insert(CACHE_CONTROL, caching);
    answer
}
