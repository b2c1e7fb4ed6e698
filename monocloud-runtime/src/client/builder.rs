//! What was set in code, on its way to a client.

use std::future::Future;
use std::sync::Arc;

use serde_json::Value;

use super::MonoCloud;
use super::hooks::{BackChannelLogout, HookError, Hooks, SessionCreating};
use super::store::store_of;
#[cfg(feature = "testing")]
use crate::clock::Clock;
use crate::config::{self, ClientAuthMethod, ConfigError, GivenStore, Options, SessionsIn, StoreCan};
use crate::event::{Event, Events};
use crate::http_client::{HttpClient, default_client};
use crate::session::Session;
use crate::store::SessionStore;

/// Collects settings for a [`MonoCloud`].
///
/// Each method names its variable; what is set here wins over the variable, unless it is empty text,
/// which counts as not set. A builder reads variables only after [`Builder::with_env`] or [`Builder::with_vars`].
#[derive(Clone, Default)]
pub struct Builder {
    options: Options,
    http_client: Option<Arc<dyn HttpClient>>,
    store: Option<Arc<dyn SessionStore>>,
    hooks: Hooks,
}

impl Builder {
    /// Checks everything.
    ///
    /// # Errors
    ///
    /// All problems at once, each with the name of its method or variable and what to write.
    pub fn build(self) -> Result<MonoCloud, ConfigError> {
        let settings = self.options.check()?;
        let store = match self.store {
            Some(store) => Some(store),
            None => store_of(&settings)?,
        };
        MonoCloud::from_settings(
            settings,
            self.http_client.unwrap_or_else(default_client),
            store,
            self.hooks,
        )
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

    /// Where sessions are kept, in place of cookies: a store of the application's own, or one of
    /// [`store`](crate::store). Whoever cannot be found out within its time limit gets 503. With
    /// [`SessionsIn::Cookies`](crate::settings::SessionsIn) sessions stay in cookies, and processes share the rest by it.
    #[must_use]
    pub fn store(mut self, store: impl SessionStore) -> Self {
        let can = match store.coordinated() {
            Some(shared) if shared.log().is_some() => StoreCan::WithLog,
            Some(_) => StoreCan::Coordinated,
            None => StoreCan::Basic,
        };
        let is_shared = store.is_shared();
        self.options.store = Some(GivenStore { can, is_shared });
        self.store = Some(Arc::new(store));
        self
    }

    /// Runs when a sign-in ended well, before its session begins: to provision a user, to keep values of the
    /// application's own, to show other claims, or to turn somebody away with
    /// [`AccessDenied`](crate::hooks::AccessDenied).
    ///
    /// It gives back the session that it was given, changed or not. Who it is, its id and its times cannot be
    /// changed. It has the time that is left of `MONOCLOUD_AUTH_RESPONSE_TIMEOUT`; an error, a panic or a
    /// time-out means that nobody is signed in.
    ///
    /// ```
    /// use monocloud_runtime::MonoCloud;
    /// use monocloud_runtime::hooks::SessionCreating;
    /// # #[derive(Clone)] struct Db;
    /// # impl Db { async fn upsert(&self, _: &str) -> Result<u64, std::io::Error> { Ok(7) } }
    ///
    /// # fn f(db: Db) {
    /// MonoCloud::builder().on_session_creating(move |mut creating: SessionCreating| {
    ///     let db = db.clone();
    ///     async move {
    ///         let account = db.upsert(creating.session.user().sub()).await?;
    ///         creating.session.insert("account", account)?;
    ///         Ok(creating.session)
    ///     }
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn on_session_creating<F, A>(mut self, hook: F) -> Self
    where
        F: Fn(SessionCreating) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Session, HookError>> + Send + 'static,
    {
        self.hooks.set_session_creating(hook);
        self
    }

    /// Runs when a sign-in begins, and says what of this request the application wants to know when it is
    /// over: JSON of 1 KiB at most, which travels sealed in a cookie and comes back as
    /// [`SessionCreating::application_state`](crate::hooks::SessionCreating::application_state). What is
    /// larger is left out, with a line in the log.
    ///
    /// Anybody can send such a request, so the state is no proof of anything. An error, a panic or a time-out
    /// means that no sign-in begins.
    ///
    /// ```
    /// use monocloud_runtime::MonoCloud;
    /// use serde_json::json;
    ///
    /// MonoCloud::builder().on_set_application_state(async |request: http::request::Parts| {
    ///     Ok(json!({ "campaign": request.uri.query() }))
    /// });
    /// ```
    #[must_use]
    pub fn on_set_application_state<F, A>(mut self, hook: F) -> Self
    where
        F: Fn(http::request::Parts) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Value, HookError>> + Send + 'static,
    {
        self.hooks.set_application_state(hook);
        self
    }

    /// Runs when the issuer has ended sessions by a logout token (OIDC Back-Channel Logout 1.0), after they ended here:
    /// for what else belongs to them, such as open sockets or sessions elsewhere.
    ///
    /// It has the time that is left of `MONOCLOUD_AUTH_RESPONSE_TIMEOUT`. Where it fails, panics or is too slow the
    /// issuer is told so (400), and gets to it again when it tries again; the sessions are over in any case.
    ///
    /// ```
    /// use monocloud_runtime::MonoCloud;
    /// use monocloud_runtime::hooks::BackChannelLogout;
    ///
    /// # async fn close_sockets(_: Option<&str>, _: Option<&str>) -> Result<(), std::io::Error> { Ok(()) }
    /// MonoCloud::builder().on_back_channel_logout(async |logout: BackChannelLogout| {
    ///     close_sockets(logout.sid.as_deref(), logout.sub.as_deref()).await?;
    ///     Ok(())
    /// });
    /// ```
    #[must_use]
    pub fn on_back_channel_logout<F, A>(mut self, hook: F) -> Self
    where
        F: Fn(BackChannelLogout) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), HookError>> + Send + 'static,
    {
        self.hooks.set_back_channel_logout(hook);
        self
    }

    /// Hears of everything that is worth an audit line or a counter.
    ///
    /// It is called where the event happens, so it must not block: what takes time goes to a task or a
    /// channel. It changes nothing of what is answered, even where it panics.
    ///
    /// ```
    /// use monocloud_runtime::MonoCloud;
    /// use monocloud_runtime::hooks::Event;
    ///
    /// let (audit, _) = std::sync::mpsc::channel();
    /// MonoCloud::builder().on_event(move |event| {
    ///     if let Event::SignedIn { sub, .. } = event {
    ///         let _ = audit.send(format!("{sub} signed in"));
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn on_event(mut self, listener: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.events = Events::new(Some(Arc::new(listener)));
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
    config::client_auth::setters!();
    config::site::setters!();
    config::cookie_secrets::setters!();
    config::auth_params::setters!();
    config::sign_in::setters!();
    config::sign_out::setters!();
    config::claims::setters!();
    config::tokens::setters!();
    config::api::setters!();
    config::calls::setters!();
    config::instances::setters!();
    config::sessions::setters!();
    config::denials::setters!();
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
