//! Where an API describes itself (RFC 9728).

use url::Url;

use super::MonoCloud;

/// Of a resource without a path (RFC 9728 §3).
pub(crate) const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";

impl MonoCloud {
    /// Where clients find what the API says of itself: at the API's own name, whose path follows the well-known one
    /// (RFC 9728 §3.1). Nowhere, where access tokens are not taken, or the API's name is no https or loopback URL.
    pub(crate) fn resource_metadata_url(&self) -> Option<Url> {
        let resource = self.bearer()?.api().audience.resource()?;
        let mut url = resource.clone();
        // Only a slash that follows the host is taken away: any other is part of the name.
        let path = match resource.path() {
            "/" => "",
            path => path,
        };
        url.set_path(&format!("{RESOURCE_METADATA}{path}"));
        Some(url)
    }
}
