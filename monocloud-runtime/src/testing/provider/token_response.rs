//! What a good request at the token endpoint gets (RFC 6749 5.1).

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::clients::ProviderClient;
use super::core::Core;
use super::faults::Fault;
use super::log::Endpoint;
use super::memory::Grant;
use super::{id_token, respond};

pub(super) struct Tokens {
    pub(super) access_token: String,
    pub(super) refresh_token: Option<String>,
    pub(super) scopes: Vec<String>,
    /// What the user gave, and the `nonce` to tell: nothing where the client acts for itself.
    pub(super) given: Option<(Grant, Option<String>)>,
}

impl Tokens {
    pub(super) fn into_response(self, core: &Core, client: &ProviderClient) -> Response {
        let faults = core.memory().faults.clone();
        let mut body = json!({
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": core.settings.access_token_lifetime.as_secs(),
            "scope": self.scopes.join(" "),
        });
        if let Some(token) = self.refresh_token {
            body["refresh_token"] = json!(token);
        }
        // A refresh may ask for less than the sign-in did.
        let is_openid = self.scopes.iter().any(|scope| scope == "openid");
        if let Some((grant, nonce)) = self.given
            && is_openid
            && !faults.has(&Fault::NoIdToken)
        {
            let id_token = id_token::mint(core, client, &grant, nonce.as_deref(), &self.access_token);
            body["id_token"] = json!(id_token);
        }
        faults.tamper(Endpoint::Token, &mut body);
        respond::json(StatusCode::OK, &body)
    }
}
