//! The ID token that comes with a refresh (OIDC Core 12.2).
//!
//! It may be absent. Where it is there, it is the same person at the same issuer, for the same audience, of the same
//! authentication. It proves nothing new.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::claims;
use super::id_token::{Check, IdToken};
use super::issuer::Issuer;
use super::metadata::Metadata;
use crate::crypto::{equal, fingerprint};
use crate::error::Error;
use crate::jose::claims_of_verified;
use crate::json;

/// What the first ID token said, which every later one has to repeat.
pub(crate) struct FirstIdToken<'a> {
    pub(crate) subject: &'a str,
    pub(crate) auth_time: Option<i64>,
    /// As [`IdToken::mark`] gave it.
    pub(crate) mark: Option<&'a str>,
}

impl Issuer {
    /// The claims, if all is well.
    pub(crate) async fn validate_refreshed(
        &self,
        metadata: &Metadata,
        id_token: &str,
        access_token: &str,
        first: &FirstIdToken<'_>,
    ) -> Result<IdToken, Error> {
        let (claims, algorithm) = self.verified(id_token).await?;
        let subject = Check::of(&self.settings, &claims)
            .of_any_grant(&metadata.issuer, algorithm, access_token)
            .and_then(|subject| first.check(&subject, &claims).map(|()| subject))
            .map_err(Error::InvalidIdToken)?;
        Ok(IdToken { subject, claims })
    }
}

impl IdToken {
    /// By which audience and nonce are known again: hashes, since neither is needed for anything else.
    pub(crate) fn mark(&self) -> String {
        mark(&self.claims)
    }

    /// The claims that it has otherwise than the one before it, which was verified when it came. Those that the
    /// application has changed since, or that userinfo told better, are not told again for that.
    pub(crate) fn changed_since(self, earlier: Option<&str>) -> Map<String, Value> {
        let earlier = earlier.and_then(claims_of_verified).unwrap_or_default();
        let mut claims = self.claims;
        claims.retain(|name, value| earlier.get(name) != Some(value));
        claims
    }
}

fn mark(claims: &Map<String, Value>) -> String {
    let mut audiences = claims::audiences(claims).unwrap_or_default();
    audiences.sort_unstable();
    audiences.dedup();
    let nonce = claims.get("nonce").and_then(Value::as_str).unwrap_or_default();
    [audiences.join("\n"), nonce.to_owned()]
        .map(|text| URL_SAFE_NO_PAD.encode(fingerprint(text.as_bytes())))
        .join(".")
}

impl FirstIdToken<'_> {
    fn check(&self, subject: &str, claims: &Map<String, Value>) -> Result<(), String> {
        if !equal(subject, self.subject) {
            return Err("`sub` is not whose session it is".to_owned());
        }
        let found = mark(claims);
        let (audience, nonce) = found.split_once('.').unwrap_or_default();
        let (first_audience, first_nonce) = self.mark.and_then(|mark| mark.split_once('.')).unzip();
        if first_audience.is_some_and(|first| !equal(first, audience)) {
            return Err("`aud` is not that of the sign-in".to_owned());
        }
        if json::member(claims, "nonce").is_some() && !first_nonce.is_some_and(|first| equal(first, nonce)) {
            return Err("`nonce` is not that of the sign-in".to_owned());
        }
        match (claims::time(claims, "auth_time")?, self.auth_time) {
            (Some(found), Some(first)) if found != first => {
                Err("`auth_time` is not that of the sign-in".to_owned())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{FirstIdToken, mark};

    fn claims(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(claims) => claims,
            _ => unreachable!(),
        }
    }

    #[test]
    fn what_the_first_said_is_repeated_or_left_out() {
        let first = claims(json!({"aud": ["app", "project"], "nonce": "n", "auth_time": 5}));
        let mark = mark(&first);
        let first = FirstIdToken {
            subject: "mira",
            auth_time: Some(5),
            mark: Some(&mark),
        };
        for (subject, token, says) in [
            ("mira", json!({"aud": ["project", "app"]}), None),
            (
                "mira",
                json!({"aud": ["app", "project", "app"], "nonce": "n", "auth_time": 5}),
                None,
            ),
            (
                "mira",
                json!({"aud": ["app", "project"], "nonce": null, "auth_time": null}),
                None,
            ),
            ("lin", json!({"aud": ["app", "project"]}), Some("`sub`")),
            ("mira", json!({"aud": "app"}), Some("`aud`")),
            (
                "mira",
                json!({"aud": ["app", "project"], "nonce": "other"}),
                Some("`nonce`"),
            ),
            (
                "mira",
                json!({"aud": ["app", "project"], "nonce": ""}),
                Some("`nonce`"),
            ),
            (
                "mira",
                json!({"aud": ["app", "project"], "nonce": 7}),
                Some("`nonce`"),
            ),
            (
                "mira",
                json!({"aud": ["app", "project"], "auth_time": 6}),
                Some("`auth_time`"),
            ),
        ] {
            let found = first.check(subject, &claims(token.clone()));
            match says {
                None => assert_eq!(found, Ok(()), "{token}"),
                Some(word) => assert!(found.is_err_and(|error| error.contains(word)), "{token}"),
            }
        }
    }

    #[test]
    fn a_nonce_that_nothing_is_known_of_is_not_the_same_one() {
        let first = FirstIdToken {
            subject: "mira",
            auth_time: None,
            mark: None,
        };
        assert!(
            first
                .check("mira", &claims(json!({"aud": "app", "nonce": "n"})))
                .is_err()
        );
        assert!(
            first
                .check("mira", &claims(json!({"aud": "app", "auth_time": 6})))
                .is_ok()
        );
    }
}
