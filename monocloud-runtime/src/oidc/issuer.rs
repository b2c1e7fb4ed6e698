//! The issuer as this client sees it: what is cached of it, and the way to call it.
//!
//! The rest of this room extends [`Issuer`], each file by one kind of call.

use std::sync::Arc;

use super::cache::Cached;
use super::client_auth::ClientAuth;
use super::keys;
use super::metadata::{self, Metadata};
use crate::config::Settings;
use crate::error::Error;
use crate::http_client::Outgoing;
use crate::jose::KeySet;

/// A sign-out makes do with metadata that was fetched this many seconds ago.
const CURRENT: i64 = 5;

/// The issuer, with what is known of it.
pub(crate) struct Issuer {
    pub(super) settings: Arc<Settings>,
    pub(super) http: Outgoing,
    pub(super) client_auth: ClientAuth,
    pub(super) keys: Cached<KeySet>,
    pub(super) metadata: Cached<Metadata>,
}

impl Issuer {
    pub(crate) fn new(settings: Arc<Settings>, http: Outgoing) -> Self {
        let metadata = {
            let (settings, http) = (settings.clone(), http.clone());
            Cached::new(settings.calls.metadata_cache, settings.clock.clone(), move || {
                let (settings, http) = (settings.clone(), http.clone());
                Box::pin(async move { metadata::fetch(&http, &settings).await })
            })
        };
        let keys = {
            let (metadata, http) = (metadata.clone(), http.clone());
            Cached::new(settings.calls.jwks_cache, settings.clock.clone(), move || {
                let (metadata, http) = (metadata.clone(), http.clone());
                Box::pin(async move { keys::fetch(&http, &metadata.get().await?.jwks_uri).await })
            })
        };
        Self {
            client_auth: ClientAuth::new(
                settings.client_auth.client(&settings.issuer.client_id),
                settings.clock.clone(),
            ),
            settings,
            http,
            keys,
            metadata,
        }
    }

    /// The metadata, from the cache where it is fresh enough.
    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, Error> {
        self.metadata.get().await
    }

    /// Makes sure that signatures can be checked.
    pub(crate) async fn prepare_keys(&self) -> Result<(), Error> {
        self.keys.get().await.map(drop)
    }

    /// The metadata as it is now or was a moment ago, so that an answer proves that the issuer is
    /// there.
    pub(crate) async fn current_metadata(&self) -> Result<Arc<Metadata>, Error> {
        self.metadata.not_older_than(CURRENT).await
    }
}
