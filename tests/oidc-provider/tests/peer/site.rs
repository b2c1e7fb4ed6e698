//! An app and the provider that it trusts, and the steps that a person takes in them.

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{AuthParams, Builder, ClientAuthMethod};
use oidc_provider_peer::Peer;
use reqwest::Method;
use serde_json::{Value, json};
use support::{Listening, Page, Served, UserAgent};
use url::form_urlencoded::{Serializer, byte_serialize};

/// Where an app is told of logouts.
pub(crate) const BACK_CHANNEL: &str = "/api/auth/backchannel-logout";

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
    /// Another client, as a whole.
    pub other: Option<Value>,
    pub resources: Value,
    pub provider: Value,
}

impl Default for Extra {
    fn default() -> Self {
        Self {
            client: json!({}),
            other: None,
            resources: json!({}),
            provider: json!({}),
        }
    }
}

impl Extra {
    /// Refresh tokens that are replaced with every use, revocation and introspection.
    pub(crate) fn with_refresh_tokens() -> Self {
        Self {
            client: json!({ "grant_types": ["authorization_code", "refresh_token"] }),
            provider: json!({
                "rotateRefreshToken": true,
                "features": { "introspection": { "enabled": true }, "revocation": { "enabled": true } },
            }),
            ..Self::default()
        }
    }
}

/// Has an app ask for a refresh token.
pub(crate) fn offline(app: Builder) -> Builder {
    // OIDC Core 11: without consent there is no offline access.
    let consent = AuthParams::new().prompt("consent");
    app.scopes("openid profile email offline_access")
        .auth_params(consent)
}

/// An app and its provider, both running.
pub(crate) struct Site {
    pub app: Served,
    pub auth: MonoCloud,
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
        let mut registration = registration("app", &app);
        registration["token_endpoint_auth_method"] = registered(client.auth_method).into();
        registration["id_token_signed_response_alg"] = client.alg.into();
        for (name, value) in extra.client.as_object().unwrap() {
            registration[name] = value.clone();
        }
        if registration.get("backchannel_logout_session_required").is_some() {
            registration["backchannel_logout_uri"] = app.at(BACK_CHANNEL).into();
        }
        let clients: Vec<_> = [registration].into_iter().chain(extra.other).collect();
        let peer = Peer::start(&json!({
            "provider": extra.provider,
            "resources": extra.resources,
            "clients": clients,
            "accounts": {
                "ada": { "name": "Ada Byron", "email": "ada@example.com", "groups": ["admin", "editor"] },
                "ben": { "name": "Ben Okri", "email": "ben@example.com", "groups": ["editor"] },
            },
            "keys": keys("first"),
        }));
        let builder = settings(&peer)
            .client_auth_method(client.auth_method)
            .id_token_signing_alg(client.alg)
            .app_url(&app.url);
        let auth = change(builder).build().unwrap();
        let app = app.serve(support::app(&auth));
        Self { app, auth, peer }
    }

    /// As [`Site::configured`], with these resources and refresh tokens.
    pub(crate) async fn with_refresh_tokens(
        resources: Value,
        change: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let extra = Extra {
            resources,
            ..Extra::with_refresh_tokens()
        };
        Self::with(Client::default(), extra, |app| change(offline(app))).await
    }

    /// For another application that is known to the provider as this one is.
    pub(crate) fn settings(&self) -> Builder {
        settings(&self.peer).client_auth_method(ClientAuthMethod::ClientSecretBasic)
    }

    /// What the app gets of its tokens, as `support::app` says.
    pub(crate) async fn tokens(&self, agent: &UserAgent, method: Method, query: &[(&str, &str)]) -> Page {
        let query = encoded(query);
        agent
            .fetch(method, &self.app.at(&format!("/api/tokens?{query}")))
            .await
    }

    /// Ends a token (RFC 7009).
    pub(crate) async fn revoke(&self, token: &str) {
        let (status, _) = self.call_provider("/token/revocation", &[("token", token)]).await;
        assert_eq!(status, 200);
    }

    /// The status and the JSON of one of the provider's endpoints that know the client by its secret; `null` where the
    /// body is empty.
    pub(crate) async fn call_provider(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let secret: String = byte_serialize(CLIENT_SECRET.as_bytes()).collect();
        let answer = reqwest::Client::new()
            .post(format!("{}{path}", self.peer.issuer))
            .basic_auth("app", Some(secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(form))
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let body = answer.text().await.unwrap();
        let body = if body.is_empty() { "null" } else { &body };
        (status, serde_json::from_str(body).unwrap())
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

/// How often the provider has taken a refresh token.
pub(crate) fn refreshes(peer: &mut Peer) -> usize {
    let seen = peer.seen();
    seen.iter()
        .filter(|event| *event == "grant.success refresh_token")
        .count()
}

fn settings(peer: &Peer) -> Builder {
    MonoCloud::builder()
        .tenant_domain(&peer.issuer)
        .client_id("app")
        .client_secret(CLIENT_SECRET)
        .cookie_secret("a secret of the tests, longer than 32 bytes")
}

/// What the provider is told of an app.
pub(crate) fn registration(client_id: &str, app: &Listening) -> Value {
    json!({
        "client_id": client_id,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [app.at("/api/auth/callback")],
        "post_logout_redirect_uris": [app.url],
    })
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
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
