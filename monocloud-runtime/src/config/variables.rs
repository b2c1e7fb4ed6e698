//! What was set by variables: fills what the builder left open.
//!
//! Empty values count as not set. A value that cannot be read is a problem; a `MONOCLOUD_*` name
//! that nobody reads is one warning in the log.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use super::ClientAuthMethod;
use super::builder::Builder;
use super::options::{ResponseMode, SameSite};

pub(super) const PREFIX: &str = "MONOCLOUD_";

/// Read by the `testing` feature, so not unknown.
const READ_ELSEWHERE: &[&str] = &["MONOCLOUD_EMBEDDED_PROVIDER"];

/// Fills `builder` from its variables and returns what could not be read.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn fill(builder: &mut Builder) -> Vec<String> {
    let mut vars = Variables {
        left: std::mem::take(&mut builder.vars).into_iter().collect(),
        problems: Vec::new(),
    };
    let v = &mut vars;
    v.text("AUTH_TENANT_DOMAIN", &mut builder.tenant_domain);
    v.text("AUTH_CLIENT_ID", &mut builder.client_id);
    v.text("AUTH_CLIENT_SECRET", &mut builder.client_secret);
    v.read(
        "AUTH_CLIENT_AUTH_METHOD",
        &mut builder.client_auth_method,
        ClientAuthMethod::parse,
    );
    v.text("AUTH_APP_URL", &mut builder.app_url);
    v.list("AUTH_TRUSTED_ORIGINS", &mut builder.trusted_origins);
    v.list("AUTH_TRUSTED_AUDIENCES", &mut builder.trusted_audiences);
    v.text("AUTH_COOKIE_SECRET", &mut builder.cookie_secret);
    v.list(
        "AUTH_COOKIE_SECRETS_PREVIOUS",
        &mut builder.previous_cookie_secrets,
    );
    // What `auth_params` says was set in code too, so it wins over the variable.
    let params = &mut builder.auth_params;
    builder.scopes = builder.scopes.take().or_else(|| params.scopes.take());
    builder.resource = builder.resource.take().or_else(|| params.resource.take());
    v.text("AUTH_SCOPES", &mut builder.scopes);
    v.text("AUTH_RESOURCE", &mut builder.resource);
    let params = &mut builder.auth_params;
    v.text("AUTH_PROMPT", &mut params.prompt);
    v.number(
        "AUTH_MAX_AGE",
        &mut params.max_age,
        "a whole number of seconds such as 3600",
    );
    v.read(
        "AUTH_RESPONSE_MODE",
        &mut params.response_mode,
        ResponseMode::parse,
    );
    v.number(
        "AUTH_CLOCK_SKEW",
        &mut builder.clock_skew,
        "a number of seconds such as 0 or -30",
    );
    v.seconds("AUTH_CLOCK_TOLERANCE", &mut builder.clock_tolerance);
    v.milliseconds("AUTH_RESPONSE_TIMEOUT", &mut builder.response_timeout);
    v.boolean("AUTH_FEDERATED_SIGNOUT", &mut builder.federated_sign_out);
    v.text(
        "AUTH_POST_LOGOUT_REDIRECT_URI",
        &mut builder.post_logout_redirect_uri,
    );
    v.list(
        "AUTH_POST_LOGOUT_REDIRECT_URIS",
        &mut builder.post_logout_redirect_uris,
    );
    v.text("AUTH_LOGOUT_URL", &mut builder.logout_url);
    v.boolean(
        "AUTH_ALLOW_QUERY_PARAM_OVERRIDES",
        &mut builder.allow_query_param_overrides,
    );
    v.boolean("AUTH_USER_INFO", &mut builder.fetch_user_info);
    v.boolean("AUTH_FETCH_USER_INFO", &mut builder.fetch_user_info);
    v.boolean("AUTH_REFETCH_USER_INFO", &mut builder.refetch_user_info);
    v.boolean(
        "AUTH_REFETCH_STRICT_PROFILE_SYNC",
        &mut builder.strict_profile_sync,
    );
    v.text("AUTH_ID_TOKEN_SIGNING_ALG", &mut builder.id_token_signing_alg);
    v.list(
        "AUTH_FILTERED_ID_TOKEN_CLAIMS",
        &mut builder.filtered_id_token_claims,
    );
    v.text("AUTH_GROUPS_CLAIM", &mut builder.groups_claim);
    v.text("AUTH_CALLBACK_URL", &mut builder.routes.callback);
    v.text("AUTH_SIGNIN_URL", &mut builder.routes.sign_in);
    v.text("AUTH_SIGNOUT_URL", &mut builder.routes.sign_out);
    v.text("AUTH_USER_INFO_URL", &mut builder.routes.user_info);
    v.text("AUTH_SESSION_COOKIE_NAME", &mut builder.session_cookie.name);
    v.text("AUTH_SESSION_COOKIE_PATH", &mut builder.session_cookie.path);
    v.text("AUTH_SESSION_COOKIE_DOMAIN", &mut builder.session_cookie.domain);
    v.boolean(
        "AUTH_SESSION_COOKIE_HTTP_ONLY",
        &mut builder.session_cookie.http_only,
    );
    v.boolean("AUTH_SESSION_COOKIE_SECURE", &mut builder.session_cookie.secure);
    v.read(
        "AUTH_SESSION_COOKIE_SAME_SITE",
        &mut builder.session_cookie.same_site,
        SameSite::parse,
    );
    v.boolean(
        "AUTH_SESSION_COOKIE_PERSISTENT",
        &mut builder.session_cookie.persistent,
    );
    v.boolean("AUTH_SESSION_SLIDING", &mut builder.session_lifetime.sliding);
    v.seconds("AUTH_SESSION_DURATION", &mut builder.session_lifetime.duration);
    v.seconds(
        "AUTH_SESSION_MAX_DURATION",
        &mut builder.session_lifetime.max_duration,
    );
    v.text("AUTH_STATE_COOKIE_NAME", &mut builder.state_cookie.name);
    v.text("AUTH_STATE_COOKIE_PATH", &mut builder.state_cookie.path);
    v.text("AUTH_STATE_COOKIE_DOMAIN", &mut builder.state_cookie.domain);
    v.boolean("AUTH_STATE_COOKIE_SECURE", &mut builder.state_cookie.secure);
    v.read(
        "AUTH_STATE_COOKIE_SAME_SITE",
        &mut builder.state_cookie.same_site,
        SameSite::parse,
    );
    v.boolean(
        "AUTH_STATE_COOKIE_PERSISTENT",
        &mut builder.state_cookie.persistent,
    );
    v.seconds("AUTH_STATE_DURATION", &mut builder.state_lifetime.duration);
    v.number(
        "AUTH_STATE_MAX_CONCURRENT",
        &mut builder.state_lifetime.max_concurrent,
        "a number from 1 to 20",
    );
    v.seconds("AUTH_JWKS_CACHE_DURATION", &mut builder.jwks_cache);
    v.seconds("AUTH_METADATA_CACHE_DURATION", &mut builder.metadata_cache);
    v.text("AUTH_PAGE_NAME", &mut builder.page_name);
    v.text("AUTH_PAGE_COLOR", &mut builder.page_color);
    v.number(
        "AUTH_COOKIE_BUDGET",
        &mut builder.cookie_budget.trim_above,
        "a number of bytes such as 7168",
    );
    v.number(
        "AUTH_COOKIE_LIMIT",
        &mut builder.cookie_budget.refuse_above,
        "a number of bytes such as 15360",
    );
    vars.finish()
}

