//! What a client of the protocol meets: with nothing, by way of the challenge, and with tokens that are not for this server.

use axum::http::{StatusCode, header};
use mcp::PATH;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::testing::{AccessTokenFault, Fault, Provider};
use rmcp::ServiceExt as _;
use rmcp::model::CallToolRequestParams;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{AuthClient, AuthorizationManager, AuthorizationRequest, AuthorizationSession};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The server on a port of loopback, and the issuer that it trusts. It ends with the test.
struct Server {
    url: String,
    audience: String,
    provider: Provider,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let provider = Provider::builder().start().await.unwrap();
        let audience = format!("{url}{PATH}");
        let auth = MonoCloud::builder()
            .tenant_domain(provider.issuer())
            .client_id(provider.client_id())
            .client_secret(provider.client_secret())
            .app_url(&url)
            .cookie_secret("a secret of the tests, longer than 32 bytes")
            .api_audience(&audience)
            .build()
            .unwrap();
        tokio::spawn(async move { axum::serve(listener, mcp::app(&auth)).await });
        Self {
            url,
            audience,
            provider,
        }
    }

    /// The answer to a first request of the protocol.
    async fn answer(&self, token: Option<&str>) -> reqwest::Response {
        let initialize = json!({
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": { "name": "test", "version": "1" },
            },
        });
        let mut request = reqwest::Client::new()
            .post(&self.audience)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream")
            .body(initialize.to_string());
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        request.send().await.unwrap()
    }

    /// Status and challenge.
    async fn refusal(&self, token: Option<&str>) -> (StatusCode, String) {
        let answer = self.answer(token).await;
        let challenge = answer.headers().get(header::WWW_AUTHENTICATE);
        let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
        (answer.status(), challenge.unwrap_or_default())
    }

    /// The protocol's own client, which signs in as its challenge says.
    async fn authorized(&self, user: &str) -> AuthClient<reqwest::Client> {
        let (_, challenge) = self.refusal(None).await;
        let mut manager = AuthorizationManager::new(&self.audience).await.unwrap();
        let found = manager
            .resolve_metadata_from_challenge(Some(&challenge))
            .await
            .unwrap();
        manager.set_metadata(found.metadata);
        let request = AuthorizationRequest::new("http://127.0.0.1/callback")
            .with_preregistered_client(self.provider.client_id())
            .with_client_secret(self.provider.client_secret());
        let session = AuthorizationSession::new(manager, request).await;
        let session = session.map_err(|(_, error)| error).unwrap();
        // In place of a browser.
        let callback = self
            .provider
            .sign_in(session.get_authorization_url(), user)
            .unwrap();
        session.handle_callback_url(&callback).await.unwrap();
        AuthClient::new(reqwest::Client::new(), session.auth_manager)
    }

    /// What a tool answers, in one connection of the protocol.
    async fn call(
        &self,
        client: AuthClient<reqwest::Client>,
        tool: &'static str,
        arguments: Value,
    ) -> String {
        let config = StreamableHttpClientTransportConfig::with_uri(self.audience.clone());
        let transport = StreamableHttpClientTransport::with_client(client, config);
        let connection = ().serve(transport).await.unwrap();
        let Value::Object(arguments) = arguments else {
            panic!("arguments are an object")
        };
        let call = CallToolRequestParams::new(tool).with_arguments(arguments);
        let answer = connection.call_tool(call).await.unwrap();
        connection.cancel().await.unwrap();
        answer.content[0].as_text().unwrap().text.clone()
    }
}

#[tokio::test]
async fn the_challenge_leads_to_the_metadata_and_to_the_issuer() {
    let server = Server::start().await;
    let (status, challenge) = server.refusal(None).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let metadata = format!("{}/.well-known/oauth-protected-resource{PATH}", server.url);
    assert!(
        challenge.contains(&format!(r#"resource_metadata="{metadata}""#)),
        "{challenge}"
    );
    assert!(challenge.contains(r#"scope="notes""#), "{challenge}");
    assert!(
        !challenge.contains("error="),
        "nothing was wrong with it: {challenge}"
    );

    let metadata = reqwest::get(metadata).await.unwrap();
    assert_eq!(metadata.status(), StatusCode::OK);
    let metadata: Value = serde_json::from_slice(&metadata.bytes().await.unwrap()).unwrap();
    assert_eq!(metadata["resource"], server.audience);
    assert_eq!(
        metadata["authorization_servers"],
        json!([server.provider.issuer()])
    );
    assert_eq!(metadata["scopes_supported"], json!(["notes"]));
}

#[tokio::test]
async fn a_client_that_follows_the_challenge_calls_tools_as_its_user() {
    let server = Server::start().await;
    let (mira, tomas) = (server.authorized("mira").await, server.authorized("tomas").await);
    let note = json!({ "text": "milk" });
    let added = server.call(mira.clone(), "add_note", note).await;
    assert_eq!(added, "You have 1 notes.");
    assert_eq!(server.call(mira, "list_notes", json!({})).await, "milk");
    assert_eq!(server.call(tomas, "list_notes", json!({})).await, "");
}

#[tokio::test]
async fn tokens_that_are_not_for_this_server_are_refused() {
    let server = Server::start().await;
    let provider = &server.provider;
    let good = provider.access_token("mira", &server.audience, &["notes"]);
    assert_eq!(server.answer(Some(&good)).await.status(), StatusCode::OK);

    provider.fault(Fault::AccessToken(AccessTokenFault::Expired));
    let expired = provider.access_token("mira", &server.audience, &["notes"]);
    provider.clear_faults();
    for wrong in [
        provider.access_token("mira", &server.url, &["notes"]),
        provider.access_token("mira", "https://other.example.com/mcp", &["notes"]),
        expired,
        "garbage".to_owned(),
    ] {
        let (status, challenge) = server.refusal(Some(&wrong)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert!(challenge.contains(r#"error="invalid_token""#), "{challenge}");
        assert!(challenge.contains("resource_metadata="), "{challenge}");
    }
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_which_one_to_ask_for() {
    let server = Server::start().await;
    let token = server
        .provider
        .access_token("mira", &server.audience, &["profile"]);
    let (status, challenge) = server.refusal(Some(&token)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(challenge.contains(r#"error="insufficient_scope""#), "{challenge}");
    assert!(challenge.contains(r#"scope="notes""#), "{challenge}");
}
