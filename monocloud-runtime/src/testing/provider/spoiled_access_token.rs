//! What the faults make of access tokens.

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use super::clients::ProviderClient;
use super::core::Core;
use super::encoding::random_id;
use super::faults::{Fault, Faults};
use super::jwt;
use super::keys::SigningKey;
use super::signing_alg::SigningAlg;
use super::token_faults::AccessTokenFault;

const HOUR: i64 = 60 * 60;

/// Has the claims say what the faults want.
pub(super) fn distort(core: &Core, faults: &Faults, claims: &mut Map<String, Value>, now: i64) {
    use AccessTokenFault as Of;
    let is_set = |fault| faults.has(&Fault::AccessToken(fault));
    let thumbprint = json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" });
    for (fault, claim, value) in [
        (Of::WrongIssuer, "iss", json!(format!("{}/other", core.base))),
        (Of::WrongAudience, "aud", json!("https://another-api.example.com")),
        (Of::Expired, "exp", json!(now - HOUR)),
        (Of::Expired, "iat", json!(now - 2 * HOUR)),
        (Of::NotYetValid, "nbf", json!(now + HOUR)),
        (Of::NotYetValid, "exp", json!(now + 2 * HOUR)),
        (Of::SenderConstrained, "cnf", thumbprint),
    ] {
        if is_set(fault) {
            claims.insert(claim.into(), value);
        }
    }
    for (fault, claim) in [
        (Of::MissingAudience, "aud"),
        (Of::MissingSub, "sub"),
        (Of::MissingExpiry, "exp"),
    ] {
        if is_set(fault) {
            claims.remove(claim);
        }
    }
}

/// The claims as a JWT of the client's algorithm, unless the faults say otherwise.
pub(super) fn signed(
    core: &Core,
    faults: &Faults,
    client: &ProviderClient,
    header: Map<String, Value>,
    claims: Map<String, Value>,
) -> String {
    use AccessTokenFault as Of;
    let is_set = |fault| faults.has(&Fault::AccessToken(fault));
    let alg = client.alg_of_id_token();
    jwt::compact(&header.into(), &claims.into(), |message| {
        if is_set(Of::AlgNone) {
            return Vec::new();
        }
        if is_set(Of::Hs256) {
            let key = hmac::Key::new(hmac::HMAC_SHA256, client.secret().as_bytes());
            return hmac::sign(&key, message).as_ref().to_vec();
        }
        let mut signature = if is_set(Of::OtherKey) {
            SigningKey::generate(alg).sign(message)
        } else {
            core.memory().keys.of(alg).sign(message)
        };
        if is_set(Of::BadSignature)
            && let Some(byte) = signature.last_mut()
        {
            *byte ^= 1;
        }
        signature
    })
}

/// The header of a JWT that is signed with the key `kid`.
pub(super) fn header(faults: &Faults, alg: SigningAlg, kid: &str) -> Map<String, Value> {
    use AccessTokenFault as Of;
    let is_set = |fault| faults.has(&Fault::AccessToken(fault));
    let mut header = Map::new();
    let mut set = |name: &str, value: Value| header.insert(name.into(), value);
    // RFC 9068 2.1: the type keeps it apart from ID tokens.
    if is_set(Of::WrongType) {
        set("typ", json!("JWT"));
    } else if !is_set(Of::MissingType) {
        set("typ", json!("at+jwt"));
    }
    if is_set(Of::AlgNone) {
        set("alg", json!("none"));
    } else if is_set(Of::Hs256) {
        set("alg", json!("HS256"));
    } else {
        set("alg", json!(alg.as_str()));
    }
    if is_set(Of::UnknownKid) {
        set("kid", json!(random_id(8)));
    } else if !faults.has(&Fault::NoKid) {
        set("kid", json!(kid));
    }
    if is_set(Of::UnknownCrit) {
        set("crit", json!(["urn:example:unknown"]));
        set("urn:example:unknown", json!(true));
    }
    header
}
