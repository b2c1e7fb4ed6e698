//! The authorization request (RFC 6749 4.1.1, OIDC Core 3.1.2.1): what it may say, and what it means.

use url::Url;

use super::encoding::b64;
use super::oauth_error::OAuthError;
use super::params::Params;

const PROMPTS: [&str; 5] = ["none", "login", "consent", "select_account", "create"];

/// An authorization request that has passed all checks.
#[derive(Clone)]
pub(super) struct AuthorizationRequest {
    pub(super) destination: Destination,
    pub(super) scopes: Vec<String>,
    /// The APIs that tokens may be for: each `resource`, and the `audience`.
    pub(super) resources: Vec<String>,
    /// An API by any name, for which tokens are whose request names none.
    pub(super) audience: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: Option<String>,
    pub(super) acr_values: Vec<String>,
    pub(super) login_hint: Option<String>,
    pub(super) id_token_hint: Option<String>,
    /// In seconds.
    pub(super) max_age: Option<i64>,
    prompts: Vec<String>,
}

/// Where the authorization response goes, and how. The URI is one that the client may name.
#[derive(Clone)]
pub(super) struct Destination {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) form_post: bool,
    pub(super) state: Option<String>,
}

impl AuthorizationRequest {
    pub(super) fn parse(
        params: &Params,
        destination: Destination,
        require_pkce: bool,
    ) -> Result<Self, OAuthError> {
        if let Some(name) = params.repeated() {
            let description = format!("the parameter {name} is there twice");
            return Err(OAuthError::invalid_request(description));
        }
        if params.value("request").is_some() {
            return Err(OAuthError::new("request_not_supported", "send plain parameters"));
        }
        if params.value("request_uri").is_some() {
            return Err(OAuthError::new(
                "request_uri_not_supported",
                "send plain parameters",
            ));
        }
        check_response(params)?;
        let scopes = params.list("scope");
        let resources = targets(params)?;
        // Without it nobody signs in (OIDC Core 3.1.2.1), but an API may be asked for (RFC 6749 4.1.1).
        if resources.is_empty() && !scopes.iter().any(|scope| scope == "openid") {
            let description = "the scope must contain openid, unless a resource or an audience is named";
            return Err(OAuthError::new("invalid_scope", description));
        }
        Ok(Self {
            destination,
            scopes,
            resources,
            audience: params.owned("audience"),
            nonce: params.owned("nonce"),
            code_challenge: code_challenge(params, require_pkce)?,
            acr_values: params.list("acr_values"),
            login_hint: params.owned("login_hint"),
            id_token_hint: params.owned("id_token_hint"),
            max_age: max_age(params)?,
            prompts: prompts(params)?,
        })
    }

    /// Whether a `prompt` of the request is this one.
    pub(super) fn prompts(&self, prompt: &str) -> bool {
        self.prompts.iter().any(|asked| asked == prompt)
    }

    /// As if nothing had been said of how and when somebody signs in.
    pub(super) fn ask_for_nothing(&mut self) {
        self.acr_values.clear();
        self.prompts.clear();
        self.max_age = None;
    }

    /// Whether the login page is shown to those too who are signed in.
    pub(super) fn asks_for_the_page(&self) -> bool {
        ["login", "select_account", "create"]
            .iter()
            .any(|prompt| self.prompts(prompt))
    }
}

/// The APIs that a request names (RFC 8707 2). An `audience` has any form.
pub(super) fn targets(params: &Params) -> Result<Vec<String>, OAuthError> {
    let is_one = |text: &String| Url::parse(text).is_ok_and(|url| url.fragment().is_none());
    if params.all("resource").iter().all(is_one) {
        Ok(params.targets())
    } else {
        let description = "a resource is an absolute URI without a fragment";
        Err(OAuthError::new("invalid_target", description))
    }
}

fn check_response(params: &Params) -> Result<(), OAuthError> {
    match params.value("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(OAuthError::new(
                "unsupported_response_type",
                "use response_type=code",
            ));
        }
        None => return Err(OAuthError::invalid_request("response_type is missing")),
    }
    match params.value("response_mode") {
        None | Some("query" | "form_post") => Ok(()),
        Some(_) => Err(OAuthError::invalid_request(
            "response_mode is neither query nor form_post",
        )),
    }
}

fn prompts(params: &Params) -> Result<Vec<String>, OAuthError> {
    let prompts = params.list("prompt");
    if let Some(unknown) = prompts.iter().find(|word| !PROMPTS.contains(&word.as_str())) {
        let description = format!("the prompt {unknown} is not known");
        return Err(OAuthError::invalid_request(description));
    }
    if prompts.len() > 1 && prompts.iter().any(|prompt| prompt == "none") {
        return Err(OAuthError::invalid_request("prompt=none stands alone"));
    }
    Ok(prompts)
}

fn max_age(params: &Params) -> Result<Option<i64>, OAuthError> {
    match params.value("max_age").map(str::parse::<u32>) {
        None => Ok(None),
        Some(Ok(seconds)) => Ok(Some(seconds.into())),
        Some(Err(_)) => Err(OAuthError::invalid_request("max_age is not a number of seconds")),
    }
}

/// PKCE with S256 only; a challenge without a method would mean `plain` (RFC 7636 4.3).
fn code_challenge(params: &Params, required: bool) -> Result<Option<String>, OAuthError> {
    let challenge = params.value("code_challenge");
    match (challenge, params.value("code_challenge_method")) {
        (None, None) if required => Err(OAuthError::invalid_request("code_challenge is required")),
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if b64::decode(challenge).is_some_and(|hash| hash.len() == 32) => {
            Ok(Some(challenge.into()))
        }
        _ => Err(OAuthError::invalid_request(
            "code_challenge must be a SHA-256 hash in base64url, code_challenge_method S256",
        )),
    }
}
