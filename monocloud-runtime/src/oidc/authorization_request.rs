//! The authorization request (OIDC Core 3.1.2.1, RFC 7636, RFC 8707).

use url::Url;

use super::metadata::Metadata;
use crate::config::{AuthParams, ResponseMode};
use crate::crypto::sha256_base64url;

/// What is asked of the issuer, besides what the settings say.
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) code_challenge: &'a str,
    pub(crate) params: &'a AuthParams,
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
pub(crate) fn pkce_challenge(code_verifier: &str) -> String {
    sha256_base64url(code_verifier.as_bytes())
}

impl AuthorizationRequest<'_> {
    /// Where to send the browser.
    pub(crate) fn url(&self, metadata: &Metadata) -> Url {
        let mut url = metadata.authorization_endpoint.clone();
        let params = self.params;
        let max_age = params.max_age.map(|seconds| seconds.to_string());
        let optional = [
            ("scope", params.scopes.as_deref()),
            ("audience", params.audience.as_deref()),
            ("prompt", params.prompt.as_deref()),
            ("display", params.display.as_deref()),
            ("ui_locales", params.ui_locales.as_deref()),
            ("acr_values", params.acr_values.as_deref()),
            ("authenticator_hint", params.authenticator_hint.as_deref()),
            ("max_age", max_age.as_deref()),
            ("login_hint", params.login_hint.as_deref()),
            ("id_token_hint", params.id_token_hint.as_deref()),
        ];
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("state", self.state)
            .append_pair("nonce", self.nonce)
            .append_pair("code_challenge", self.code_challenge)
            .append_pair("code_challenge_method", "S256");
        for (name, value) in optional {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        for resource in params
            .resource
            .as_deref()
            .unwrap_or_default()
            .split_ascii_whitespace()
        {
            query.append_pair("resource", resource);
        }
        if params.response_mode == Some(ResponseMode::FormPost) {
            query.append_pair("response_mode", "form_post");
        }
        drop(query);
        url
    }
}
