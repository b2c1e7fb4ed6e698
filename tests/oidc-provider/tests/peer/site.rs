//! An app and the provider that it trusts, and the steps that a person takes in them.

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{Builder, ClientAuthMethod};
use oidc_provider_peer::Peer;
use serde_json::{Value, json};
use support::{Page, Served, UserAgent};

/// Letters that `client_secret_basic` must encode before it joins id and secret (RFC 6749 2.3.1).
const CLIENT_SECRET: &str = "s3cret:/+ %&=?~-long-enough-for-anyone";

/// How a client is registered, and the app configured to match.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    pub auth_method: ClientAuthMethod,
    pub alg: &'static str,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            auth_method: ClientAuthMethod::ClientSecretBasic,
            alg: "RS256",
        }
    }
}

/// What else the provider knows of the client, and is configured with.
#[derive(Clone)]
pub(crate) struct Extra {
    pub client: Value,
    pub provider: Value,
}

impl Default for Extra {
    fn default() -> Self {
        Self {
            client: json!({}),
            provider: json!({}),
        }
    }
}

/// An app and its provider, both running.
pub(crate) struct Site {
    pub app: Served,
    pub peer: Peer,
}

impl Site {
    pub(crate) async fn start(client: Client) -> Self {
        Self::configured(client, |builder| builder).await
    }

    /// As [`Site::start`], with something different in the app's settings.
    pub(crate) async fn configured(client: Client, change: impl FnOnce(Builder) -> Builder) -> Self {
        Self::with(client, Extra::default(), change).await
    }

    /// As [`Site::configured`], with something more at the provider.
    pub(crate) async fn with(client: Client, extra: Extra, change: impl FnOnce(Builder) -> Builder) -> Self {
        let app = support::listen().await;
        let mut registration = json!({
            "client_id": "app",
            "client_secret": CLIENT_SECRET,
            "token_endpoint_auth_method": registered(client.auth_method),
            "id_token_signed_response_alg": client.alg,
            "redirect_uris": [app.at("/api/auth/callback")],
            "post_logout_redirect_uris": [app.url],
        });
        for (name, value) in extra.client.as_object().unwrap() {
            registration[name] = value.clone();
        }
        let peer = Peer::start(&json!({
            "provider": extra.provider,
            "clients": [registration],
            "accounts": {
                "ada": { "name": "Ada Byron", "email": "ada@example.com", "groups": ["admin", "editor"] },
                "ben": { "name": "Ben Okri", "email": "ben@example.com", "groups": ["editor"] },
            },
            "keys": keys("first"),
        }));
        let builder = MonoCloud::builder()
            .tenant_domain(&peer.issuer)
            .client_id("app")
            .client_secret(CLIENT_SECRET)
            .client_auth_method(client.auth_method)
            .id_token_signing_alg(client.alg)
            .app_url(&app.url)
            .cookie_secret("a secret of the tests, longer than 32 bytes");
        let auth = change(builder).build().unwrap();
        let app = app.serve(support::app(&auth));
        Self { app, peer }
    }

    pub(crate) async fn visit(&self, agent: &UserAgent, path: &str) -> Page {
        agent.visit(&self.app.at(path)).await
    }

    /// Opens a guarded page, which must lead to the provider's login page.
    pub(crate) async fn open_login(&self, agent: &UserAgent, path: &str) -> Page {
        let page = self.visit(agent, path).await;
        self.assert_is_login(&page);
        page
    }

    pub(crate) fn assert_is_login(&self, page: &Page) {
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.url.as_str().starts_with(&self.peer.issuer), "{page:?}");
        assert!(page.body.contains(r#"name="login""#), "{page:?}");
    }

    /// Signs in for a page and ends on it.
    pub(crate) async fn sign_in(&self, agent: &UserAgent, path: &str, account: &str) -> Page {
        let login = self.open_login(agent, path).await;
        let consent = log_in(agent, &login, account).await;
        let page = agent.submit(&consent, &[]).await;
        self.assert_is_at(&page, path);
        page
    }

    pub(crate) fn assert_is_at(&self, page: &Page, path: &str) {
        assert_eq!(page.url.as_str(), self.app.at(path), "{page:?}");
    }
}

/// Answers the provider's login page. Its consent page is next.
pub(crate) async fn log_in(agent: &UserAgent, login: &Page, account: &str) -> Page {
    let consent = agent
        .submit(login, &[("login", account), ("password", "any")])
        .await;
    assert!(consent.body.contains(r#"value="consent""#), "{consent:?}");
    consent
}

/// A key for each algorithm, with identifiers of this generation.
pub(crate) fn keys(generation: &str) -> Value {
    ["RS256", "PS256", "ES256", "EdDSA"]
        .map(|alg| json!({ "kid": format!("{generation}-{alg}"), "alg": alg }))
        .into_iter()
        .collect()
}

fn registered(method: ClientAuthMethod) -> &'static str {
    match method {
        ClientAuthMethod::ClientSecretBasic => "client_secret_basic",
        ClientAuthMethod::ClientSecretPost => "client_secret_post",
        ClientAuthMethod::ClientSecretJwt => "client_secret_jwt",
        ClientAuthMethod::PrivateKeyJwt => "private_key_jwt",
        other => panic!("the provider has no client with {other:?}"),
    }
}
