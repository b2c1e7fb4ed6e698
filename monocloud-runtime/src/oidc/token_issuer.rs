//! An issuer of access tokens, as an API sees it: its name, what its tokens are for, and what is cached of it.

use std::sync::Arc;

use super::cache::Cached;
use super::client_auth::ClientAuth;
use super::issuer::Issuer;
use super::keys;
use super::metadata::Metadata;
use super::token_metadata::{self, TokenMetadata};
use crate::config::{Api, TenantDomain, TrustedIssuer};
use crate::error::Error;
use crate::http_client::Outgoing;
use crate::jose::KeySet;

/// One issuer whose access tokens are taken. What it shares with sign-ins is fetched once for both.
pub(crate) struct TokenIssuer {
    pub(super) api: Arc<Api>,
    pub(super) http: Outgoing,
    pub(super) audience: String,
    /// Who introspects at this issuer, if anybody does.
    pub(super) client_auth: Option<ClientAuth>,
    pub(super) keys: Cached<KeySet>,
    name: Name,
    metadata: Published,
}

/// What the issuer is called.
#[derive(Clone)]
enum Name {
    /// The metadata decides about a slash at the end.
    Tenant(TenantDomain),
    Exact(String),
}

enum Published {
    OfSignIn(Cached<Metadata>),
    Own(Cached<TokenMetadata>),
}

impl TokenIssuer {
    /// The API's own issuer first, then those that are trusted beside it.
    pub(crate) fn all(api: &Arc<Api>, sign_in: &Issuer, http: &Outgoing) -> Vec<Self> {
        let further = api
            .trusted_issuers
            .iter()
            .map(|trusted| Self::trusted(api, http, trusted));
        std::iter::once(Self::of_api(api, sign_in, http))
            .chain(further)
            .collect()
    }

    /// Whether `iss` can be this issuer.
    pub(crate) fn is_named(&self, iss: &str) -> bool {
        self.name.is(iss)
    }

    /// Its keys, where they are fresh: without waiting.
    pub(crate) fn keys_at_hand(&self) -> Option<Arc<KeySet>> {
        self.keys.at_hand()
    }

    /// Its keys, fetched where need be.
    pub(crate) async fn keys(&self) -> Result<Arc<KeySet>, Error> {
        self.keys.get().await
    }

    /// As its metadata writes it, which clients compare to the letter (RFC 8414 §3.3).
    pub(crate) async fn published_name(&self) -> Result<String, Error> {
        Ok(self.metadata().await?.issuer.clone())
    }

    pub(super) async fn metadata(&self) -> Result<Arc<TokenMetadata>, Error> {
        match &self.metadata {
            Published::OfSignIn(metadata) => Ok(metadata.get().await?.of_tokens.clone()),
            Published::Own(metadata) => metadata.get().await,
        }
    }

    fn of_api(api: &Arc<Api>, sign_in: &Issuer, http: &Outgoing) -> Self {
        let client = api.client.clone();
        let client_auth = client.map(|client| ClientAuth::new(client, api.clock.clone()));
        let audience = api.audience.as_str().to_owned();
        if !api.is_of_sign_in {
            let name = Name::Tenant(api.tenant_domain.clone());
            return Self {
                client_auth,
                ..Self::fetched(api, http, name, audience, api.tenant_domain.allows_http())
            };
        }
        Self {
            api: api.clone(),
            http: http.clone(),
            audience,
            client_auth,
            keys: sign_in.keys.fresh_for(api.jwks_cache),
            name: Name::Tenant(api.tenant_domain.clone()),
            metadata: Published::OfSignIn(sign_in.metadata.fresh_for(api.metadata_cache)),
        }
    }

    fn trusted(api: &Arc<Api>, http: &Outgoing, trusted: &TrustedIssuer) -> Self {
        let name = Name::Exact(trusted.issuer.clone());
        Self::fetched(api, http, name, trusted.audience.clone(), trusted.allows_http)
    }

    /// With metadata and keys of its own.
    fn fetched(api: &Arc<Api>, http: &Outgoing, name: Name, audience: String, allows_http: bool) -> Self {
        let metadata = {
            let (name, http) = (name.clone(), http.clone());
            Cached::new(api.metadata_cache, api.clock.clone(), move || {
                let (name, http) = (name.clone(), http.clone());
                Box::pin(async move {
                    token_metadata::fetch(&http, name.address(), allows_http, |iss| name.is(iss)).await
                })
            })
        };
        let keys = {
            let (metadata, http) = (metadata.clone(), http.clone());
            Cached::new(api.jwks_cache, api.clock.clone(), move || {
                let (metadata, http) = (metadata.clone(), http.clone());
                Box::pin(async move { keys::fetch(&http, &metadata.get().await?.jwks_uri).await })
            })
        };
        Self {
            api: api.clone(),
            http: http.clone(),
            audience,
            client_auth: None,
            keys,
            name,
            metadata: Published::Own(metadata),
        }
    }
}

impl Name {
    fn is(&self, iss: &str) -> bool {
        match self {
            Self::Tenant(domain) => domain.names(iss),
            Self::Exact(name) => name == iss,
        }
    }

    fn address(&self) -> &str {
        match self {
            Self::Tenant(domain) => domain.as_str(),
            Self::Exact(name) => name,
        }
    }
}
