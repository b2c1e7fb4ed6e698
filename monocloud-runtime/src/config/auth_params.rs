//! What is asked of the issuer when somebody signs in.

use std::str::FromStr;

use super::kind::{Choice, Hidden, Kind, Number, Text};
use super::rules::{Check, any, any_or, between, optional, or};
use super::secret::Secret;
use super::sets::{ResourceSet, ScopeSet};
use super::setting::settings;
use super::sources::Sources;

settings! {
    /// Parameters of the authorization request (OIDC Core 3.1.2.1, RFC 8707).
    pub struct AuthParams;
    in auth_params() -> AuthorizationParams;

    /// Scopes, separated by spaces; must contain `openid`. `MONOCLOUD_AUTH_SCOPES`, `openid profile email`.
    scopes: Text = "MONOCLOUD_AUTH_SCOPES",
        or("openid profile email".to_owned(), ScopeSet::with_openid) => ScopeSet;

    /// Resource indicators, separated by spaces (RFC 8707). `MONOCLOUD_AUTH_RESOURCE`.
    resource: Text = "MONOCLOUD_AUTH_RESOURCE",
        or(String::new(), ResourceSet::parse) => ResourceSet;

    /// `audience`, for issuers that take it in place of `resource`.
    audience: Text, any => Option<String>;

    /// `prompt`: `none`, `login`, `consent`, `select_account` or `create`. `MONOCLOUD_AUTH_PROMPT`.
    prompt: Text = "MONOCLOUD_AUTH_PROMPT",
        optional(prompt) => Option<String>;

    /// `display`: `page`, `popup`, `touch` or `wap`.
    display: Text, any => Option<String>;

    /// `ui_locales`: preferred languages, separated by spaces.
    ui_locales: Text, any => Option<String>;

    /// `acr_values`, separated by spaces.
    acr_values: Text, any => Option<String>;

    /// MonoCloud's hint for the authenticator to begin with.
    authenticator_hint: Text, any => Option<String>;

    /// The most seconds since the person proved who they are; checked on return. `MONOCLOUD_AUTH_MAX_AGE`.
    max_age: Number<u32> = "MONOCLOUD_AUTH_MAX_AGE",
        optional(between(0, 400 * 86_400, "seconds", "3600 for an hour")) => Option<u32>;

    /// `login_hint`: who is about to sign in.
    login_hint: Hidden, optional(|hint: &str| Ok(Secret::new(hint))) => Option<Secret>;

    /// `id_token_hint`: an ID token of the person that is expected.
    id_token_hint: Hidden, optional(|hint: &str| Ok(Secret::new(hint))) => Option<Secret>;

    /// How the authorization response comes back. `MONOCLOUD_AUTH_RESPONSE_MODE`: `query` or `form_post`.
    response_mode: Choice<ResponseMode> = "MONOCLOUD_AUTH_RESPONSE_MODE",
        any_or(ResponseMode::Query) => ResponseMode;
}

/// How the issuer returns the answer of an authorization request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the query of a redirect.
    #[default]
    Query,
    /// As a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl FromStr for ResponseMode {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        match value.to_ascii_lowercase().as_str() {
            "query" => Ok(Self::Query),
            "form_post" => Ok(Self::FormPost),
            _ => Err("it cannot be used; write query or form_post".to_owned()),
        }
    }
}

/// A list of lower-case words, of which `none` stands alone (OIDC Core 3.1.2.1).
fn prompt(value: &str) -> Result<String, String> {
    let words: Vec<&str> = value.split(' ').collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if !words.iter().all(is_word) || words.len() > 1 && words.contains(&"none") {
        return Err("it is not a prompt; write none, login, consent, select_account or create".to_owned());
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::AuthParams;

    #[test]
    fn debug_hides_who_is_expected() {
        let params = AuthParams::new()
            .id_token_hint("a-token")
            .login_hint("mira@example.com")
            .prompt("login");
        let shown = format!("{params:?}");
        assert!(shown.contains("prompt: Some(\"login\")"), "{shown}");
        assert!(!shown.contains("a-token") && !shown.contains("mira"), "{shown}");
    }
}
