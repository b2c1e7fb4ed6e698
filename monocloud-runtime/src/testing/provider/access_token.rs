//! Access tokens: opaque, or JWTs for the APIs that they are for (RFC 9068).

use serde_json::json;

use super::clients::ProviderClient;
use super::core::Core;
use super::encoding::random_id;
use super::faults::Fault;
use super::jwt;
use super::memory::{AccessToken, Grant, Memory};

/// What an access token is issued for.
pub(super) struct Purpose<'a> {
    pub(super) client: &'a ProviderClient,
    pub(super) grant_id: &'a str,
    pub(super) grant: &'a Grant,
    pub(super) scopes: &'a [String],
    /// The APIs that will take it.
    pub(super) resources: &'a [String],
}

/// A new access token, which is known from now on.
pub(super) fn issue(core: &Core, memory: &mut Memory, purpose: &Purpose<'_>, now: i64) -> String {
    let lifetime = i64::try_from(core.settings.access_token_lifetime.as_secs()).unwrap_or(i64::MAX);
    let expires = now.saturating_add(lifetime);
    let token = if core.settings.takes_jwt(purpose.resources) {
        signed(core, memory, purpose, now, expires)
    } else {
        random_id(32)
    };
    memory.access_tokens.insert(
        token.clone(),
        AccessToken {
            grant: purpose.grant_id.into(),
            scopes: purpose.scopes.to_vec(),
            expires,
        },
    );
    token
}

fn signed(core: &Core, memory: &mut Memory, purpose: &Purpose<'_>, now: i64, expires: i64) -> String {
    let Purpose { client, grant, .. } = purpose;
    let has_kid = !memory.faults.has(&Fault::NoKid);
    let alg = client.alg_of_id_token();
    let key = memory.keys.of(alg);
    // RFC 9068 2.1: the type keeps it apart from ID tokens.
    let mut header = json!({ "typ": "at+jwt", "alg": alg.as_str() });
    if has_kid {
        header["kid"] = json!(key.kid);
    }
    let mut claims = json!({
        "iss": core.issuer,
        "sub": grant.session.sub,
        "aud": purpose.resources,
        "client_id": client.id(),
        "scope": purpose.scopes.join(" "),
        "iat": now,
        "exp": expires,
        "jti": random_id(16),
        "auth_time": grant.session.auth_time,
    });
    if let [only] = purpose.resources {
        claims["aud"] = json!(only);
    }
    if let Some(acr) = &grant.acr {
        claims["acr"] = json!(acr);
    }
    jwt::compact(&header, &claims, |message| key.sign(message))
}
