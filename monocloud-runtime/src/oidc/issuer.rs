//! The issuer as this client sees it: what is cached of it, and the way to call it.
//!
//! The rest of this room extends [`Issuer`], each file by one kind of call.

use std::sync::Arc;

use super::cache::Cached;
use super::keys::{self, Keys};
use super::metadata::{self, Metadata};
use crate::config::Settings;
use crate::error::Error;
use crate::http_client::Outgoing;

/// The issuer as this client sees it.
pub(crate) struct Issuer {
    pub(super) settings: Arc<Settings>,
    pub(super) http: Outgoing,
    metadata: Cached<Metadata>,
    pub(super) keys: Cached<Keys>,
}

impl Issuer {
    pub(crate) fn new(settings: Arc<Settings>, http: Outgoing) -> Self {
        let metadata = {
            let (settings, http) = (settings.clone(), http.clone());
            Cached::new(settings.metadata_cache, settings.clock.clone(), move || {
                let (settings, http) = (settings.clone(), http.clone());
                Box::pin(async move { metadata::fetch(&http, &settings.tenant_domain).await })
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
