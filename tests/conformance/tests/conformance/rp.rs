//! A relying party on a real listener, its provider, and a browser that visits both.

use std::sync::Arc;

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{AuthParams, Builder, ResponseMode};
use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::{Endpoint, Provider, ProviderBuilder, ProviderClient, SigningAlg};
use support::{Page, Served, UserAgent, app, listen};

pub(crate) const COOKIE_SECRET: &str = "a cookie secret for tests, 32 bytes and more";
pub(crate) const CLIENT_ID: &str = "relying-party";
/// What HTTP Basic must form-encode first (RFC 6749 2.3.1).
pub(crate) const CLIENT_SECRET: &str = "p+ss:w%rd &=ü";

pub(crate) struct Rp {
    pub(crate) provider: Provider,
    pub(crate) app: Served,
    pub(crate) agent: UserAgent,
    pub(crate) auth: MonoCloud,
}

/// What differs from the defaults.
pub(crate) struct Setup {
    mode: ResponseMode,
    alg: SigningAlg,
    client: Box<dyn Fn(ProviderClient) -> ProviderClient>,
    provider: Box<dyn Fn(ProviderBuilder) -> ProviderBuilder>,
    settings: Box<dyn Fn(Builder) -> Builder>,
    issuer: Box<dyn Fn(&str) -> String>,
    clock: Option<Clock>,
    back_channel: bool,
    front_channel: bool,
    post_logout: bool,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self {
            mode: ResponseMode::Query,
            alg: SigningAlg::Es256,
            client: Box::new(|client| client),
            provider: Box::new(|provider| provider),
            settings: Box::new(|settings| settings),
            issuer: Box::new(str::to_owned),
            clock: None,
            back_channel: false,
            front_channel: false,
            post_logout: false,
        }
    }

    pub(crate) fn mode(self, mode: ResponseMode) -> Self {
        Self { mode, ..self }
    }

    /// The algorithm that the client is registered and configured for. ES256 unless a test says otherwise,
    /// since its keys are made at once.
    pub(crate) fn alg(self, alg: SigningAlg) -> Self {
        Self { alg, ..self }
    }

    pub(crate) fn client(self, client: impl Fn(ProviderClient) -> ProviderClient + 'static) -> Self {
        let client = Box::new(client);
        Self { client, ..self }
    }

    pub(crate) fn provider(self, provider: impl Fn(ProviderBuilder) -> ProviderBuilder + 'static) -> Self {
        let provider = Box::new(provider);
        Self { provider, ..self }
    }

    pub(crate) fn settings(self, settings: impl Fn(Builder) -> Builder + 'static) -> Self {
        let settings = Box::new(settings);
        Self { settings, ..self }
    }

    /// How the issuer is written in the settings.
    pub(crate) fn issuer(self, issuer: impl Fn(&str) -> String + 'static) -> Self {
        let issuer = Box::new(issuer);
        Self { issuer, ..self }
    }

    /// One clock for both sides.
    pub(crate) fn clock(self, clock: &Clock) -> Self {
        let clock = Some(clock.clone());
        Self { clock, ..self }
    }

    /// Has the issuer tell the application of logouts.
    pub(crate) fn back_channel(self) -> Self {
        let back_channel = true;
        Self { back_channel, ..self }
    }

    /// Has the issuer's page embed what ends the session.
    pub(crate) fn front_channel(self) -> Self {
        let front_channel = true;
        Self {
            front_channel,
            ..self
        }
    }

    /// Has the issuer send browsers back to the application's start page alone, and nowhere else on this machine.
    pub(crate) fn registered_post_logout(self) -> Self {
        let post_logout = true;
        Self { post_logout, ..self }
    }

    pub(crate) async fn start(self) -> Rp {
        let listening = listen().await;
        let mut client = ProviderClient::new(CLIENT_ID)
            .secret_value(CLIENT_SECRET)
            .id_token_alg(self.alg)
            .redirect_uri(listening.at("/api/auth/callback"));
        if self.back_channel {
            client = client.back_channel_logout_uri(listening.at("/api/auth/backchannel-logout"));
        }
        if self.post_logout {
            client = client.post_logout_redirect_uri(&listening.url);
        }
        if self.front_channel {
            client = client.front_channel_logout_uri(listening.at("/api/auth/frontchannel-logout"));
        }
        let mut provider = Provider::builder()
            .default_client((self.client)(client))
            .require_pkce(true);
        let mut settings = MonoCloud::builder()
            .client_id(CLIENT_ID)
            .client_secret(CLIENT_SECRET)
            .app_url(&listening.url)
            .cookie_secret(COOKIE_SECRET)
            .id_token_signing_alg(self.alg.as_str())
            .auth_params(AuthParams::new().response_mode(self.mode));
        if let Some(clock) = self.clock {
            settings = settings.clock(clock.clone());
            provider = provider.clock(Arc::new(move || clock.now()));
        }
        let provider = (self.provider)(provider).start().await.unwrap();
        let settings = settings.tenant_domain((self.issuer)(provider.issuer()));
        let auth = (self.settings)(settings).build().unwrap();
        Rp {
            app: listening.serve(app(&auth)),
            agent: UserAgent::new(),
            provider,
            auth,
        }
    }
}

