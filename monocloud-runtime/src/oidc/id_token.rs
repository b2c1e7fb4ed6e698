//! ID token validation (OIDC Core 3.1.3.7).
//!
//! Strict about the signature and about the claims that say whose the token is, for whom and when.
//! Every other claim is kept as it came, whatever it holds.

use serde_json::{Map, Value};

use super::issuer::Issuer;
use super::metadata::Metadata;
use super::{claims, keys};
use crate::config::Settings;
use crate::crypto;
use crate::error::{Error, printable};
use crate::identity::{Authenticated, Stale};
use crate::jose::{Algorithm, Jws, JwsError};
use crate::json;

/// What the ID token must agree with.
pub(crate) struct Expected<'a> {
    pub(crate) nonce: &'a str,
    pub(crate) access_token: &'a str,
    /// Seconds; then `auth_time` is required.
    pub(crate) max_age: Option<u32>,
}

/// What to do where only the time is wrong.
pub(super) const CLOCKS: &str =
    "compare the clocks; MONOCLOUD_AUTH_CLOCK_TOLERANCE is by how much they may differ";

/// A validated ID token.
#[derive(Debug)]
pub(crate) struct IdToken {
    pub(crate) subject: String,
    pub(crate) claims: Map<String, Value>,
}

impl Issuer {
    pub(crate) async fn validate(
        &self,
        metadata: &Metadata,
        id_token: &str,
        expected: &Expected<'_>,
    ) -> Result<IdToken, Error> {
        let (claims, algorithm) = self.verified(id_token).await?;
        let subject = Check::of(&self.settings, &claims)
            .of_sign_in(&metadata.issuer, algorithm, expected)
            .map_err(Error::InvalidIdToken)?;
        Ok(IdToken { subject, claims })
    }

    /// The claims that the issuer has signed, and how.
    pub(super) async fn verified(&self, id_token: &str) -> Result<(Map<String, Value>, Algorithm), Error> {
        let settings = &self.settings;
        let refused = |error: &JwsError| Error::InvalidIdToken(words(error, settings));
        let token = Jws::read(id_token, &[settings.tokens.id_token_signing_alg], &["jwt"], true)
            .map_err(|error| refused(&error))?;
        let algorithm = token.algorithm();
        let claims = keys::verify(&self.keys, token, refused).await?;
        Ok((claims, algorithm))
    }
}

impl IdToken {
    /// A claim that is a time, in seconds since the Unix epoch.
    pub(crate) fn time(&self, name: &str) -> Option<i64> {
        claims::time(&self.claims, name).ok()?
    }

    /// When the issuer's own session ends (`session_expiry`, IPSIE), in seconds since the Unix epoch. It counts in
    /// quotes too: passed over, it would end nothing.
    pub(crate) fn session_expiry(&self) -> Option<i64> {
        const NAME: &str = "session_expiry";
        let quoted = self.claims.get(NAME).and_then(Value::as_str);
        self.time(NAME).or_else(|| quoted?.trim().parse().ok())
    }
}

fn words(error: &JwsError, settings: &Settings) -> String {
    match error {
        JwsError::Algorithm { found: Some(_) } => format!(
            "{error}, and {} is expected; set MONOCLOUD_AUTH_ID_TOKEN_SIGNING_ALG to what the client has at the issuer",
            settings.tokens.id_token_signing_alg.name()
        ),
        JwsError::Encrypted => {
            format!("{error}; switch the encryption of ID tokens off for this client at the issuer")
        }
        _ => error.to_string(),
    }
}

/// The claims of a token that the issuer has signed, and what they are held against. The numbers
/// are those of OIDC Core 3.1.3.7.
pub(super) struct Check<'a> {
    settings: &'a Settings,
    claims: &'a Map<String, Value>,
    now: i64,
}

impl<'a> Check<'a> {
    pub(super) fn of(settings: &'a Settings, claims: &'a Map<String, Value>) -> Self {
        Self {
            settings,
            claims,
            now: settings.clock.now(),
        }
    }

    /// The subject, if all is well.
    fn of_sign_in(
        &self,
        issuer: &str,
        algorithm: Algorithm,
        expected: &Expected<'_>,
    ) -> Result<String, String> {
        let subject = self.of_any_grant(issuer, algorithm, expected.access_token)?;
        self.nonce(expected.nonce)?;
        if let Some(max_age) = expected.max_age {
            self.age(max_age)?;
        }
        Ok(subject)
    }