struct Variables {
    left: BTreeMap<String, String>,
    problems: Vec<String>,
}

impl Variables {
    /// The value of a variable, if it is needed: what the builder set is not even read.
    fn take<T>(&mut self, name: &str, slot: Option<&T>) -> Option<String> {
        let value = self.left.remove(&format!("{PREFIX}{name}"))?;
        let value = value.trim();
        (slot.is_none() && !value.is_empty()).then(|| value.to_owned())
    }

    fn text(&mut self, name: &str, slot: &mut Option<String>) {
        if let Some(value) = self.take(name, slot.as_ref()) {
            *slot = Some(value);
        }
    }

    fn list(&mut self, name: &str, slot: &mut Option<Vec<String>>) {
        if let Some(value) = self.take(name, slot.as_ref()) {
            *slot = Some(value.split_ascii_whitespace().map(str::to_owned).collect());
        }
    }

    fn number<T: FromStr>(&mut self, name: &str, slot: &mut Option<T>, write: &str) {
        self.read(name, slot, |value| {
            value
                .parse()
                .map_err(|_| format!("`{value}` cannot be used; write {write}"))
        });
    }

    fn seconds(&mut self, name: &str, slot: &mut Option<Duration>) {
        self.duration(name, slot, "seconds", Duration::from_secs);
    }

    fn milliseconds(&mut self, name: &str, slot: &mut Option<Duration>) {
        self.duration(name, slot, "milliseconds", Duration::from_millis);
    }

    fn duration(&mut self, name: &str, slot: &mut Option<Duration>, unit: &str, make: fn(u64) -> Duration) {
        self.read(name, slot, |value| {
            value
                .parse()
                .map(make)
                .map_err(|_| format!("`{value}` is not a number; write a whole number of {unit}"))
        });
    }

    fn boolean(&mut self, name: &str, slot: &mut Option<bool>) {
        self.read(name, slot, |value| match value.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(format!("`{value}` is neither yes nor no; write true or false")),
        });
    }

    fn read<T>(&mut self, name: &str, slot: &mut Option<T>, read: impl FnOnce(&str) -> Result<T, String>) {
        if let Some(value) = self.take(name, slot.as_ref()) {
            match read(&value) {
                Ok(value) => *slot = Some(value),
                Err(problem) => self.problems.push(format!("{PREFIX}{name}: {problem}")),
            }
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.left
            .retain(|name, _| !READ_ELSEWHERE.contains(&name.as_str()));
        if !self.left.is_empty() {
            let names = self.left.into_keys().collect::<Vec<_>>().join(", ");
            tracing::warn!(
                name: "monocloud.config.unknown_variables",
                variables = names,
                "these variables are not known to this version and have no effect"
            );
        }
        self.problems
    }
}

impl ResponseMode {
    fn parse(value: &str) -> Result<Self, String> {
        match value.to_ascii_lowercase().as_str() {
            "query" => Ok(Self::Query),
            "form_post" => Ok(Self::FormPost),
            _ => Err(format!("`{value}` cannot be used; write query or form_post")),
        }
    }
}

impl SameSite {
    fn parse(value: &str) -> Result<Self, String> {
        match value.to_ascii_lowercase().as_str() {
            "strict" => Ok(Self::Strict),
            "lax" => Ok(Self::Lax),
            "none" => Ok(Self::None),
            _ => Err(format!("`{value}` cannot be used; write lax, strict or none")),
        }
    }
}
