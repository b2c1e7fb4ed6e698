//! What was set in code, on its way to a client.

use std::sync::Arc;

use super::MonoCloud;
#[cfg(feature = "testing")]
use crate::clock::Clock;
use crate::config::{self, ClientAuthMethod, ConfigError, Options};
use crate::http_client::{HttpClient, default_client};

/// Collects settings for a [`MonoCloud`].
///
/// Each method has the name of its variable; what is set here wins over the variable, unless it is empty text,
/// which counts as not set. A builder reads variables only after [`Builder::with_env`] or [`Builder::with_vars`].
#[derive(Clone, Default)]
pub struct Builder {
    options: Options,
    http_client: Option<Arc<dyn HttpClient>>,
}

impl Builder {
    /// Checks everything.
    ///
    /// # Errors
    ///
    /// All problems at once, each with the name of its method or variable and what to write.
    pub fn build(self) -> Result<MonoCloud, ConfigError> {
        let settings = self.options.check()?;
        Ok(MonoCloud::from_settings(
            settings,
            self.http_client.unwrap_or_else(default_client),
        ))
    }

    /// Also reads the variables of the process, for what is not set in code.
    #[must_use]
    pub fn with_env(mut self) -> Self {
        self.options.variables.add_process();
        self
    }

    /// Also reads the given variables, for what is not set in code. Names that do not begin with `MONOCLOUD_` are
    /// passed over.
    #[must_use]
    pub fn with_vars<N: Into<String>, V: Into<String>>(
        mut self,
        vars: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.options.variables.add(vars);
        self
    }

    /// The client for calls to the issuer, in place of the built-in one.
    #[must_use]
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.http_client = Some(Arc::new(client));
        self
    }

    /// The clock.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.options.clock = clock;
        self
    }

    /// Scopes, separated by spaces; must contain `openid`. `MONOCLOUD_AUTH_SCOPES`, `openid profile email`.
    #[must_use]
    pub fn scopes(mut self, scopes: impl Into<String>) -> Self {
        self.options.auth_params.scopes = Some(scopes.into());
        self
    }

    /// Default resources of the access token (RFC 8707), separated by spaces. `MONOCLOUD_AUTH_RESOURCE`.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.options.auth_params.resource = Some(resource.into());
        self
    }

    config::issuer::setters!();
    config::site::setters!();
    config::cookie_secrets::setters!();
    config::auth_params::setters!();
    config::sign_in::setters!();
    config::sign_out::setters!();
    config::claims::setters!();
    config::tokens::setters!();
    config::calls::setters!();
    config::routes::setters!();
    config::session_cookie::setters!();
    config::session_lifetime::setters!();
    config::state_cookie::setters!();
    config::state_lifetime::setters!();
    config::cookie_budget::setters!();
    config::pages::setters!();
}

/// Without the addresses, which may hold a password as long as nobody checked them.
impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("client_id", &self.options.issuer.client_id)
            .finish_non_exhaustive()
    }
}
