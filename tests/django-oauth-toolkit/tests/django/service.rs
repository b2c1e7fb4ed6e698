//! The server, an API that trusts it, and clients that get tokens.

use axum::Router;
use django_oauth_toolkit_peer::Peer;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::Builder;
use reqwest::StatusCode;
use serde_json::{Value, json};
use support::{Served, UserAgent};
use url::form_urlencoded::Serializer;

/// What the tokens of the API are for.
pub(crate) const ORDERS: &str = "https://orders.example.com";

/// Every client's.
const SECRET: &str = "a-secret-that-every-client-of-these-tests-has";
pub(crate) struct Service {
    pub(crate) peer: Peer,
    /// Where sign-ins end. The address is what matters.
    client: Served,
}

/// The tokens that a sign-in gives.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    /// Empty without the scope `openid`.
    pub(crate) id: String,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let site = support::serve(Router::new()).await;
        let client = |id: &str, grant: &str| json!({ "id": id, "secret": SECRET, "grant": grant, "redirect_uris": [site.url] });
        let settings = json!({
            "scopes": { "openid": "sign in", "orders:read": "see orders", "orders:write": "order" },
            "users": ["ada"],
            "seconds": 3_600,
            "clients": [
                client("site", "authorization-code"),
                client("robot", "client-credentials"),
                client("orders-api", "client-credentials"),
            ],
        });
        let start = move || Peer::start(&settings);
        let peer = tokio::task::spawn_blocking(start).await.unwrap();
        Self { peer, client: site }
    }

    /// The API, with something different in its settings.
    pub(crate) async fn api(&self, change: impl FnOnce(Builder) -> Builder) -> Served {
        let listening = support::listen().await;
        let settings = MonoCloud::builder()
            .tenant_domain(&self.peer.issuer)
            .client_id("site")
            .client_secret(SECRET)
            .app_url(&listening.url)
            .cookie_secret("a secret of the tests, longer than 32 bytes")
            .api_audience(ORDERS)
            .api_client_id("orders-api")
            .api_client_secret(SECRET);
        let auth = change(settings).build().unwrap();
        listening.serve(support::orders(&auth))
    }

    /// Signs a user in at the client `site`, for an API.
    pub(crate) async fn tokens_of_user(&self, audience: &str, scopes: &str) -> Tokens {
        let query = [
            ("response_type", "code"),
            ("client_id", "site"),
            ("redirect_uri", &self.client.url),
            ("scope", scopes),
            ("resource", audience),
            ("nonce", "the nonce"),
        ];
        let url = format!("{}/authorize/?{}", self.peer.issuer, encoded(&query));
        let agent = UserAgent::new();
        let page = agent.visit(&url).await;
        let page = agent.submit(&page, &[("username", "ada")]).await;
        let code = page.url.query_pairs().find(|(name, _)| name == "code");
        let (_, code) = code.unwrap_or_else(|| panic!("{page:?}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.client.url),
        ];
        let given = self.post("site", "/token/", &form).await;
        let text = |name: &str| given[name].as_str().unwrap_or_default().to_owned();
        Tokens {
            access: text("access_token"),
            refresh: text("refresh_token"),
            id: text("id_token"),
        }
    }

    /// A token of the client `robot` for an API; for none where its name is empty.
    pub(crate) async fn token_of_client(&self, audience: &str, scopes: &str) -> String {
        let mut form = vec![("grant_type", "client_credentials"), ("scope", scopes)];
        if !audience.is_empty() {
            form.push(("resource", audience));
        }
        let given = self.post("robot", "/token/", &form).await;
        given["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{given}"))
            .to_owned()
    }

    /// Ends a token of a client.
    pub(crate) async fn revoke(&self, client: &str, token: &str) {
        self.post(client, "/revoke_token/", &[("token", token)]).await;
    }

    async fn post(&self, client: &str, path: &str, form: &[(&str, &str)]) -> Value {
        let request = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = request
            .post(format!("{}{path}", self.peer.issuer))
            .basic_auth(client, Some(SECRET))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(form))
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).unwrap_or_default()
    }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}
