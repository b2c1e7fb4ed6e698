//! A code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 8707 §2.2).

use std::borrow::Cow;

use super::response::{ENDPOINT, Tokens};
use crate::error::Error;
use crate::oidc::endpoint;
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
    pub(crate) async fn exchange(
        &self,
        metadata: &Metadata,
        exchange: CodeExchange<'_>,
    ) -> Result<Tokens, Error> {
        let mut form: endpoint::Form<'_> = vec![
            ("grant_type", "authorization_code".into()),
            ("code", exchange.code.into()),
            ("redirect_uri", exchange.redirect_uri.into()),
            ("code_verifier", exchange.code_verifier.into()),
        ];
        let resources = exchange.resource.split_ascii_whitespace();
        form.extend(resources.map(|resource| ("resource", Cow::from(resource))));
        let answer = endpoint::post(
            &self.http,
            ENDPOINT,
            &metadata.token_endpoint,
            &self.client_auth,
            metadata.token_endpoint_auth_methods.as_deref(),
            form,
        )
        .await;
        match answer {
            Ok(members) => Tokens::read(&members),
            Err(Error::Endpoint { response, .. }) if response.error == "invalid_grant" => {
                Err(Error::InvalidGrant(response))
            }
            Err(error) => Err(error),
        }
    }
}
