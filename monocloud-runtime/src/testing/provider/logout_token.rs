//! Logout tokens (OIDC Back-Channel Logout 1.0 2.4), right or wrong as the faults say.

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use super::clients::ProviderClient;
use super::core::Core;
use super::encoding::random_id;
use super::faults::{Fault, Faults};
use super::jwt;
use super::signing_alg::SigningAlg;
use super::token_faults::LogoutTokenFault;

const LIFETIME: i64 = 2 * 60;
const HOUR: i64 = 60 * 60;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Makes one for a client.
pub(super) fn issue(core: &Core, client: &ProviderClient, sub: Option<&str>, sid: Option<&str>) -> String {
    let faults = core.memory().faults.clone();
    let alg = match client.alg_of_id_token() {
        alg if !is_set(&faults, LogoutTokenFault::WrongAlg) => alg,
        SigningAlg::Es256 => SigningAlg::Rs256,
        _ => SigningAlg::Es256,
    };
    let kid = core.memory().keys.of(alg).kid.clone();
    let mut header = header(&faults, alg, &kid);
    let mut claims = claims(core, client, sub, sid);
    distort(core, &faults, &mut claims);
    for change in &faults.logout_token {
        change(&mut header, &mut claims);
    }
    jwt::compact(&header.into(), &claims.into(), |message| {
        sign(core, &faults, client, alg, message)
    })
}

fn is_set(faults: &Faults, fault: LogoutTokenFault) -> bool {
    faults.has(&Fault::LogoutToken(fault))
}

fn header(faults: &Faults, alg: SigningAlg, kid: &str) -> Map<String, Value> {
    use LogoutTokenFault as Of;
    let is_set = |fault| is_set(faults, fault);
    let mut header = Map::new();
    let mut set = |name: &str, value: Value| header.insert(name.into(), value);
    let typ = if is_set(Of::WrongType) {
        "at+jwt"
    } else {
        "logout+jwt"
    };
    set("typ", json!(typ));
    let alg = match alg.as_str() {
        _ if is_set(Of::AlgNone) => "none",
        _ if is_set(Of::Hs256) => "HS256",
        alg => alg,
    };
    set("alg", json!(alg));
    if is_set(Of::UnknownKid) {
        set("kid", json!(random_id(8)));
    } else if !faults.has(&Fault::NoKid) {
        set("kid", json!(kid));
    }
    header
}

fn claims(core: &Core, client: &ProviderClient, sub: Option<&str>, sid: Option<&str>) -> Map<String, Value> {
    let now = core.now();
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| claims.insert(name.into(), value);
    set("iss", json!(core.issuer));
    set("aud", json!(client.id()));
    set("iat", json!(now));
    set("exp", json!(now + LIFETIME));
    set("jti", json!(random_id(16)));
    set("events", json!({ EVENT: {} }));
    for (name, value) in [("sub", sub), ("sid", sid)] {
        if let Some(value) = value {
            set(name, json!(value));
        }
    }
    claims
}

fn distort(core: &Core, faults: &Faults, claims: &mut Map<String, Value>) {
    use LogoutTokenFault as Of;
    let now = core.now();
    let other_event = json!({ "http://schemas.openid.net/event/another": {} });
    for (fault, claim, value) in [
        (Of::WrongIssuer, "iss", json!(format!("{}/other", core.base))),
        (Of::WrongAudience, "aud", json!("another-client")),
        (Of::WrongEvent, "events", other_event),
        (Of::WithNonce, "nonce", json!("a nonce")),
        (Of::Expired, "exp", json!(now - HOUR)),
    ] {
        if is_set(faults, fault) {
            claims.insert(claim.into(), value);
        }
    }
    for (fault, claim) in [
        (Of::MissingEvents, "events"),
        (Of::MissingSubject, "sub"),
        (Of::MissingSubject, "sid"),
        (Of::MissingJti, "jti"),
        (Of::MissingIssuedAt, "iat"),
    ] {
        if is_set(faults, fault) {
            claims.remove(claim);
        }
    }
}

fn sign(core: &Core, faults: &Faults, client: &ProviderClient, alg: SigningAlg, message: &[u8]) -> Vec<u8> {
    use LogoutTokenFault as Of;
    if is_set(faults, Of::AlgNone) {
        return Vec::new();
    }
    if is_set(faults, Of::Hs256) {
        let key = hmac::Key::new(hmac::HMAC_SHA256, client.secret().as_bytes());
        return hmac::sign(&key, message).as_ref().to_vec();
    }
    let mut signature = core.memory().keys.of(alg).sign(message);
    if is_set(faults, Of::BadSignature)
        && let Some(byte) = signature.last_mut()
    {
        *byte ^= 1;
    }
    signature
}
