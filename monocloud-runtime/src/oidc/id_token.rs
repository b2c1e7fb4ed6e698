//! ID token validation (OIDC Core 3.1.3.7).
//!
//! The `openidconnect` crate checks signature, issuer, audience, expiry and nonce; the rest is
//! checked here, over the same payload. Only the configured algorithm is accepted, and only keys
//! that fit it are shown to the library.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, AccessTokenHash, ClientId, EmptyAdditionalClaims, IdTokenVerifier, JsonWebKeySet, Nonce,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Issuer, Metadata};
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

#[derive(Deserialize)]
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
        let mut candidates = self
            .keys
            .get()
            .await?
            .candidates(algorithm, header.kid.as_deref());
        if candidates.is_empty() {
            candidates = self
                .keys
                .renew()
                .await?
                .candidates(algorithm, header.kid.as_deref());
        }
        let mut result = Err(invalid("the issuer has published no key that fits it"));
        for key in candidates {
            result = self.check(metadata, &parsed, &claims, key, expected);
            if result.is_ok() {
                break;
            }
        }
        result?;
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

    fn check(
        &self,
        metadata: &Metadata,
        token: &Parsed,
        claims: &Map<String, Value>,
        key: CoreJsonWebKey,
        expected: &Expected<'_>,
    ) -> Result<(), Error> {
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
        let verified = token
            .claims(&verifier, &Nonce::new(expected.nonce.to_owned()))
            .map_err(|error| invalid(reason(&error)))?;
        if let Some(hash) = verified.access_token_hash() {
            let actual =
                AccessTokenHash::from_token(&AccessToken::new(expected.access_token.to_owned()), alg, &key)
                    .map_err(|_| invalid("`at_hash` cannot be checked"))?;
            if !crypto::equal(&actual, hash) {
                return Err(invalid("`at_hash` does not belong to the access token"));
            }
        }
        self.check_rest(claims, expected)
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
            && not_before.as_f64().is_none_or(|nbf| nbf > latest as f64)
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

impl IdToken {
    /// When the person proved who they are, in seconds since the Unix epoch.
    pub(crate) fn auth_time(&self) -> Option<i64> {
        auth_time(&self.claims)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a time in seconds is far below 2^53"
)]
fn auth_time(claims: &Map<String, Value>) -> Option<i64> {
    let value = claims.get("auth_time")?;
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|seconds| seconds as i64))
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
        .zip(payload)
        .ok_or_else(|| invalid("its header or payload is not JSON"))
}

fn invalid(reason: impl Into<String>) -> Error {
    Error::InvalidIdToken(reason.into())
}

/// The library's own words may repeat values from the token, such as the nonce; these do not.
fn reason(error: &openidconnect::ClaimsVerificationError) -> &'static str {
    use openidconnect::ClaimsVerificationError as E;
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
