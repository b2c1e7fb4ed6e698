//! A code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 8707 §2.2).

use std::borrow::Cow;

use http::StatusCode;

use super::response::{ENDPOINT, TokenResponse};
use crate::error::Error;
use crate::oidc::endpoint::{self, Call};
use crate::oidc::issuer::Issuer;
use crate::oidc::metadata::Metadata;

/// What belongs to one code.
pub(crate) struct CodeExchange<'a> {
    pub(crate) code: String,
    pub(crate) code_verifier: String,
    pub(crate) redirect_uri: &'a str,
    pub(crate) resource: &'a str,
}

impl Issuer {
    /// The tokens, and the raw ID token among them.
    pub(crate) async fn exchange(
        &self,
        metadata: &Metadata,
        exchange: CodeExchange<'_>,
    ) -> Result<(TokenResponse, String), Error> {
        let mut form: endpoint::Form<'_> = vec![
            ("grant_type", "authorization_code".into()),
            ("code", exchange.code.into()),
            ("redirect_uri", exchange.redirect_uri.into()),
            ("code_verifier", exchange.code_verifier.into()),
        ];
        let resources = exchange.resource.split_ascii_whitespace();
        form.extend(resources.map(|resource| ("resource", Cow::from(resource))));
        match self.call_token_endpoint(metadata, form).await {
            Ok(mut tokens) => {
                let id_token = tokens.required_id_token()?;
                Ok((tokens, id_token))
            }
            Err(Error::Endpoint { response, .. }) if response.error == "invalid_grant" => {
                Err(Error::InvalidGrant(response))
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn call_token_endpoint(
        &self,
        metadata: &Metadata,
        form: endpoint::Form<'_>,
    ) -> Result<TokenResponse, Error> {
        let call = Call {
            endpoint: ENDPOINT,
            url: &metadata.token_endpoint,
            form,
            accept: endpoint::JSON,
            success: &[StatusCode::OK],
            main: Some("access_token"),
        };
        let members = endpoint::post(&self.http, &self.client_auth, &metadata.client_auth, call).await?;
        TokenResponse::read(&members)
    }
}
