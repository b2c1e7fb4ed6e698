//! The site at a port of its own, its issuer, and somebody with a browser.

use std::sync::Arc;

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::Builder;
use monocloud_runtime::testing::{Clock, Provider, ProviderClient};
use reqwest::Method;
use serde_json::Value;
use showcase::{Events, for_embedded, with_hooks};
use support::{Page, Served, UserAgent, listen, serve};

const NOW: i64 = 1_800_000_000;

pub(crate) struct Site {
    served: Served,
    pub(crate) auth: MonoCloud,
    pub(crate) provider: Provider,
    clock: Clock,
    browser: UserAgent,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::set_up(|settings| settings).await
    }

    pub(crate) async fn with_scopes(scopes: &str) -> Self {
        Self::set_up(|settings| settings.scopes(scopes)).await
    }

    /// With other settings than the showcase's own.
    pub(crate) async fn set_up(change: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = Clock::fixed(NOW);
        let issuers = clock.clone();
        let listening = listen().await;
        let client = ProviderClient::new("showcase")
            .back_channel_logout_uri(listening.at("/api/auth/backchannel-logout"));
        let provider = Provider::builder()
            .default_client(client)
            .clock(Arc::new(move || issuers.now()))
            .start()
            .await
            .unwrap();
        let events = Events::default();
        let settings = with_hooks(for_embedded(settings(&provider), &listening.url), &events)
            .app_url(&listening.url)
            .clock(clock.clone());
        let auth = change(settings).build().unwrap();
        Self {
            served: listening.serve(showcase::app(&auth, events).unwrap()),
            auth,
            provider,
            clock,
            browser: UserAgent::new(),
        }
    }

    /// With somebody who is signed in.
    pub(crate) async fn with(user: &str) -> Self {
        let site = Self::start().await;
        site.sign_in(user).await;
        site
    }

    /// What the route of tokens answers where the site has this address.
    pub(crate) async fn tokens_at(app_url: &str) -> (u16, Value) {
        let provider = Provider::builder().start().await.unwrap();
        let auth = settings(&provider).app_url(app_url).build().unwrap();
        let served = serve(showcase::app(&auth, Events::default()).unwrap()).await;
        let answer = UserAgent::new()
            .fetch(Method::GET, &served.at("/api/tokens"))
            .await;
        (answer.status.as_u16(), answer.json())
    }

    pub(crate) async fn sign_in(&self, user: &str) {
        let page = self.open_as("/dashboard", user).await;
        assert_eq!(
            (page.status.as_u16(), page.url.path()),
            (200, "/dashboard"),
            "{page:?}"
        );
    }

    /// The time there, in seconds since the Unix epoch.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Lets so many seconds pass, here and at the issuer.
    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.advance(seconds);
    }

    pub(crate) fn at(&self, path: &str) -> String {
        self.served.at(path)
    }

    pub(crate) async fn open(&self, path: &str) -> Page {
        self.browser.visit(&self.at(path)).await
    }

    pub(crate) async fn follow(&self, page: &Page, link: &str) -> Page {
        self.browser.follow(page, link).await
    }

    pub(crate) async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        self.browser.submit(page, fields).await
    }

    /// Chooses who signs in at the issuer's page.
    pub(crate) async fn choose(&self, login: &Page, user: &str) -> Page {
        assert_ne!(login.url.port(), self.port(), "it is the issuer's: {login:?}");
        self.browser.submit(login, &[("user", user)]).await
    }

    pub(crate) async fn open_as(&self, path: &str, user: &str) -> Page {
        let login = self.open(path).await;
        self.choose(&login, user).await
    }

    /// As a script of the site does. Gives the status and what came, if it is JSON.
    pub(crate) async fn fetch(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = self.at(path);
        let answer = match body {
            Some(body) => self.browser.fetch_json(method, &url, &body).await,
            None => self.browser.fetch(method, &url).await,
        };
        let status = answer.status.as_u16();
        (status, serde_json::from_str(&answer.body).unwrap_or_default())
    }

    /// The status of a `GET`, and the scheme and parameters of what it asks for.
    pub(crate) async fn challenge(&self, path: &str) -> (u16, String) {
        let answer = self.browser.fetch(Method::GET, &self.at(path)).await;
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        (answer.status.as_u16(), challenge.to_owned())
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.fetch(Method::GET, path, None).await
    }

    fn port(&self) -> Option<u16> {
        self.served.url.rsplit(':').next().unwrap().parse().ok()
    }
}

/// All but the app URL.
fn settings(provider: &Provider) -> Builder {
    MonoCloud::builder()
        .tenant_domain(provider.issuer())
        .client_id(provider.client_id())
        .client_secret(provider.client_secret())
        .cookie_secret("4f1c9d0b7a3e58626c1f0e9d8b7a45332217f6e5d4c3b2a190817263544f3e2d")
}
