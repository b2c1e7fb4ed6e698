//! ID tokens (OIDC Core 2), right or wrong as the faults say.

use aws_lc_rs::{digest, hmac};
use serde_json::{Map, Value, json};

use super::clients::ProviderClient;
use super::core::Core;
use super::encoding::b64;
use super::faults::{Fault, Faults};
use super::jwt;
use super::memory::Grant;
use super::signing_alg::SigningAlg;
use super::users::ProviderUser;

const DAY: i64 = 24 * 60 * 60;

/// Makes an ID token for a grant. `access_token` is the one that it is sent with.
pub(super) fn mint(
    core: &Core,
    client: &ProviderClient,
    grant: &Grant,
    nonce: Option<&str>,
    access_token: &str,
) -> String {
    let faults = core.memory().faults.clone();
    let alg = if !faults.has(&Fault::WrongAlg) {
        client.alg_of_id_token()
    } else if client.alg_of_id_token() == SigningAlg::Es256 {
        SigningAlg::Rs256
    } else {
        SigningAlg::Es256
    };
    let kid = {
        let mut memory = core.memory();
        if faults.has(&Fault::RotateBeforeSigning) {
            memory.keys.rotate();
        }
        memory.keys.of(alg).kid.clone()
    };
    let mut header = header(&faults, alg, &kid);
    let mut claims = claims(core, client, grant, nonce, &at_hash(alg, access_token));
    distort(core, &faults, alg, &mut claims);
    for change in &faults.id_token {
        change(&mut header, &mut claims);
    }
    jwt::compact(&header.into(), &claims.into(), |message| {
        sign(core, &faults, client, alg, message)
    })
}

fn header(faults: &Faults, alg: SigningAlg, kid: &str) -> Map<String, Value> {
    let mut header = Map::new();
    header.insert("typ".into(), json!("JWT"));
    header.insert("alg".into(), json!(alg.as_str()));
    if faults.has(&Fault::AlgNone) {
        header.insert("alg".into(), json!("none"));
    } else if faults.has(&Fault::Hs256) {
        header.insert("alg".into(), json!("HS256"));
    } else if !faults.has(&Fault::NoKid) {
        header.insert("kid".into(), json!(kid));
    }
    if faults.has(&Fault::UnknownCrit) {
        header.insert("crit".into(), json!(["urn:example:unknown"]));
        header.insert("urn:example:unknown".into(), json!(true));
    }
    header
}

fn claims(
    core: &Core,
    client: &ProviderClient,
    grant: &Grant,
    nonce: Option<&str>,
    at_hash: &str,
) -> Map<String, Value> {
    let user = core.memory().user(&grant.session.sub).cloned();
    let mut claims = match &user {
        Some(user) if core.settings.claims_in_id_token => user.released(&grant.scopes, core.settings.groups),
        _ => Map::new(),
    };
    let now = core.now();
    let lifetime = i64::try_from(core.settings.id_token_lifetime.as_secs()).unwrap_or(i64::MAX);
    let mut set = |name: &str, value: Value| claims.insert(name.into(), value);
    set("iss", json!(core.issuer));
    set("sub", json!(grant.session.sub));
    set("aud", json!(client.id()));
    set("iat", json!(now));
    set("exp", json!(now.saturating_add(lifetime)));
    set("auth_time", json!(grant.session.auth_time));
    set("sid", json!(grant.session.sid));
    set("at_hash", json!(at_hash));
    // RFC 8176: someone was there and pressed a button; nothing else was proved.
    set("amr", json!(["user"]));
    if let Some(acr) = &grant.acr {
        set("acr", json!(acr));
    }
    if let Some(nonce) = nonce {
        set("nonce", json!(nonce));
    }
    claims.extend(user.map(ProviderUser::into_id_token_claims).unwrap_or_default());
    claims
}

fn distort(core: &Core, faults: &Faults, alg: SigningAlg, claims: &mut Map<String, Value>) {
    let now = core.now();
    let wrong = [
        (Fault::WrongIssuer, "iss", json!(format!("{}/other", core.base))),
        (Fault::WrongAudience, "aud", json!("another-client")),
        (Fault::FutureIssuedAt, "iat", json!(now + DAY)),
        (Fault::WrongNonce, "nonce", json!("another-nonce")),
        (Fault::ForeignAzp, "azp", json!("another-client")),
        (
            Fault::WrongAtHash,
            "at_hash",
            json!(at_hash(alg, "another-token")),
        ),
        (Fault::Expired, "exp", json!(now - 3600)),
        (Fault::Expired, "iat", json!(now - 7200)),
        // A token that was valid for the whole day ahead, so that only its beginning is wrong.
        (Fault::FutureIssuedAt, "exp", json!(now + 2 * DAY)),
    ];
    for (fault, claim, value) in wrong {
        if faults.has(&fault) {
            claims.insert(claim.into(), value);
        }
    }
    let missing = [
        (Fault::MissingSub, "sub"),
        (Fault::MissingAudience, "aud"),
        (Fault::MissingIssuedAt, "iat"),
        (Fault::MissingNonce, "nonce"),
    ];
    for (fault, claim) in missing {
        if faults.has(&fault) {
            claims.remove(claim);
        }
    }
}

fn sign(core: &Core, faults: &Faults, client: &ProviderClient, alg: SigningAlg, message: &[u8]) -> Vec<u8> {
    let mut signature = if faults.has(&Fault::AlgNone) {
        return Vec::new();
    } else if faults.has(&Fault::Hs256) {
        let key = hmac::Key::new(hmac::HMAC_SHA256, client.secret().as_bytes());
        hmac::sign(&key, message).as_ref().to_vec()
    } else {
        core.memory().keys.of(alg).sign(message)
    };
    if faults.has(&Fault::BadSignature)
        && let Some(byte) = signature.last_mut()
    {
        *byte ^= 1;
    }
    signature
}

/// The left half of the access token's hash (OIDC Core 3.1.3.6).
fn at_hash(alg: SigningAlg, access_token: &str) -> String {
    let hash = digest::digest(alg.digest(), access_token.as_bytes());
    b64::encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}
