//! The client: what all requests of an application share, and the builder that makes it.

mod builder;

mod access_tokens;
mod base_path;
mod cells;
mod denials;
mod hooks;
mod keeping;
mod mounted_routes;
mod report;
mod resource_metadata;
mod runtime_entries;
mod seen;
mod sessions;
mod store;
mod unfinished;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use self::base_path::BasePath;
pub use self::mounted_routes::MountedRoutes;
pub use access_tokens::{AccessTokenError, AccessTokenRequirement};
pub use builder::Builder;
use hooks::Hooks;
pub(crate) use hooks::run as run_hook;
pub use hooks::{AccessDenied, BackChannelLogout, HookError, SessionCreating};
pub(crate) use keeping::{ENDED_FOR, Keeping};
pub(crate) use resource_metadata::RESOURCE_METADATA;
use runtime_entries::RuntimeEntries;
pub use sessions::{NoSessionId, SessionId, SessionInfo};

use crate::access::Mounted;
use crate::bearer::Bearer;
use crate::config::{ConfigError, Secret, SessionsIn, Settings};
use crate::crypto::KeyRing;
use crate::event::Events;
use crate::http_client::{HttpClient, Outgoing};
use crate::oidc::Issuer;
use crate::once::Once;
use crate::session::{Denials, Refreshes, Session};
use crate::store::SessionStore;

/// How long a callback that comes again gets the answer of the first.
const JOINED_FOR: Duration = Duration::from_secs(10);

/// Userinfo is asked for a session once in this time, however many ask.
const REFETCHED_EVERY: Duration = Duration::from_secs(1);

/// A relying party of one issuer: the settings, the keys of the cookies, and what is cached of the
/// issuer.
///
/// Make one at start and clone it freely; clones share everything. The issuer is not called before
/// somebody signs in, so an application starts while its issuer is down.
///
/// ```no_run
/// use monocloud_runtime::MonoCloud;
///
/// let auth = MonoCloud::builder()
///     .tenant_domain("https://acme.us.monocloud.com")
///     .client_id("app")
///     .client_secret("secret")
///     .app_url("http://localhost:3000")
///     .cookie_secret(std::env::var("COOKIE_SECRET")?) // what `openssl rand -hex 32` prints
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A handler that needs it, for a link in a page, takes it from the router's state, as
/// `State<MonoCloud>` where the state is the client itself or has a `FromRef` for it:
///
/// ```
/// use axum::extract::{FromRef, State};
/// use monocloud_runtime::MonoCloud;
///
/// #[derive(Clone)]
/// struct AppState {
///     auth: MonoCloud,
/// }
///
/// impl FromRef<AppState> for MonoCloud {
///     fn from_ref(state: &AppState) -> Self {
///         state.auth.clone()
///     }
/// }
///
/// async fn header(State(auth): State<MonoCloud>) -> String {
///     format!("<a href=\"{}\">Sign in</a>", auth.sign_in_url().return_url("/orders"))
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(header)).with_state::<()>(
/// #     AppState { auth: MonoCloud::builder()
/// #         .tenant_domain("https://acme.us.monocloud.com")
/// #         .client_id("app")
/// #         .client_secret("secret")
/// #         .app_url("https://app.example.com")
/// #         .cookie_secret("b1946ac92492d2347c6235b4d2611184a591a6153c79b9fb5b1946ac92492d23")
/// #         .build()? });
/// # Ok::<(), monocloud_runtime::settings::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct MonoCloud {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Arc<Settings>,
    groups_claim: Arc<str>,
    keys: KeyRing,
    issuer: Issuer,
    hooks: Hooks,
    denials: Arc<Denials>,
    /// Where sessions are not in cookies.
    keeping: Option<Keeping>,
    /// Where they are, and processes share something beside.
    coordinator: Option<Keeping>,
    /// What was said once and is not said again.
    said: Mutex<BTreeSet<String>>,
    /// By the fingerprint of the state.
    exchanges: Once<Option<Session>>,
    /// By the fingerprint of the session's id.
    user_infos: Once<Option<Map<String, Value>>>,
    refreshes: Refreshes,
    /// By the fingerprint of the logout token's `jti`.
    logouts: Once<()>,
    /// Where access tokens are taken.
    bearer: Option<Bearer>,
    base_path: BasePath,
    runtime_entries: RuntimeEntries,
    mounted: Mounted,
}

