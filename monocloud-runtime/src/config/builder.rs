//! What was set in code.

use std::sync::Arc;
use std::time::Duration;

use super::options::{
    AuthParams, CookieBudget, Routes, SessionCookie, SessionLifetime, StateCookie, StateLifetime,
};
use super::{ClientAuthMethod, ConfigError, Settings, check, variables};
use crate::clock::Clock;
use crate::http_client::{HttpClient, default_client};

/// Collects settings for a [`MonoCloud`](crate::MonoCloud).
///
/// Each method has the name of its variable; what is set here wins over the variable. A builder
/// reads variables only after [`Builder::with_env`] or [`Builder::with_vars`].
#[derive(Clone, Default)]
pub struct Builder {
    pub(super) vars: Vec<(String, String)>,
    /// Names of variables whose value is not UTF-8.
    unreadable: Vec<String>,
    pub(super) tenant_domain: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) client_auth_method: Option<ClientAuthMethod>,
    pub(super) app_url: Option<String>,
    pub(super) trusted_origins: Option<Vec<String>>,
    pub(super) trusted_audiences: Option<Vec<String>>,
    pub(super) cookie_secret: Option<String>,
    pub(super) previous_cookie_secrets: Option<Vec<String>>,
    pub(super) scopes: Option<String>,
    pub(super) resource: Option<String>,
    pub(super) auth_params: AuthParams,
    pub(super) clock: Clock,
    pub(super) clock_skew: Option<i64>,
    pub(super) clock_tolerance: Option<Duration>,
    pub(super) response_timeout: Option<Duration>,
    pub(super) federated_sign_out: Option<bool>,
    pub(super) post_logout_redirect_uri: Option<String>,
    pub(super) post_logout_redirect_uris: Option<Vec<String>>,
    pub(super) logout_url: Option<String>,
    pub(super) allow_query_param_overrides: Option<bool>,
    pub(super) fetch_user_info: Option<bool>,
    pub(super) refetch_user_info: Option<bool>,
    pub(super) strict_profile_sync: Option<bool>,
    pub(super) id_token_signing_alg: Option<String>,
    pub(super) filtered_id_token_claims: Option<Vec<String>>,
    pub(super) groups_claim: Option<String>,
    pub(super) routes: Routes,
    pub(super) session_cookie: SessionCookie,
    pub(super) session_lifetime: SessionLifetime,
    pub(super) state_cookie: StateCookie,
    pub(super) state_lifetime: StateLifetime,
    pub(super) jwks_cache: Option<Duration>,
    pub(super) metadata_cache: Option<Duration>,
    pub(super) cookie_budget: CookieBudget,
    pub(super) page_name: Option<String>,
    pub(super) page_color: Option<String>,
    http_client: Option<Arc<dyn HttpClient>>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($field:ident): $type:ty $(=> $convert:expr)?;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, value: $type) -> Self {
            self.$field = setters!(@value value $(, $convert)?);
            self
        }
    )*};
    (@value $value:ident) => { Some($value) };
    (@value $value:ident, $convert:expr) => { $convert($value) };
}

#[expect(clippy::unnecessary_wraps, reason = "it fills a slot")]
fn text(value: impl Into<String>) -> Option<String> {
    Some(value.into())
}

#[expect(clippy::unnecessary_wraps, reason = "it fills a slot")]
fn texts<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Option<Vec<String>> {
    Some(values.into_iter().map(Into::into).collect())
}

