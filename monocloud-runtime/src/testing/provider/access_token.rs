//! Access tokens: opaque, or JWTs for the APIs that they are for (RFC 9068).

use serde_json::{Map, Value, json};

use super::clients::ProviderClient;
use super::core::Core;
use super::encoding::random_id;
use super::memory::{AccessToken, Grant};
use super::spoiled_access_token;
use super::users::ProviderUser;

/// What an access token is issued for.
pub(super) struct Purpose<'a> {
    pub(super) client: &'a ProviderClient,
    pub(super) subject: Subject<'a>,
    /// The grant that the token ends with.
    pub(super) grant_id: Option<&'a str>,
    pub(super) scopes: &'a [String],
    /// The APIs that will take it.
    pub(super) audience: &'a [String],
}

/// Who acts with an access token.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    User {
        sub: &'a str,
        auth_time: i64,
        acr: Option<&'a str>,
    },
    /// The client itself (RFC 6749 4.4).
    Client,
}

impl<'a> From<&'a Grant> for Subject<'a> {
    fn from(grant: &'a Grant) -> Self {
        Self::User {
            sub: &grant.session.sub,
            auth_time: grant.session.auth_time,
            acr: grant.acr.as_deref(),
        }
    }
}

/// A new access token, which is known from now on.
pub(super) fn issue(core: &Core, purpose: &Purpose<'_>) -> String {
    let faults = core.memory().faults.clone();
    let now = core.now();
    let lifetime = i64::try_from(core.settings.access_token_lifetime.as_secs()).unwrap_or(i64::MAX);
    let expires = now.saturating_add(lifetime);
    let mut claims = claims(core, purpose, now, expires);
    spoiled_access_token::distort(core, &faults, &mut claims, now);
    let is_jwt = core.settings.takes_jwt(purpose.audience);
    let mut header = if is_jwt {
        let alg = purpose.client.alg_of_id_token();
        spoiled_access_token::header(&faults, alg, &core.memory().keys.of(alg).kid)
    } else {
        Map::new()
    };
    for change in &faults.access_token {
        change(&mut header, &mut claims);
    }
    let token = if is_jwt {
        spoiled_access_token::signed(core, &faults, purpose.client, header, claims.clone())
    } else {
        random_id(32)
    };
    let known = AccessToken {
        grant: purpose.grant_id.map(Into::into),
        client_id: purpose.client.id().into(),
        user: match purpose.subject {
            Subject::User { sub, .. } => Some(sub.into()),
            Subject::Client => None,
        },
        scopes: purpose.scopes.to_vec(),
        audience: purpose.audience.to_vec(),
        claims,
        expires,
    };
    core.memory().access_tokens.insert(token.clone(), known);
    token
}

/// What the token says, and what introspection says of it.
fn claims(core: &Core, purpose: &Purpose<'_>, now: i64, expires: i64) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| drop(claims.insert(name.into(), value));
    set("iss", json!(core.issuer));
    match purpose.audience {
        [] => {}
        [only] => set("aud", json!(only)),
        several => set("aud", json!(several)),
    }
    set("client_id", json!(purpose.client.id()));
    set("scope", json!(purpose.scopes.join(" ")));
    set("iat", json!(now));
    set("exp", json!(expires));
    set("jti", json!(random_id(16)));
    match purpose.subject {
        // RFC 9068 2.2: the client stands for itself.
        Subject::Client => set("sub", json!(purpose.client.id())),
        Subject::User { sub, auth_time, acr } => {
            set("sub", json!(sub));
            set("auth_time", json!(auth_time));
            if let Some(acr) = acr {
                set("acr", json!(acr));
            }
            if core.settings.groups {
                claims.extend(core.memory().user(sub).and_then(ProviderUser::groups_claim));
            }
        }
    }
    claims
}