    /// What does not depend on how the token was asked for.
    pub(super) fn of_any_grant(
        &self,
        issuer: &str,
        algorithm: Algorithm,
        access_token: &str,
    ) -> Result<String, String> {
        self.issuer(issuer)?;
        self.audience()?;
        self.authorized_party()?;
        self.times()?;
        self.access_token_hash(algorithm, access_token)?;
        match json::required_text(self.claims, "sub")? {
            "" => Err("`sub` is empty".to_owned()),
            subject => Ok(subject.to_owned()),
        }
    }

    /// (2)
    fn issuer(&self, issuer: &str) -> Result<(), String> {
        if json::required_text(self.claims, "iss")? == issuer {
            Ok(())
        } else {
            Err("`iss` is another issuer".to_owned())
        }
    }

    /// (3): this client, and beside it nobody who is not trusted.
    pub(super) fn audience(&self) -> Result<(), String> {
        const MAX_AUDIENCE: usize = 100;
        let settings = self.settings;
        let audiences = claims::audiences(self.claims)?;
        if !audiences.contains(&settings.issuer.client_id.as_str()) {
            return Err("`aud` does not name this client".to_owned());
        }
        let is_trusted = |audience: &str| {
            audience == settings.issuer.client_id
                || settings.tokens.trusted_audiences.iter().any(|it| it == audience)
        };
        match audiences.into_iter().find(|audience| !is_trusted(audience)) {
            None => Ok(()),
            Some(other) => Err(format!(
                "`aud` names `{}` beside this client; if it may read this client's ID tokens, list it in MONOCLOUD_AUTH_TRUSTED_AUDIENCES",
                printable(other, MAX_AUDIENCE)
            )),
        }
    }

    /// (5)
    fn authorized_party(&self) -> Result<(), String> {
        match json::text(self.claims, "azp")? {
            None => Ok(()),
            Some(party) if party == self.settings.issuer.client_id => Ok(()),
            Some("") => Err("`azp` is empty".to_owned()),
            Some(_) => Err("`azp` names another client".to_owned()),
        }
    }

    /// (9), (10), and RFC 7519 §4.1.5.
    fn times(&self) -> Result<(), String> {
        let (earliest, latest) = self.tolerated();
        if claims::required_time(self.claims, "exp")? <= earliest {
            return Err(format!("it has expired (`exp`); {CLOCKS}"));
        }
        if claims::required_time(self.claims, "iat")? > latest {
            return Err(format!("`iat` is in the future; {CLOCKS}"));
        }
        match claims::time(self.claims, "nbf")? {
            Some(not_before) if not_before > latest => Err(format!("`nbf` is in the future; {CLOCKS}")),
            _ => Ok(()),
        }
    }

    /// (11)
    fn nonce(&self, expected: &str) -> Result<(), String> {
        if crypto::equal(json::required_text(self.claims, "nonce")?, expected) {
            Ok(())
        } else {
            Err("`nonce` is of another sign-in".to_owned())
        }
    }

    /// OIDC Core 3.1.3.8.
    fn access_token_hash(&self, algorithm: Algorithm, access_token: &str) -> Result<(), String> {
        match json::text(self.claims, "at_hash")? {
            Some(hash) if !crypto::equal(hash, &algorithm.half_hash(access_token)) => {
                Err("`at_hash` does not belong to the access token".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// (13)
    fn age(&self, max_age: u32) -> Result<(), String> {
        let tolerance = self.settings.tokens.clock_tolerance;
        let authenticated = Authenticated {
            auth_time: claims::time(self.claims, "auth_time")?,
            told_at: self.now,
        };
        authenticated
            .check(max_age, tolerance, tolerance, self.now)
            .map_err(|stale| match stale {
                Stale::Ahead => format!("{stale}; {CLOCKS}"),
                Stale::Unknown | Stale::TooLongAgo => stale.to_string(),
            })
    }

    /// Our time, as far behind and as far ahead as the issuer's may be.
    pub(super) fn tolerated(&self) -> (i64, i64) {
        let tolerance = self.settings.tokens.clock_tolerance;
        (
            self.now.saturating_sub(tolerance),
            self.now.saturating_add(tolerance),
        )
    }
}
