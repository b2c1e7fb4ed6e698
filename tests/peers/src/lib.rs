//! The same route bare, guarded by the library, and behind another one; the same issuer and the same tokens for all.

pub mod thousand;

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use monocloud_runtime::testing::Provider;
use monocloud_runtime::{MonoCloud, protect_api};
use tower_oauth2_resource_server::server::OAuth2ResourceServer;
use tower_oauth2_resource_server::tenant::TenantConfiguration;

/// What the tokens are for.
pub const AUDIENCE: &str = "https://api.example.com";

/// One of each; the issuer ends when this is dropped.
pub struct Apps {
    /// Where tokens come from: RS256 with 2,048 bits.
    pub provider: Provider,
    /// Nothing is asked.
    pub bare: Router,
    /// `#[protect_api]`.
    pub guarded: Router,
    /// `tower-oauth2-resource-server`.
    pub peer: Router,
}

impl Apps {
    /// Everything on loopback.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn start() -> Self {
        let provider = Provider::builder().start().await.expect("a port of loopback");
        let auth = client(provider.issuer());
        let tenant = TenantConfiguration::builder(provider.issuer())
            .audiences(&[AUDIENCE])
            .build()
            .await
            .expect("the issuer's metadata");
        let peer = <OAuth2ResourceServer>::builder()
            .add_tenant(tenant)
            .build()
            .await
            .expect("its keys");
        Self {
            bare: Router::new().route("/", get(plain)),
            guarded: Router::new().route("/", get(guarded)).layer(auth.layer()),
            peer: Router::new().route("/", get(plain)).layer(peer.into_layer()),
            provider,
        }
    }

    /// A token that nobody has seen.
    pub fn token(&self) -> String {
        self.provider.access_token("mira", AUDIENCE, &["orders:read"])
    }
}

/// With access tokens of this issuer.
///
/// # Panics
///
/// Where that is none.
pub fn client(issuer: &str) -> MonoCloud {
    MonoCloud::builder()
        .tenant_domain(issuer)
        .client_id("benchmark")
        .client_secret("a secret of the client")
        .app_url("http://localhost:3000")
        .cookie_secret("a secret of the benchmark, longer than 32 bytes")
        .api_audience(AUDIENCE)
        .build()
        .expect("settings")
}

/// Of each of so many.
#[expect(
    clippy::cast_precision_loss,
    reason = "times that are measured here are small"
)]
pub fn nanoseconds(spent: Duration, count: usize) -> f64 {
    spent.as_nanos() as f64 / count as f64
}

/// The one in the middle.
pub fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

async fn plain() -> &'static str {
    "ok"
}

#[protect_api]
async fn guarded() -> &'static str {
    "ok"
}
