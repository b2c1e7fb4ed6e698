//! ID token validation (OIDC Core 3.1.3.7).
//!
//! The `openidconnect` crate checks signature, issuer, audience, expiry and nonce; the rest is
//! checked here, over the same payload. Only the configured algorithm is accepted, and only keys
//! that fit it are shown to the library.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, EmptyAdditionalClaims, IdTokenVerifier,
    JsonWebKeySet, Nonce,
};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::issuer::Issuer;
use super::keys::Keys;
use super::metadata::Metadata;
use crate::crypto;
use crate::error::Error;

type Parsed = openidconnect::IdToken<
    EmptyAdditionalClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What the ID token must agree with.
pub(crate) struct Expected<'a> {
    pub(crate) nonce: &'a str,
    pub(crate) access_token: &'a str,
    /// Seconds; then `auth_time` is required.
    pub(crate) max_age: Option<u32>,
}

/// A validated ID token.
pub(crate) struct IdToken {
    pub(crate) subject: String,
    pub(crate) claims: Map<String, Value>,
}

#[derive(serde::Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

impl Issuer {
    pub(crate) async fn validate(
        &self,
        metadata: &Metadata,
        id_token: &str,
        expected: &Expected<'_>,
    ) -> Result<IdToken, Error> {
        let (header, claims) = read(id_token)?;
        let algorithm = &self.settings.id_token_signing_alg;
        if header.alg != algorithm.name {
            return Err(invalid(format!(
                "it is signed with another algorithm than {}; set MONOCLOUD_AUTH_ID_TOKEN_SIGNING_ALG to the client's",
                algorithm.name
            )));
        }
        let parsed: Parsed = id_token
            .parse()
            .map_err(|_| invalid("a required claim is missing or malformed"))?;
        let keys = self.keys.get().await?;
        let mut result = self.check_with(&keys, &header, metadata, &parsed, &claims, expected);
        if let Err(Failure::Key(_)) = result {
            let keys = self.keys.renew().await?;
            result = self.check_with(&keys, &header, metadata, &parsed, &claims, expected);
        }
        result.map_err(|(Failure::Key(error) | Failure::Token(error))| error)?;
        let subject = claims
            .get("sub")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if subject.is_empty() {
            return Err(invalid("`sub` is empty"));
        }
        Ok(IdToken { subject, claims })
    }

    /// Tries every key that fits.
    fn check_with(
        &self,
        keys: &Keys,
        header: &Header,
        metadata: &Metadata,
        token: &Parsed,
        claims: &Map<String, Value>,
        expected: &Expected<'_>,
    ) -> Result<(), Failure> {
        let candidates = keys.candidates(&self.settings.id_token_signing_alg, header.kid.as_deref());
        let none = invalid("the issuer has published no key that fits it");
        let mut failure = Failure::Key(none);
        for key in candidates {
            match self.check(metadata, token, claims, &key, expected) {
                Ok(()) => return Ok(()),
                // Without a `kid` this may be a key that is not known yet.
                Err(Failure::Key(error)) if header.kid.is_none() => failure = Failure::Key(error),
                Err(Failure::Key(error)) => failure = Failure::Token(error),
                Err(other) => return Err(other),
            }
        }
        Err(failure)
    }

    fn check(
        &self,
        metadata: &Metadata,
        token: &Parsed,
        claims: &Map<String, Value>,
        key: &CoreJsonWebKey,
        expected: &Expected<'_>,
    ) -> Result<(), Failure> {
        use openidconnect::core::CoreJwsSigningAlgorithm as Alg;
        let settings = &self.settings;
        let alg: &Alg = &settings.id_token_signing_alg.alg;
        let earliest = date(settings.clock.now() - settings.clock_tolerance)?;
        let latest = date(settings.clock.now() + settings.clock_tolerance)?;
        let verifier = IdTokenVerifier::new_public_client(
            ClientId::new(settings.client_id.clone()),
            metadata.issuer.clone(),
            JsonWebKeySet::new(vec![key.clone()]),
        )
        .set_allowed_algs([alg.clone()])
        .set_time_fn(move || earliest)
        .set_issue_time_verifier_fn(move |iat| {
            if iat <= latest {
                Ok(())
            } else {
                Err("`iat` is in the future".to_owned())
            }
        });
        let signed = token
            .claims(&verifier, &Nonce::new(expected.nonce.to_owned()))
            .map_err(|error| match error {
                ClaimsVerificationError::SignatureVerification(_) => Failure::Key(invalid(reason(&error))),
                _ => Failure::Token(invalid(reason(&error))),
            })?;
        if let Some(hash) = signed.access_token_hash() {
            let actual =
                AccessTokenHash::from_token(&AccessToken::new(expected.access_token.to_owned()), alg, key)
                    .map_err(|_| invalid("`at_hash` cannot be checked"))?;
            if !crypto::equal(&actual, hash) {
                return Err(invalid("`at_hash` does not belong to the access token").into());
            }
        }
        Ok(self.check_rest(claims, expected)?)
    }

