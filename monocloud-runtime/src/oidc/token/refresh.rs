//! A refresh token for tokens (RFC 6749 §6, OIDC Core 12, RFC 8707 §2.2).

use std::borrow::Cow;

use super::response::TokenResponse;
use crate::config::{ResourceSet, ScopeSet};
use crate::error::Error;
use crate::oidc::endpoint;
use crate::oidc::issuer::Issuer;
use crate::oidc::metadata::Metadata;

/// What belongs to one refresh.
pub(crate) struct RefreshGrant<'a> {
    pub(crate) refresh_token: &'a str,
    pub(crate) resource: &'a ResourceSet,
    /// Without any, those of the sign-in.
    pub(crate) scopes: Option<&'a ScopeSet>,
}

impl Issuer {
    /// [`Error::RefreshRefused`] where the refresh token is no longer good.
    pub(crate) async fn refresh(
        &self,
        metadata: &Metadata,
        grant: RefreshGrant<'_>,
    ) -> Result<TokenResponse, Error> {
        let mut form: endpoint::Form<'_> = vec![
            ("grant_type", "refresh_token".into()),
            ("refresh_token", grant.refresh_token.into()),
        ];
        if let Some(scopes) = grant.scopes {
            form.push(("scope", scopes.to_string().into()));
        }
        let resources = grant.resource.iter();
        form.extend(resources.map(|resource| ("resource", Cow::from(resource))));
        match self.call_token_endpoint(metadata, form).await {
            // Where there is none, some write it empty.
            Ok(mut tokens) => {
                tokens.id_token = tokens.id_token.filter(|token| !token.is_empty());
                Ok(tokens)
            }
            Err(Error::Endpoint { response, .. }) if response.error == "invalid_grant" => {
                Err(Error::RefreshRefused(response))
            }
            other => other,
        }
    }
}
