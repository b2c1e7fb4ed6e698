//! What the token endpoint gives (RFC 6749 §5.1, OIDC Core 3.1.3.3).
//!
//! The tokens and their type decide whether it can be used. The rest is taken where it cannot be
//! misread, and is otherwise as if it were not there.

use serde_json::{Map, Value};

use crate::error::Error;
use crate::json;

pub(super) const ENDPOINT: &str = "the token endpoint";

/// What the token endpoint gave.
pub(crate) struct TokenResponse {
    pub(crate) access_token: String,
    /// Seconds from now, if the issuer said so.
    pub(crate) expires_in: Option<i64>,
    pub(crate) scopes: Option<Vec<String>>,
    /// Not yet validated.
    pub(crate) id_token: Option<String>,
    pub(crate) refresh_token: Option<String>,
}

impl TokenResponse {
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, Error> {
        let malformed = |reason: String| Error::malformed(ENDPOINT, reason);
        let access_token = json::required_text(members, "access_token").map_err(malformed)?;
        if access_token.is_empty() {
            return Err(malformed("`access_token` is empty".to_owned()));
        }
        // RFC 6749 §5.1 requires it, and some leave it out. A token is shown to nobody but the
        // issuer's own endpoint, so nothing is lost by taking the usual type for granted.
        match json::text(members, "token_type").map_err(malformed)? {
            Some(token_type) if !token_type.eq_ignore_ascii_case("Bearer") => {
                return Err(malformed("`token_type` is not Bearer".to_owned()));
            }
            _ => {}
        }
        let id_token = json::text(members, "id_token").map_err(malformed)?;
        let refresh_token = json::member(members, "refresh_token").and_then(Value::as_str);
        Ok(Self {
            access_token: access_token.to_owned(),
            expires_in: json::member(members, "expires_in").and_then(seconds),
            scopes: json::member(members, "scope").and_then(scopes),
            id_token: id_token.map(str::to_owned),
            refresh_token: refresh_token.filter(|token| !token.is_empty()).map(str::to_owned),
        })
    }

    /// The ID token where there must be one (OIDC Core 3.1.3.3).
    pub(super) fn required_id_token(&mut self) -> Result<String, Error> {
        self.id_token.take().ok_or_else(|| {
            let reason = "`id_token` is missing; is `openid` allowed for this client?";
            Error::malformed(ENDPOINT, reason)
        })
    }
}

/// A lifetime: a number, or one in quotes. What is begun of a second is not counted.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is beyond the range saturates, and lasts longer than any session"
)]
fn seconds(value: &Value) -> Option<i64> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    (seconds >= 0.0).then_some(seconds as i64)
}

/// Scopes in one string, or a list of them.
fn scopes(value: &Value) -> Option<Vec<String>> {
    let scopes: Vec<String> = match value {
        Value::String(scopes) => scopes.split_ascii_whitespace().map(str::to_owned).collect(),
        Value::Array(scopes) => scopes
            .iter()
            .map(|scope| scope.as_str().map(str::to_owned))
            .collect::<Option<_>>()?,
        _ => return None,
    };
    (!scopes.is_empty()).then_some(scopes)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::TokenResponse;

    fn read(changes: &Value) -> Result<TokenResponse, String> {
        let mut answer = json!({"access_token": "a", "id_token": "i", "token_type": "Bearer"});
        let members = answer.as_object_mut().expect("an object");
        members.extend(changes.as_object().expect("an object").clone());
        TokenResponse::read(members).map_err(|error| error.to_string())
    }

    #[test]
    fn a_lifetime_is_read_where_it_cannot_be_misread() {
        for (expires_in, seconds) in [
            (json!(3599), Some(3599)),
            (json!("3599"), Some(3599)),
            (json!(" 3599 "), Some(3599)),
            (json!(3599.9), Some(3599)),
            (json!("3599.0"), Some(3599)),
            (json!(0), Some(0)),
            (json!(u64::MAX), Some(i64::MAX)),
            (json!(1e300), Some(i64::MAX)),
            (json!(-1), None),
            (json!("soon"), None),
            (json!("NaN"), None),
            (json!(""), None),
            (json!(true), None),
            (json!([3599]), None),
            (json!(null), None),
        ] {
            let tokens = read(&json!({ "expires_in": expires_in })).expect("tokens");
            assert_eq!(tokens.expires_in, seconds, "{expires_in}");
        }
    }

    #[test]
    fn scopes_are_a_string_or_a_list() {
        let two = Some(vec!["openid".to_owned(), "email".to_owned()]);
        for (scope, scopes) in [
            (json!("openid email"), two.clone()),
            (json!(["openid", "email"]), two),
            (json!(""), None),
            (json!([]), None),
            (json!(["openid", 7]), None),
            (json!({"openid": true}), None),
            (json!(7), None),
            (json!(null), None),
        ] {
            let tokens = read(&json!({ "scope": scope })).expect("tokens");
            assert_eq!(tokens.scopes, scopes, "{scope}");
        }
    }

    #[test]
    fn a_refresh_token_is_text() {
        for (refresh_token, read_as) in [
            (json!("r"), Some("r")),
            (json!(""), None),
            (json!(null), None),
            (json!(7), None),
        ] {
            let tokens = read(&json!({ "refresh_token": refresh_token })).expect("tokens");
            assert_eq!(tokens.refresh_token.as_deref(), read_as, "{refresh_token}");
        }
    }

    #[test]
    fn what_decides_is_named() {
        for (changes, words) in [
            (json!({"access_token": null}), "`access_token` is missing"),
            (
                json!({"access_token": 7}),
                "`access_token` is a number, and must be a string",
            ),
            (json!({"access_token": ""}), "`access_token` is empty"),
            (
                json!({"id_token": {}}),
                "`id_token` is an object, and must be a string",
            ),
            (json!({"token_type": 7}), "`token_type` is a number"),
            (json!({"token_type": "DPoP"}), "`token_type` is not Bearer"),
            (json!({"token_type": ""}), "`token_type` is not Bearer"),
        ] {
            let error = read(&changes).err().expect(words);
            assert!(error.contains(words), "{error}");
        }
        let mut without = read(&json!({"id_token": null})).expect("a refresh may leave it out");
        let error = without
            .required_id_token()
            .expect_err("a sign-in needs it")
            .to_string();
        assert!(error.contains("`id_token` is missing"), "{error}");
        for token_type in [json!("bearer"), json!("BEARER"), json!(null)] {
            assert!(read(&json!({ "token_type": token_type })).is_ok(), "{token_type}");
        }
    }
}
