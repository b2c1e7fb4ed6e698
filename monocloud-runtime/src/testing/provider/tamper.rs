//! How a test has a running provider misbehave.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::faults::Fault;
use super::handle::Provider;
use super::log::Endpoint;

impl Provider {
    /// Misbehaves in this way until [`Provider::clear_faults`], beside the ways that are set already.
    pub fn fault(&self, fault: Fault) {
        self.core().memory().faults.set.push(fault);
    }

    /// Behaves again: forgets all faults, and the closures that tamper with answers.
    pub fn clear_faults(&self) {
        let before = std::mem::take(&mut self.core().memory().faults);
        // Closures are dropped outside the lock: they may hold this provider.
        drop(before);
    }

    /// Changes header and claims of every ID token before it is signed, until [`Provider::clear_faults`].
    /// The signature's algorithm stays the client's, whatever the header says then.
    pub fn tamper_id_token<F>(&self, change: F)
    where
        F: Fn(&mut Map<String, Value>, &mut Map<String, Value>) + Send + Sync + 'static,
    {
        self.core().memory().faults.id_token.push(Arc::new(change));
    }

    /// Changes header and claims of every access token before it is issued, until [`Provider::clear_faults`]. One that
    /// is opaque has no header, and its claims are what introspection tells. The signature's algorithm stays the
    /// client's, whatever the header says then.
    ///
    /// ```
    /// # use monocloud_runtime::testing::Provider;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// provider.tamper_access_token(|_, claims| {
    ///     claims.insert("acr".into(), "urn:mfa".into());
    ///     claims.remove("auth_time");
    /// });
    /// let token = provider.access_token("mira", "https://api.example.com", &["orders:read"]);
    /// assert_eq!(token.split('.').count(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn tamper_access_token<F>(&self, change: F)
    where
        F: Fn(&mut Map<String, Value>, &mut Map<String, Value>) + Send + Sync + 'static,
    {
        self.core().memory().faults.access_token.push(Arc::new(change));
    }

    /// Changes header and claims of every logout token before it is signed, until [`Provider::clear_faults`]. The
    /// signature's algorithm stays the client's, whatever the header says then.
    pub fn tamper_logout_token<F>(&self, change: F)
    where
        F: Fn(&mut Map<String, Value>, &mut Map<String, Value>) + Send + Sync + 'static,
    {
        self.core().memory().faults.logout_token.push(Arc::new(change));
    }

    /// Changes every successful token response, until [`Provider::clear_faults`].
    pub fn tamper_token_response(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.tamper(Endpoint::Token, change);
    }

    /// Changes every successful answer to a pushed authorization request, until [`Provider::clear_faults`].
    pub fn tamper_par_response(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.tamper(Endpoint::PushedAuthorization, change);
    }

    /// Changes every successful userinfo response, until [`Provider::clear_faults`].
    pub fn tamper_userinfo(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.tamper(Endpoint::Userinfo, change);
    }

    /// Changes what every introspection says of a token, until [`Provider::clear_faults`]; in a signed answer, the member
    /// `token_introspection` (RFC 9701 5).
    pub fn tamper_introspection(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.tamper(Endpoint::Introspection, change);
    }

    /// Changes the metadata, until [`Provider::clear_faults`].
    pub fn tamper_metadata(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.tamper(Endpoint::Discovery, change);
    }

    /// Changes the published keys, until [`Provider::clear_faults`].
    pub fn tamper_jwks(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.tamper(Endpoint::Jwks, change);
    }

    fn tamper(&self, endpoint: Endpoint, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        let mut memory = self.core().memory();
        memory.faults.json.push((endpoint, Arc::new(change)));
    }
}