impl MonoCloud {
    /// A client with the settings of the `MONOCLOUD_AUTH_*` and `MONOCLOUD_BACKEND_*` variables.
    ///
    /// # Errors
    ///
    /// All problems at once, each with the name of its variable and what to write.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder().with_env().build()
    }

    /// A client with settings from code.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The public base URL of the application.
    pub fn app_url(&self) -> &Url {
        self.settings().site.app_url.url()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    pub(crate) fn groups_claim(&self) -> &Arc<str> {
        &self.shared.groups_claim
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        &self.shared.keys
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        &self.shared.issuer
    }

    pub(crate) fn hooks(&self) -> &Hooks {
        &self.shared.hooks
    }

    pub(crate) fn events(&self) -> &Events {
        &self.shared.hooks.events
    }

    /// Which sessions are over.
    pub(crate) fn denials(&self) -> &Denials {
        &self.shared.denials
    }

    /// The code exchanges of this process.
    pub(crate) fn exchanges(&self) -> &Once<Option<Session>> {
        &self.shared.exchanges
    }

    /// The userinfo calls on behalf of sessions.
    pub(crate) fn user_infos(&self) -> &Once<Option<Map<String, Value>>> {
        &self.shared.user_infos
    }

    /// The refreshes of sessions' tokens.
    pub(crate) fn refreshes(&self) -> &Refreshes {
        &self.shared.refreshes
    }

    /// The logout tokens of the issuer, each of which acts once.
    pub(crate) fn logouts(&self) -> &Once<()> {
        &self.shared.logouts
    }

    /// The access tokens of callers, where the API takes any.
    pub(crate) fn bearer(&self) -> Option<&Bearer> {
        self.shared.bearer.as_ref()
    }

    /// What is known of how requests reach the router.
    pub(crate) fn base_path(&self) -> &BasePath {
        &self.shared.base_path
    }

    /// What the application guards by path.
    pub(crate) fn runtime_entries(&self) -> &RuntimeEntries {
        &self.shared.runtime_entries
    }

    /// The lines of this client's tables.
    pub(crate) fn mounted(&self) -> &Mounted {
        &self.shared.mounted
    }

    /// The longest that any session can live.
    pub(crate) fn longest_session(&self) -> Duration {
        Duration::from_secs(self.settings().session_lifetime.longest().unsigned_abs())
    }

    pub(crate) fn now(&self) -> i64 {
        self.settings().clock.now()
    }

    pub(crate) fn now_millis(&self) -> i64 {
        self.settings().clock.now_millis()
    }

    /// Whether something is to be said for the first time. There are as many things as settings and guards name: each is
    /// kept, so none of a request's own may be in `what`.
    pub(crate) fn is_first_time(&self, what: String) -> bool {
        let mut said = self.shared.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.insert(what)
    }

    /// Whether both are clones of one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// With the least that it needs; nobody answers at its issuer.
    #[cfg(test)]
    pub(crate) fn of_tests() -> Self {
        Self::builder()
            .tenant_domain("http://127.0.0.1:9")
            .client_id("app")
            .client_secret("secret")
            .app_url("http://localhost:3000")
            .cookie_secret("a secret of the tests, 32 bytes long")
            .build()
            .expect("the settings are complete")
    }

    fn from_settings(
        settings: Settings,
        http_client: Arc<dyn HttpClient>,
        store: Option<Arc<dyn SessionStore>>,
        hooks: Hooks,
    ) -> Result<Self, ConfigError> {
        let settings = Arc::new(settings);
        let keys = KeyRing::new(
            &[settings.issuer.tenant_domain.as_str(), &settings.issuer.client_id],
            settings.cookie_secrets.cookie_secret.reveal(),
            settings
                .cookie_secrets
                .previous_cookie_secrets
                .iter()
                .map(Secret::reveal),
            settings.clock.clone(),
            settings
                .session_lifetime
                .longest()
                .max(settings.state_lifetime.duration),
        );
        let longest = Duration::from_secs(settings.session_lifetime.longest().unsigned_abs());
        let (beside, kept) = match store {
            Some(store) if settings.sessions.sessions_in == Some(SessionsIn::Cookies) => (Some(store), None),
            store => (None, store),
        };
        let names = keys.names().clone();
        let denials = Arc::new(denials::denials(
            &settings,
            names,
            longest,
            beside.as_ref(),
            &hooks.events,
        )?);
        let outgoing = Outgoing::new(http_client, settings.calls.response_timeout, hooks.events.clone());
        let issuer = Issuer::new(settings.clone(), outgoing.clone());
        let keeping = |store| Keeping::new(store, hooks.events.clone());
        let (keeping, coordinator) = (kept.map(keeping), beside.map(keeping));
        let api = settings.api.as_ref();
        Ok(Self {
            shared: Arc::new(Shared {
                groups_claim: settings.claims.groups_claim.as_str().into(),
                bearer: api.map(|api| Bearer::new(api, &issuer, &outgoing)),
                issuer,
                refreshes: Refreshes::new(
                    denials.clone(),
                    longest,
                    settings.instances.multiple_instances && keeping.is_none() && coordinator.is_none(),
                    settings.clock.clone(),
                    hooks.events.clone(),
                ),
                hooks,
                denials,
                keeping,
                coordinator,
                said: Mutex::default(),
                exchanges: Once::new(JOINED_FOR),
                user_infos: Once::new(REFETCHED_EVERY),
                logouts: Once::new(Duration::ZERO),
                base_path: BasePath::default(),
                runtime_entries: RuntimeEntries::default(),
                mounted: Mounted::default(),
                keys,
                settings,
            }),
        })
    }
}

impl std::fmt::Debug for MonoCloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MonoCloud")
            .field("tenant_domain", &self.settings().issuer.tenant_domain.as_str())
            .field("client_id", &self.settings().issuer.client_id)
            .field("app_url", &self.app_url().as_str())
            .finish_non_exhaustive()
    }
}