impl Builder {
    /// Also reads the variables of the process, for what is not set in code.
    #[must_use]
    pub fn with_env(mut self) -> Self {
        let mut vars = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => vars.push((name, value)),
                Err(_) if name.starts_with(variables::PREFIX) => self.unreadable.push(name),
                Err(_) => {}
            }
        }
        self.with_vars(vars)
    }

    /// Also reads the given variables, for what is not set in code. Names that do not begin with
    /// `MONOCLOUD_` are passed over.
    #[must_use]
    pub fn with_vars<N: Into<String>, V: Into<String>>(
        mut self,
        vars: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.vars.extend(
            vars.into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .filter(|(name, _): &(String, String)| name.starts_with(variables::PREFIX)),
        );
        self
    }

    /// Everything checked, with the HTTP client; or all problems at once.
    pub(crate) fn check(mut self) -> Result<(Settings, Arc<dyn HttpClient>), ConfigError> {
        let mut problems = variables::fill(&mut self);
        problems.extend(
            self.unreadable
                .iter()
                .map(|name| format!("{name}: not UTF-8; write plain text")),
        );
        let http_client = self.http_client.take().unwrap_or_else(default_client);
        match check::check(self, &mut problems) {
            Some(settings) if problems.is_empty() => Ok((settings, http_client)),
            _ => Err(ConfigError { problems }),
        }
    }

    /// The client for calls to the issuer, in place of the built-in one.
    #[must_use]
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.http_client = Some(Arc::new(client));
        self
    }

    setters! {
        /// The issuer. `MONOCLOUD_AUTH_TENANT_DOMAIN`, required. `https://` is added where no
        /// scheme is given; `http://` is for loopback hosts only.
        tenant_domain(tenant_domain): impl Into<String> => text;
        /// `MONOCLOUD_AUTH_CLIENT_ID`, required.
        client_id(client_id): impl Into<String> => text;
        /// `MONOCLOUD_AUTH_CLIENT_SECRET`, required.
        client_secret(client_secret): impl Into<String> => text;
        /// How the client proves who it is. `MONOCLOUD_AUTH_CLIENT_AUTH_METHOD`; by default what the
        /// issuer's metadata lists, `client_secret_basic` first.
        client_auth_method(client_auth_method): ClientAuthMethod;
        /// The public base URL. `MONOCLOUD_AUTH_APP_URL`, required. Decides `Secure` cookies, the
        /// redirect URI and what is same-origin.
        app_url(app_url): impl Into<String> => text;
        /// Further origins of one's own whose pages may send unsafe requests with the session cookie,
        /// such as `https://www.example.com`. `MONOCLOUD_AUTH_TRUSTED_ORIGINS`, separated by spaces.
        trusted_origins(trusted_origins): impl IntoIterator<Item = impl Into<String>> => texts;
        /// Further audiences that an ID token may name beside this client (OIDC Core 3.1.3.7 (3)).
        /// `MONOCLOUD_AUTH_TRUSTED_AUDIENCES`, separated by spaces.
        trusted_audiences(trusted_audiences): impl IntoIterator<Item = impl Into<String>> => texts;
        /// Seals the cookies; at least 32 bytes. `MONOCLOUD_AUTH_COOKIE_SECRET`, required.
        cookie_secret(cookie_secret): impl Into<String> => text;
        /// Secrets that still open cookies. `MONOCLOUD_AUTH_COOKIE_SECRETS_PREVIOUS`, separated by
        /// spaces.
        previous_cookie_secrets(previous_cookie_secrets): impl IntoIterator<Item = impl Into<String>> => texts;
        /// Scopes, separated by spaces; must contain `openid`. `MONOCLOUD_AUTH_SCOPES`,
        /// `openid profile email`.
        scopes(scopes): impl Into<String> => text;
        /// Default resources of the access token (RFC 8707), separated by spaces.
        /// `MONOCLOUD_AUTH_RESOURCE`.
        resource(resource): impl Into<String> => text;
        /// Seconds that are added to the clock; may be negative. `MONOCLOUD_AUTH_CLOCK_SKEW`, 0.
        clock_skew(clock_skew): i64;
        /// Leeway for times in tokens, in whole seconds. `MONOCLOUD_AUTH_CLOCK_TOLERANCE`, 60.
        clock_tolerance(clock_tolerance): Duration;
        /// The most that an answer of the issuer may take, body included.
        /// `MONOCLOUD_AUTH_RESPONSE_TIMEOUT` in milliseconds, 10,000.
        response_timeout(response_timeout): Duration;
        /// Whether sign-out also ends the session at the issuer.
        /// `MONOCLOUD_AUTH_FEDERATED_SIGNOUT`, `true`.
        federated_sign_out(federated_sign_out): bool;
        /// Where sign-out ends. `MONOCLOUD_AUTH_POST_LOGOUT_REDIRECT_URI`, the app URL; a relative
        /// value is resolved against it.
        post_logout_redirect_uri(post_logout_redirect_uri): impl Into<String> => text;
        /// Further absolute URIs that `post_logout_url` may name.
        /// `MONOCLOUD_AUTH_POST_LOGOUT_REDIRECT_URIS`, separated by spaces.
        post_logout_redirect_uris(post_logout_redirect_uris): impl IntoIterator<Item = impl Into<String>> => texts;
        /// The issuer's own logout page, where its metadata has no `end_session_endpoint`; with
        /// `{client_id}` and `{post_logout_redirect_uri}` where it takes them.
        /// `MONOCLOUD_AUTH_LOGOUT_URL`.
        logout_url(logout_url): impl Into<String> => text;
        /// Whether anybody's `/signin?scope=…&prompt=…` is obeyed.
        /// `MONOCLOUD_AUTH_ALLOW_QUERY_PARAM_OVERRIDES`, `false`.
        allow_query_param_overrides(allow_query_param_overrides): bool;
        /// Whether userinfo is asked at sign-in. `MONOCLOUD_AUTH_USER_INFO`, `true`.
        fetch_user_info(fetch_user_info): bool;
        /// Whether userinfo is asked on every request to the userinfo route.
        /// `MONOCLOUD_AUTH_REFETCH_USER_INFO`, `false`.
        refetch_user_info(refetch_user_info): bool;
        /// Whether fresh userinfo replaces the user instead of being merged.
        /// `MONOCLOUD_AUTH_REFETCH_STRICT_PROFILE_SYNC`, `false`.
        strict_profile_sync(strict_profile_sync): bool;
        /// The one algorithm of ID tokens. `MONOCLOUD_AUTH_ID_TOKEN_SIGNING_ALG`, `RS256`.
        id_token_signing_alg(id_token_signing_alg): impl Into<String> => text;
        /// ID token claims that `User` does not get. `MONOCLOUD_AUTH_FILTERED_ID_TOKEN_CLAIMS`,
        /// separated by spaces; `iss exp nbf aud nonce iat auth_time c_hash at_hash s_hash`.
        filtered_id_token_claims(filtered_id_token_claims): impl IntoIterator<Item = impl Into<String>> => texts;
        /// The claim that holds the groups. `MONOCLOUD_AUTH_GROUPS_CLAIM`, `groups`.
        groups_claim(groups_claim): impl Into<String> => text;
        /// How long the issuer's keys are fresh, in whole seconds.
        /// `MONOCLOUD_AUTH_JWKS_CACHE_DURATION`, 300.
        jwks_cache(jwks_cache): Duration;
        /// How long the issuer's metadata is fresh, in whole seconds.
        /// `MONOCLOUD_AUTH_METADATA_CACHE_DURATION`, 300.
        metadata_cache(metadata_cache): Duration;
        /// Default parameters of the authorization request.
        auth_params(auth_params): AuthParams => std::convert::identity;
        /// The paths of the routes.
        routes(routes): Routes => std::convert::identity;
        /// The session cookie.
        session_cookie(session_cookie): SessionCookie => std::convert::identity;
        /// How long a session lives.
        session_lifetime(session_lifetime): SessionLifetime => std::convert::identity;
        /// The cookie of a sign-in under way.
        state_cookie(state_cookie): StateCookie => std::convert::identity;
        /// How long a sign-in may take.
        state_lifetime(state_lifetime): StateLifetime => std::convert::identity;
        /// How many bytes cookies may take.
        cookie_budget(cookie_budget): CookieBudget => std::convert::identity;
        /// The application's name on the library's own pages. `MONOCLOUD_AUTH_PAGE_NAME`.
        page_name(page_name): impl Into<String> => text;
        /// The colour of links and buttons on the library's own pages, as `#rgb` or `#rrggbb`.
        /// `MONOCLOUD_AUTH_PAGE_COLOR`.
        page_color(page_color): impl Into<String> => text;
        /// The clock, for tests.
        clock(clock): Clock => std::convert::identity;
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("tenant_domain", &self.tenant_domain)
            .field("client_id", &self.client_id)
            .field("app_url", &self.app_url)
            .finish_non_exhaustive()
    }
}
