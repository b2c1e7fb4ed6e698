//! JWT access tokens, checked here (RFC 9068 §4).
//!
//! Strict about the signature and about the claims that say whose the token is, for whom, when, and that it may be
//! used by whoever holds it. Every other claim is kept as it came. What would be refused with any signature is refused
//! before keys are asked for.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::keys::Unverified;
use super::token_issuer::TokenIssuer;
use super::{claims, keys};
use crate::config::Api;
use crate::error::{Error, printable};
use crate::jose::{Algorithm, Jws, JwsError, KeySet};
use crate::json;

/// The type of access tokens (RFC 9068 §2.1).
const TYPE: &str = "at+jwt";

/// Claims that ID tokens and logout tokens have and access tokens do not (OIDC Core 2 and 3.3.2.11, Financial-grade API
/// 5.1, Back-Channel Logout 2.4).
const OF_OTHERS: [&str; 5] = ["nonce", "at_hash", "c_hash", "s_hash", "events"];

/// What to do where only the time is wrong.
const CLOCKS: &str = "compare the clocks; MONOCLOUD_BACKEND_CLOCK_TOLERANCE is by how much they may differ";

/// Why an access token lets nobody in.
#[derive(Clone, Debug)]
pub(crate) enum Unfit {
    /// It is no good. The reason is for the log.
    Invalid(String),
    /// It could not be checked.
    Failed(Error),
}

impl Unfit {
    pub(super) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(reason.into())
    }
}

/// An access token that would be good if its issuer had signed it.
pub(crate) struct JwtAccessToken<'a> {
    /// Which of the issuers it names.
    pub(crate) issuer: usize,
    token: Jws<'a>,
    times: Times,
}

/// When a token is good, in seconds since the Unix epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) expires_at: Option<i64>,
    pub(crate) not_before: Option<i64>,
    pub(crate) issued_at: Option<i64>,
    /// When the person proved who they are, which bounds nothing by itself.
    pub(crate) authenticated_at: Option<i64>,
}

impl Times {
    /// When it is good by both.
    pub(crate) fn and(self, other: Self) -> Self {
        let both = |one: Option<i64>, other: Option<i64>, pick: fn(i64, i64) -> i64| match (one, other) {
            (Some(one), Some(other)) => Some(pick(one, other)),
            (one, other) => one.or(other),
        };
        Self {
            expires_at: both(self.expires_at, other.expires_at, i64::min),
            not_before: both(self.not_before, other.not_before, i64::max),
            issued_at: both(self.issued_at, other.issued_at, i64::min),
            authenticated_at: both(self.authenticated_at, other.authenticated_at, i64::min),
        }
    }
}

/// One that its issuer has signed.
pub(crate) struct VerifiedJwt {
    pub(crate) claims: Map<String, Value>,
    pub(crate) times: Times,
    /// What it was verified with.
    pub(crate) keys: Arc<KeySet>,
}

/// Whether it is of the form of a JWT, signed or encrypted; else only its issuer can tell what it is.
pub(crate) fn is_jwt(token: &str) -> bool {
    let mut parts = token.split('.');
    let header = parts.next().unwrap_or_default();
    matches!(parts.count(), 2 | 4)
        && URL_SAFE_NO_PAD.decode(header).is_ok_and(|header| {
            let first = header.iter().find(|byte| !byte.is_ascii_whitespace());
            first == Some(&b'{')
        })
}

impl<'a> JwtAccessToken<'a> {
    /// Takes a token apart. `issuers` are those whose tokens are taken.
    pub(crate) fn read(token: &'a str, api: &Api, issuers: &[TokenIssuer]) -> Result<Self, String> {
        let (types, untyped) = if api.accept_plain_jwt {
            (&[TYPE, "jwt"][..], true)
        } else {
            (&[TYPE][..], false)
        };
        let token = Jws::read(token, &Algorithm::ALL, types, untyped).map_err(|error| words(&error))?;
        let claims = token.unverified();
        let named = json::required_text(claims, "iss")?;
        let issuer = issuers.iter().position(|issuer| issuer.is_named(named));
        let issuer = issuer.ok_or_else(|| {
            format!(
                "`iss` is `{}`, whose tokens are not taken here",
                printable(named, 200)
            )
        })?;
        if token.typ() != Some(TYPE) {
            check_plain(claims)?;
        }
        let times = check(claims, api, &issuers[issuer].audience)?;
        if times.expires_at.is_none() {
            return Err(json::missing("exp"));
        }
        Ok(Self { issuer, token, times })
    }
}

