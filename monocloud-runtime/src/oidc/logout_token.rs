//! Logout tokens: the issuer says that a session is over (OIDC Back-Channel Logout 1.0 §2.4, §2.6).
//!
//! Anybody can send one. What would be refused with any signature is refused before keys are asked for, and newer keys
//! are asked for in turns that nobody shares but those who send logout tokens.

use serde_json::{Map, Value};

use super::id_token::{CLOCKS, Check};
use super::issuer::Issuer;
use super::keys::{OnBehalfOf, Unverified};
use super::{claims, keys};
use crate::config::Settings;
use crate::error::Error;
use crate::jose::{Algorithm, Jws, JwsError};
use crate::json;

/// The member of `events` that makes it one.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What a token may have as its type: its own, that of any JWT, or none (Back-Channel Logout 2.4, RFC 8725 §3.11).
const TYPES: &[&str] = &["logout+jwt", "jwt"];

/// Of `sid`, `sub` (OIDC Core 2) and `jti`, in bytes.
const MAX_TEXT: usize = 255;

/// Seconds for which the issuer may try again.
const MAX_AGE: i64 = 600;

/// Seconds that a token may be good for.
const MAX_LIFETIME: i64 = 3_600;

/// What the issuer says in a logout token. One of `sid` and `sub` at least is there.
#[derive(Debug)]
pub(crate) struct LoggedOut {
    pub(crate) sid: Option<String>,
    pub(crate) sub: Option<String>,
    pub(crate) jti: String,
    /// By the issuer's clock, in seconds since the Unix epoch.
    pub(crate) issued_at: i64,
    /// By ours: after that the token is refused for its age.
    pub(crate) refused_from: i64,
}

/// A token that would be good if the issuer had signed it.
pub(crate) struct LogoutToken<'a> {
    token: Jws<'a>,
    says: LoggedOut,
}

impl Issuer {
    /// Takes a logout token apart, without a call.
    pub(crate) fn read_logout_token<'a>(&self, token: &'a str) -> Result<LogoutToken<'a>, Error> {
        LogoutToken::read(token, &self.settings).map_err(Error::InvalidLogoutToken)
    }

    /// What the issuer has said, if it was the issuer.
    pub(crate) async fn verify_logout_token(&self, token: LogoutToken<'_>) -> Result<LoggedOut, Error> {
        let metadata = self.metadata().await?;
        let iss = token.token.unverified().get("iss").and_then(Value::as_str);
        if iss != Some(metadata.issuer.as_str()) {
            let reason = "`iss` is not exactly what the issuer's metadata has";
            return Err(Error::InvalidLogoutToken(reason.to_owned()));
        }
        match keys::signed(&self.keys, token.token, OnBehalfOf::Anybody).await {
            Ok(_) => Ok(token.says),
            Err(Unverified::NoKeys(error)) => Err(error),
            Err(Unverified::Refused(error)) => Err(Error::InvalidLogoutToken(error.to_string())),
            // Anybody can name a key that nobody has: what the keys at hand say of it stands.
            Err(Unverified::NotRenewed(error, failed)) => Err(Error::InvalidLogoutToken(format!(
                "{error}, and newer keys cannot be had: {failed}"
            ))),
        }
    }
}

impl<'a> LogoutToken<'a> {
    fn read(token: &'a str, settings: &Settings) -> Result<Self, String> {
        let algorithm = settings.tokens.id_token_signing_alg;
        let token = Jws::read(token, &[algorithm], TYPES, true).map_err(|error| words(&error, algorithm))?;
        let says = check(token.unverified(), settings)?;
        Ok(Self { token, says })
    }
}

/// Back-Channel Logout 2.6 (3) to (7), and the times.
fn check(claims: &Map<String, Value>, settings: &Settings) -> Result<LoggedOut, String> {
    let iss = json::required_text(claims, "iss")?;
    if !settings.issuer.tenant_domain.names(iss) {
        return Err("`iss` is another issuer".to_owned());
    }
    let check = Check::of(settings, claims);
    check.audience()?;
    check_events(claims)?;
    // It would be an ID token, whatever else it has.
    if claims.contains_key("nonce") {
        return Err("it has a `nonce`, which logout tokens never have".to_owned());
    }
    let (sid, sub) = (short_text(claims, "sid")?, short_text(claims, "sub")?);
    if sid.is_none() && sub.is_none() {
        return Err("it has neither `sid` nor `sub`".to_owned());
    }
    let jti = short_text(claims, "jti")?.ok_or_else(|| json::missing("jti"))?;
    let (earliest, latest) = check.tolerated();
    let issued_at = claims::required_time(claims, "iat")?;
    if issued_at > latest {
        return Err(format!("`iat` is in the future; {CLOCKS}"));
    }
    if issued_at < earliest.saturating_sub(MAX_AGE) {
        return Err(format!("`iat` is more than {MAX_AGE} seconds ago; {CLOCKS}"));
    }
    check_expiry(claims, earliest, latest)?;
    if claims::time(claims, "nbf")?.is_some_and(|not_before| not_before > latest) {
        return Err(format!("`nbf` is in the future; {CLOCKS}"));
    }
    Ok(LoggedOut {
        sid,
        sub,
        jti,
        issued_at,
        refused_from: issued_at
            .saturating_add(MAX_AGE)
            .saturating_add(settings.tokens.clock_tolerance),
    })
}

fn check_events(claims: &Map<String, Value>) -> Result<(), String> {
    let Some(events) = json::member(claims, "events") else {
        return Err(json::missing("events"));
    };
    let Value::Object(events) = events else {
        return Err(json::mistyped("events", events, "an object"));
    };
    match events.get(EVENT) {
        Some(Value::Object(_)) => Ok(()),
        Some(_) => Err("what `events` says of the logout is no object".to_owned()),
        None => Err("`events` has no logout".to_owned()),
    }
}

/// It was optional once, and its `iat` bounds a token in any case.
fn check_expiry(claims: &Map<String, Value>, earliest: i64, latest: i64) -> Result<(), String> {
    match claims::time(claims, "exp")? {
        Some(expires_at) if expires_at <= earliest => Err(format!("it has expired (`exp`); {CLOCKS}")),
        Some(expires_at) if expires_at > latest.saturating_add(MAX_LIFETIME) => Err(format!(
            "`exp` is more than {MAX_LIFETIME} seconds ahead; {CLOCKS}"
        )),
        _ => Ok(()),
    }
}

fn short_text(claims: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match json::text(claims, name)? {
        Some("") => Err(format!("`{name}` is empty")),
        Some(text) if text.len() > MAX_TEXT => Err(format!("`{name}` is longer than {MAX_TEXT} bytes")),
        text => Ok(text.map(str::to_owned)),
    }
}

fn words(error: &JwsError, expected: Algorithm) -> String {
    match error {
        JwsError::Algorithm { .. } => format!(
            "{error}, and {} is expected: logout tokens are signed as ID tokens are \
             (MONOCLOUD_AUTH_ID_TOKEN_SIGNING_ALG)",
            expected.name()
        ),
        _ => error.to_string(),
    }
}