impl Rp {
    pub(crate) async fn start() -> Self {
        Setup::new().start().await
    }

    /// A whole sign-in, from the app's sign-in route to where it ends.
    pub(crate) async fn sign_in(&self) -> Page {
        self.sign_in_with(&self.agent).await
    }

    pub(crate) async fn sign_in_with(&self, agent: &UserAgent) -> Page {
        let page = self.begin(agent).await;
        self.go_on(agent, page, "mira").await
    }

    /// Up to the provider's login page, or where there is none, to where it ends.
    pub(crate) async fn begin(&self, agent: &UserAgent) -> Page {
        let sign_in = self.app.at("/api/auth/signin?return_url=/dashboard");
        agent.visit(&sign_in).await
    }

    /// Chooses a user where the provider asks who is there, and goes back to the app.
    pub(crate) async fn go_on(&self, agent: &UserAgent, page: Page, user: &str) -> Page {
        let page = if page.body.contains("name=\"user\"") {
            agent.submit(&page, &[("user", user)]).await
        } else {
            page
        };
        submit_form_post(agent, page).await
    }

    pub(crate) fn has_session(&self) -> bool {
        let cookies = self.agent.cookies(&self.app.url);
        cookies.iter().any(|(name, _)| name.starts_with("session"))
    }

    /// Sign-ins that the browser has under way.
    pub(crate) fn pending(&self) -> usize {
        let cookies = self.agent.lasting_cookies(&self.app.url);
        cookies.iter().filter(|name| name.starts_with("state")).count()
    }

    pub(crate) fn calls(&self, endpoint: Endpoint) -> usize {
        self.provider.calls(endpoint)
    }

    /// Makes sure that a sign-in ended on the dashboard, with a session and nothing under way.
    #[track_caller]
    pub(crate) fn assert_signed_in(&self, page: &Page) {
        assert_eq!(page.status, 200, "{page:?}");
        assert_eq!(page.body, "dashboard of Mira Adler");
        assert!(self.has_session());
        assert_eq!(self.pending(), 0);
    }

    /// Makes sure that a sign-in ended at the callback with this status and a page that leads on, and left nothing.
    #[track_caller]
    pub(crate) fn assert_refused(&self, page: &Page, status: u16) {
        assert_eq!(page.status.as_u16(), status, "{page:?}");
        assert_eq!(page.url.path(), "/api/auth/callback", "{page:?}");
        assert_error_page(page);
        assert!(!self.has_session(), "a session in spite of a refusal");
        // An answer that could not be checked for want of an issuer may be tried again.
        // What may be tried again stays, unless the code is spent.
        assert!(self.pending() <= usize::from(status == 503), "{page:?}");
    }

    /// The same, and userinfo was not asked: the ID token was not believed.
    #[track_caller]
    pub(crate) fn assert_id_token_refused(&self, page: &Page) {
        self.assert_refused(page, 400);
        assert_eq!(self.calls(Endpoint::Token), 1);
        assert_eq!(self.calls(Endpoint::Userinfo), 0);
    }
}

/// What a person sees when something went wrong: a page, uncached, with a way to sign in again.
#[track_caller]
pub(crate) fn assert_error_page(page: &Page) {
    let kind = page.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("text/html"), "{page:?}");
    assert!(
        page.links().iter().any(|link| link.contains("/api/auth/signin")),
        "{page:?}"
    );
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    let retry_after = page
        .header("retry-after")
        .map(|seconds| seconds.parse::<u32>().unwrap());
    assert_eq!(retry_after.is_some(), page.status == 503, "{page:?}");
}

/// What could not be fetched is asked for again after a second.
pub(crate) async fn failures_are_forgotten() {
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
}

/// Sends the form of `form_post` as the provider's script does.
async fn submit_form_post(agent: &UserAgent, page: Page) -> Page {
    if page.body.contains("<form id=\"response\"") {
        agent.submit(&page, &[]).await
    } else {
        page
    }
}