impl TokenIssuer {
    /// The claims of a token that names this issuer, if this issuer has signed it.
    pub(crate) async fn verify(&self, token: JwtAccessToken<'_>) -> Result<VerifiedJwt, Unfit> {
        let metadata = self.metadata().await.map_err(Unfit::Failed)?;
        if token.token.unverified().get("iss").and_then(Value::as_str) != Some(&*metadata.issuer) {
            return Err(Unfit::invalid(
                "`iss` is not exactly what the issuer's metadata has",
            ));
        }
        let verified = keys::signed(&self.keys, token.token, keys::OnBehalfOf::Callers).await;
        let (claims, keys) = verified.map_err(|unverified| match unverified {
            Unverified::NoKeys(error) => Unfit::Failed(error),
            Unverified::Refused(error) => Unfit::Invalid(words(&error)),
            // Anybody can name a key that nobody has: what the keys at hand say of it stands.
            Unverified::NotRenewed(error, failed) => {
                Unfit::Invalid(format!("{error}, and newer keys cannot be had: {failed}"))
            }
        })?;
        Ok(VerifiedJwt {
            claims,
            times: token.times,
            keys,
        })
    }
}

/// What holds for an access token whoever says what it holds: the token itself, or its issuer when it is asked.
pub(super) fn check(claims: &Map<String, Value>, api: &Api, audience: &str) -> Result<Times, String> {
    if !claims::audiences(claims)?.contains(&audience) {
        return Err("`aud` does not name this API (MONOCLOUD_BACKEND_AUDIENCE)".to_owned());
    }
    let times = times(claims, api)?;
    // RFC 9449 §7.1, RFC 8705 §3: it is good only with a proof, and a proof is not looked at here.
    if json::member(claims, "cnf").is_some() {
        return Err("it is bound to a key (`cnf`), so that no bearer may use it".to_owned());
    }
    check_use(claims)?;
    // Whose it is must not be guessed.
    for name in ["sub", "client_id"] {
        json::text(claims, name)?;
    }
    Ok(times)
}

fn times(claims: &Map<String, Value>, api: &Api) -> Result<Times, String> {
    let now = api.clock.now();
    let earliest = now.saturating_sub(api.clock_tolerance);
    let latest = now.saturating_add(api.clock_tolerance);
    let times = Times {
        expires_at: claims::time(claims, "exp")?,
        not_before: claims::time(claims, "nbf")?,
        issued_at: claims::time(claims, "iat")?,
        // A step-up that cannot read it asks for a new sign-in; nobody else needs it.
        authenticated_at: claims::time(claims, "auth_time").unwrap_or_default(),
    };
    if times.expires_at.is_some_and(|expires_at| expires_at <= earliest) {
        return Err(format!("it has expired (`exp`); {CLOCKS}"));
    }
    if times.not_before.is_some_and(|not_before| not_before > latest) {
        return Err(format!("`nbf` is in the future; {CLOCKS}"));
    }
    if times.issued_at.is_some_and(|issued_at| issued_at > latest) {
        return Err(format!("`iat` is in the future; {CLOCKS}"));
    }
    Ok(times)
}

/// Some issuers say in a claim of their own what a token is for.
fn check_use(claims: &Map<String, Value>) -> Result<(), String> {
    if let Some(token_use) = json::text(claims, "token_use")?
        && !matches!(token_use, "access" | "access_token")
    {
        return Err("it is no access token (`token_use`)".to_owned());
    }
    if let Some(typ) = json::text(claims, "typ")? {
        let typ = typ.to_ascii_lowercase();
        if typ.contains("refresh") || matches!(&*typ, "id" | "offline" | "logout" | "logout+jwt") {
            return Err("it is no access token (the claim `typ`)".to_owned());
        }
    }
    Ok(())
}

/// Where no type keeps them apart, the claims do.
fn check_plain(claims: &Map<String, Value>) -> Result<(), String> {
    let of_others = OF_OTHERS
        .into_iter()
        .find(|name| json::member(claims, name).is_some());
    match of_others {
        Some(name) => Err(format!(
            "it is of another kind than access tokens, since it has `{name}`"
        )),
        None => Ok(()),
    }
}

fn words(error: &JwsError) -> String {
    match error {
        JwsError::Type => format!(
            "{error}; access tokens have `{TYPE}` (RFC 9068); where the issuer writes none such, set \
             MONOCLOUD_BACKEND_ACCEPT_PLAIN_JWT_TOKENS"
        ),
        JwsError::Encrypted => {
            format!("{error}; switch the encryption of access tokens off for this API at the issuer")
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_jwt;

    #[test]
    fn what_has_the_form_of_a_jwt_is_never_taken_for_opaque() {
        for jwt in [
            "eyJhbGciOiJub25lIn0.e30.",
            "eyJhbGciOiJFUzI1NiJ9.e30.c2ln",
            "ewogImFsZyI6IkVTMjU2In0.x.y",
            "eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d",
        ] {
            assert!(is_jwt(jwt), "{jwt}");
        }
        for opaque in ["", "abc", "a.b", "a.b.c", "v1.local.abc", "W10.W10.W10", "...."] {
            assert!(!is_jwt(opaque), "{opaque}");
        }
    }
}
