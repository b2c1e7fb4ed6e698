//! The client: what all requests of an application share, and the builder that makes it.

mod builder;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

pub use builder::Builder;

use crate::config::{ConfigError, Secret, Settings};
use crate::crypto::KeyRing;
use crate::http_client::{HttpClient, Outgoing};
use crate::oidc::Issuer;
use crate::session::Ended;

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
#[derive(Clone)]
pub struct MonoCloud {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Arc<Settings>,
    groups_claim: Arc<str>,
    keys: KeyRing,
    issuer: Issuer,
    ended: Ended,
    /// What was said once and is not said again.
    said: Mutex<BTreeSet<String>>,
}

impl MonoCloud {
    /// A client with the settings of the `MONOCLOUD_AUTH_*` variables.
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

    pub(crate) fn ended(&self) -> &Ended {
        &self.shared.ended
    }

    pub(crate) fn now(&self) -> i64 {
        self.settings().clock.now()
    }

    pub(crate) fn now_millis(&self) -> i64 {
        self.settings().clock.now_millis()
    }

    /// Whether something is to be said for the first time. There are as many things as settings and
    /// guards name.
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

    fn from_settings(settings: Settings, http_client: Arc<dyn HttpClient>) -> Self {
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
        let outgoing = Outgoing::new(http_client, settings.calls.response_timeout);
        Self {
            shared: Arc::new(Shared {
                groups_claim: settings.claims.groups_claim.as_str().into(),
                issuer: Issuer::new(settings.clone(), outgoing),
                ended: Ended::default(),
                said: Mutex::default(),
                keys,
                settings,
            }),
        }
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