    /// What the library leaves open: OIDC Core 3.1.3.7 (5), (13) and RFC 7519 §4.1.5.
    fn check_rest(&self, claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Error> {
        let settings = &self.settings;
        let latest = settings.clock.now() + settings.clock_tolerance;
        match claims.get("azp") {
            None => {}
            Some(Value::String(azp)) if *azp == settings.client_id => {}
            Some(_) => return Err(invalid("`azp` names another client")),
        }
        if let Some(not_before) = claims.get("nbf")
            && seconds(not_before).is_none_or(|not_before| not_before > latest)
        {
            return Err(invalid("`nbf` is in the future"));
        }
        if let Some(max_age) = expected.max_age {
            let auth_time = auth_time(claims)
                .ok_or_else(|| invalid("`auth_time` is missing, though max_age was asked for"))?;
            if auth_time > latest {
                return Err(invalid("`auth_time` is in the future"));
            }
            if auth_time + i64::from(max_age) + settings.clock_tolerance < settings.clock.now() {
                return Err(invalid(
                    "the person proved who they are longer ago than max_age allows",
                ));
            }
        }
        Ok(())
    }
}

/// Why a token is refused.
enum Failure {
    /// No key that is known has signed it; newer ones may have.
    Key(Error),
    /// It would not do, whoever signed it.
    Token(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Token(error)
    }
}

impl IdToken {
    /// When the person proved who they are, in seconds since the Unix epoch.
    pub(crate) fn auth_time(&self) -> Option<i64> {
        auth_time(&self.claims)
    }
}

fn auth_time(claims: &Map<String, Value>) -> Option<i64> {
    seconds(claims.get("auth_time")?)
}

/// A time in whole seconds. RFC 7519 §2 allows fractions; they count as begun, so that no time is made earlier.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a time in seconds is far below 2^53, and what is not saturates"
)]
fn seconds(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|seconds| seconds.ceil() as i64))
}

/// Claims of which none is there twice (RFC 7519 §4): everybody would read another one.
struct Claims(Map<String, Value>);

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachOnce;

        impl<'de> Visitor<'de> for EachOnce {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with claims")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Claims, A::Error> {
                let mut claims = Map::new();
                while let Some((name, value)) = entries.next_entry::<String, Value>()? {
                    if claims.insert(name, value).is_some() {
                        return Err(de::Error::custom("a claim is there twice"));
                    }
                }
                Ok(Claims(claims))
            }
        }

        deserializer.deserialize_map(EachOnce)
    }
}

/// Header and payload of a compact JWS, before anything is believed.
fn read(id_token: &str) -> Result<(Header, Map<String, Value>), Error> {
    let mut parts = id_token.split('.');
    let (Some(header), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(invalid(
            "it is not a signed JWT; encrypted ID tokens are not supported",
        ));
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header = decode(header).and_then(|json| serde_json::from_slice(&json).ok());
    let payload = decode(payload).and_then(|json| serde_json::from_slice(&json).ok());
    header
        .zip(payload.map(|Claims(claims)| claims))
        .ok_or_else(|| invalid("its header or payload is not JSON, or a claim is there twice"))
}

fn invalid(reason: impl Into<String>) -> Error {
    Error::InvalidIdToken(reason.into())
}

/// The library's own words may repeat values from the token, such as the nonce; these do not.
fn reason(error: &ClaimsVerificationError) -> &'static str {
    use ClaimsVerificationError as E;
    match error {
        E::Expired(_) => "it has expired, or `iat` is in the future",
        E::InvalidAudience(_) => "`aud` is missing, or names others than this client",
        E::InvalidIssuer(_) => "`iss` is another issuer",
        E::InvalidNonce(_) => "`nonce` is missing, or of another sign-in",
        E::InvalidSubject(_) => "`sub` is not acceptable",
        E::SignatureVerification(_) => "its signature is not the issuer's",
        _ => "it is of a kind that cannot be used",
    }
}

fn date(seconds: i64) -> Result<chrono::DateTime<chrono::Utc>, Error> {
    chrono::DateTime::from_timestamp(seconds, 0).ok_or_else(|| invalid("the clock is out of range"))
}
