//! The settings: read from the builder and from variables, checked together, reported together.
//!
//! [`Builder`] collects what was given, `variables` reads the environment, `check` turns both into
//! [`Settings`], in which every value is valid. Nothing here does I/O but reading the environment.

mod builder;
mod check;
mod options;
mod rules;
mod values;
mod variables;

use std::time::Duration;

pub use builder::Builder;
pub use options::{
    AuthParams, CookieBudget, ResponseMode, Routes, SameSite, SessionCookie, SessionLifetime, StateCookie,
    StateLifetime,
};
pub use values::ClientAuthMethod;
pub(crate) use values::{AppUrl, LogoutUrl, ScopeSet, Secret, TenantDomain, parse_resources};

use crate::clock::Clock;
use crate::jose::Algorithm;

/// Every setting, checked.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug)]
#[allow(dead_code, reason = "some are settled before what uses them")]
pub(crate) struct Settings {
    pub(crate) tenant_domain: TenantDomain,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    /// Where it is not set, the issuer's metadata decides.
    pub(crate) client_auth_method: Option<ClientAuthMethod>,
    pub(crate) app_url: AppUrl,
    /// As browsers write them in an `Origin` header.
    pub(crate) trusted_origins: Vec<String>,
    /// Beside the client itself.
    pub(crate) trusted_audiences: Vec<String>,
    pub(crate) cookie_secret: Secret,
    pub(crate) previous_cookie_secrets: Vec<Secret>,
    pub(crate) auth_params: AuthParams,
    /// Includes the configured skew.
    pub(crate) clock: Clock,
    /// Seconds.
    pub(crate) clock_tolerance: i64,
    pub(crate) response_timeout: Duration,
    pub(crate) federated_sign_out: bool,
    pub(crate) post_logout_redirect_uri: String,
    pub(crate) post_logout_redirect_uris: Vec<String>,
    pub(crate) logout_url: Option<LogoutUrl>,
    pub(crate) allow_query_param_overrides: bool,
    pub(crate) fetch_user_info: bool,
    pub(crate) refetch_user_info: bool,
    pub(crate) strict_profile_sync: bool,
    pub(crate) id_token_signing_alg: Algorithm,
    pub(crate) filtered_id_token_claims: Vec<String>,
    pub(crate) groups_claim: String,
    pub(crate) routes: RoutePaths,
    pub(crate) session_cookie: CookieAttributes,
    pub(crate) session_lifetime: Lifetime,
    pub(crate) state_cookie: CookieAttributes,
    /// Seconds.
    pub(crate) state_duration: i64,
    pub(crate) state_max_concurrent: usize,
    pub(crate) jwks_cache: Duration,
    pub(crate) metadata_cache: Duration,
    pub(crate) trim_cookies_above: usize,
    pub(crate) refuse_cookies_above: usize,
    pub(crate) page_name: Option<String>,
    /// `#rgb` or `#rrggbb`.
    pub(crate) page_color: Option<String>,
}

/// The paths of the routes, relative to the app URL.
#[derive(Debug)]
pub(crate) struct RoutePaths {
    pub(crate) callback: String,
    pub(crate) sign_in: String,
    pub(crate) sign_out: String,
    pub(crate) user_info: String,
}

/// A cookie's name and attributes.
#[derive(Clone, Debug)]
pub(crate) struct CookieAttributes {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) domain: Option<String>,
    pub(crate) http_only: bool,
    pub(crate) secure: bool,
    pub(crate) same_site: SameSite,
    pub(crate) persistent: bool,
}

/// How long sessions live, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lifetime {
    Absolute { duration: i64 },
    Sliding { duration: i64, max_duration: i64 },
}

/// Everything that is wrong with the settings, at once.
///
/// `Debug` prints what `Display` does, so that it can be read where `main` returns it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<String>,
}

impl ConfigError {
    /// One sentence for each problem: the setting, what is wrong, what to write.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the settings of MonoCloud cannot be used:")?;
        for problem in &self.problems {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}
