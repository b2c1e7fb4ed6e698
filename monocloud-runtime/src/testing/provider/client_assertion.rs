//! Assertions with which clients authenticate (RFC 7523 3, OIDC Core 9).

use aws_lc_rs::hmac;
use serde_json::Value;

use super::clients::{ClientAuth, ProviderClient};
use super::core::Core;
use super::jwt::{self, Jwt};
use super::oauth_error::OAuthError;
use super::params::Params;
use super::public_jwk;
use super::signing_alg::SigningAlg;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// No assertion is good for longer, in seconds.
const MOST: i64 = 60;

/// The client that made the assertion, which is good once.
pub(super) fn client(core: &Core, form: &Params, assertion: &str) -> Result<ProviderClient, OAuthError> {
    if form.value("client_assertion_type") != Some(TYPE) {
        return Err(OAuthError::invalid_request(
            "client_assertion_type is not jwt-bearer",
        ));
    }
    let refused = OAuthError::invalid_client;
    let jwt = jwt::read(assertion).ok_or_else(|| refused("the client assertion is no JWT"))?;
    if jwt.header.contains_key("crit") {
        return Err(refused("the client assertion has a critical extension"));
    }
    let id = text(&jwt, "sub").ok_or_else(|| refused("the client assertion has no sub"))?;
    if text(&jwt, "iss") != Some(id) {
        return Err(refused("the client assertion's iss is not its sub"));
    }
    if form.value("client_id").is_some_and(|named| named != id) {
        return Err(OAuthError::invalid_request("client_id is another client"));
    }
    let client = core.memory().client(id).cloned();
    let client = client.ok_or_else(|| refused("the client is not known"))?;
    check_signature(core, &client, &jwt)?;
    check_claims(core, &client, &jwt)?;
    Ok(client)
}

fn check_signature(core: &Core, client: &ProviderClient, jwt: &Jwt<'_>) -> Result<(), OAuthError> {
    let alg = jwt.header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let mac = MACS.into_iter().find(|(name, _)| *name == alg);
    let used = if mac.is_some() {
        ClientAuth::SecretJwt
    } else {
        ClientAuth::PrivateKeyJwt
    };
    if client.auth(core.settings.default_auth_method()) != used {
        return Err(OAuthError::invalid_client(
            "the client is registered with another authentication method",
        ));
    }
    if client
        .alg_of_assertions()
        .is_some_and(|registered| registered != alg)
    {
        return Err(OAuthError::invalid_client(
            "the client assertion has another alg than the client is registered with",
        ));
    }
    let is_signed = match mac {
        Some((_, mac)) => {
            let key = hmac::Key::new(mac, client.secret().as_bytes());
            hmac::verify(&key, jwt.signed.as_bytes(), &jwt.signature).is_ok()
        }
        None => SigningAlg::ALL
            .into_iter()
            .find(|known| known.as_str() == alg)
            .is_some_and(|alg| {
                let mut keys = client.public_keys().iter();
                keys.any(|key| public_jwk::has_signed(key, alg, jwt))
            }),
    };
    if is_signed {
        Ok(())
    } else {
        Err(OAuthError::invalid_client(
            "no key of the client has signed the client assertion",
        ))
    }
}

fn check_claims(core: &Core, client: &ProviderClient, jwt: &Jwt<'_>) -> Result<(), OAuthError> {
    let refused = OAuthError::invalid_client;
    let now = core.now();
    let time = |name| jwt.claims.get(name).and_then(Value::as_i64);
    // Whoever is asked elsewhere cannot use it here, nor the other way round.
    if text(jwt, "aud") != Some(core.issuer.as_str()) {
        return Err(refused(
            "the client assertion's aud is not the issuer, as one string",
        ));
    }
    let expires = time("exp").ok_or_else(|| refused("the client assertion has no exp"))?;
    if expires <= now {
        return Err(refused("the client assertion has expired"));
    }
    if expires > now + MOST {
        return Err(refused("the client assertion is good for more than 60 seconds"));
    }
    if ["iat", "nbf"].into_iter().filter_map(time).any(|time| time > now) {
        return Err(refused("the client assertion is of the future"));
    }
    let jti = text(jwt, "jti").ok_or_else(|| refused("the client assertion has no jti"))?;
    if core.memory().is_first(client.id(), jti, expires, now) {
        Ok(())
    } else {
        Err(refused("the client assertion was used before"))
    }
}

fn text<'a>(jwt: &'a Jwt<'_>, claim: &str) -> Option<&'a str> {
    jwt.claims.get(claim)?.as_str().filter(|text| !text.is_empty())
}

/// RFC 7518 3.2.
const MACS: [(&str, hmac::Algorithm); 3] = [
    ("HS256", hmac::HMAC_SHA256),
    ("HS384", hmac::HMAC_SHA384),
    ("HS512", hmac::HMAC_SHA512),
];

/// What may sign an assertion, as the metadata tells it.
pub(super) fn algorithms() -> impl Iterator<Item = &'static str> {
    SigningAlg::ALL
        .map(SigningAlg::as_str)
        .into_iter()
        .chain(MACS.map(|(name, _)| name))
}
