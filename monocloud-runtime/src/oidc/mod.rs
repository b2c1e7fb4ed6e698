//! OpenID Connect as a relying party: metadata, keys, the authorization request, the code exchange,
//! the ID token, userinfo and logout.
//!
//! Types and signature checks come from the `openidconnect` and `oauth2` crates; what those leave
//! open (`azp`, `nbf`, `iat`, leeway, `at_hash`, `auth_time`, which key may be used) is checked
//! here. Nothing here knows cookies or axum.

mod authorize;
mod cache;
mod discovery;
mod id_token;
mod keys;
mod logout;
mod token;
mod userinfo;

use std::sync::Arc;

pub(crate) use authorize::{AuthorizationRequest, pkce_challenge};
use cache::Cached;
pub(crate) use discovery::Metadata;
pub(crate) use id_token::{Expected, IdToken};
use keys::Keys;
pub(crate) use logout::LogoutRequest;
pub(crate) use token::{CodeExchange, Tokens};

use crate::config::Settings;
use crate::error::Error;
use crate::http::Outgoing;

/// The issuer as this client sees it.
pub(crate) struct Issuer {
    settings: Arc<Settings>,
    http: Outgoing,
    metadata: Cached<Metadata>,
    keys: Cached<Keys>,
}

impl Issuer {
    pub(crate) fn new(settings: Arc<Settings>, http: Outgoing) -> Self {
        let metadata = {
            let (settings, http) = (settings.clone(), http.clone());
            Cached::new(settings.metadata_cache, settings.clock.clone(), move || {
                let (settings, http) = (settings.clone(), http.clone());
                Box::pin(async move { discovery::fetch(&http, &settings.tenant_domain).await })
            })
        };
        let keys = {
            let (metadata, http) = (metadata.clone(), http.clone());
            Cached::new(settings.jwks_cache, settings.clock.clone(), move || {
                let (metadata, http) = (metadata.clone(), http.clone());
                Box::pin(async move { keys::fetch(&http, &metadata.get().await?.jwks_uri).await })
            })
        };
        Self {
            settings,
            http,
            metadata,
            keys,
        }
    }

    /// The metadata, from the cache where it is fresh enough.
    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, Error> {
        self.metadata.get().await
    }

    /// Makes sure that there are keys before a code is spent on a token that needs them.
    pub(crate) async fn prepare_keys(&self) -> Result<(), Error> {
        self.keys.get().await.map(drop)
    }

    /// The metadata as it is now, so that an answer proves that the issuer is there.
    pub(crate) async fn current_metadata(&self) -> Result<Arc<Metadata>, Error> {
        self.metadata.fetch().await
    }
}
