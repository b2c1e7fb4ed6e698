//! Where the library's routes are.

use super::MonoCloud;
use super::resource_metadata::RESOURCE_METADATA;

/// The paths of the library's routes, below the app URL: for a firewall, a test or a list of one's own. Links
/// are made with [`MonoCloud::sign_in_url`] and its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MountedRoutes<'a> {
    /// Starts a sign-in.
    pub sign_in: &'a str,
    /// Where the issuer sends the browser back.
    pub callback: &'a str,
    /// The user as JSON.
    pub user_info: &'a str,
    /// Signs out.
    pub sign_out: &'a str,
    /// Where the issuer says that sessions are over.
    pub back_channel_logout: &'a str,
    /// What the issuer's pages embed where a session is over.
    pub front_channel_logout: &'a str,
}

impl MonoCloud {
    /// Where the library's routes are, below the app URL.
    ///
    /// ```
    /// # let auth = monocloud_runtime::MonoCloud::builder()
    /// #     .tenant_domain("https://acme.us.monocloud.com")
    /// #     .client_id("app")
    /// #     .client_secret("secret")
    /// #     .app_url("https://app.example.com")
    /// #     .cookie_secret("b1946ac92492d2347c6235b4d2611184a591a6153c79b9fb5b1946ac92492d23")
    /// #     .build()?;
    /// assert_eq!(auth.routes().sign_in, "/api/auth/signin");
    /// # Ok::<(), monocloud_runtime::settings::ConfigError>(())
    /// ```
    pub fn routes(&self) -> MountedRoutes<'_> {
        let routes = &self.settings().routes;
        MountedRoutes {
            sign_in: &routes.sign_in,
            callback: &routes.callback,
            user_info: &routes.user_info,
            sign_out: &routes.sign_out,
            back_channel_logout: &routes.back_channel_logout,
            front_channel_logout: &routes.front_channel_logout,
        }
    }

    /// Whether it is the path of one of them to the letter, whether the app URL's path stands in front or a proxy has
    /// stripped it.
    pub(crate) fn is_own_route(&self, path: &str) -> bool {
        let base = self.settings().site.app_url.base();
        let MountedRoutes {
            sign_in,
            callback,
            user_info,
            sign_out,
            back_channel_logout,
            front_channel_logout,
        } = self.routes();
        let logout = [back_channel_logout, front_channel_logout];
        [sign_in, callback, user_info, sign_out]
            .into_iter()
            .chain(logout)
            .any(|route| path == route || path.strip_prefix(base) == Some(route))
            || path.starts_with(RESOURCE_METADATA) && self.describes_itself_at(path)
    }

    fn describes_itself_at(&self, path: &str) -> bool {
        let url = self.resource_metadata_url();
        url.is_some_and(|url| path == RESOURCE_METADATA || path == url.path())
    }

    /// The redirect URI, to be registered at the issuer: the full address of the callback.
    pub fn redirect_uri(&self) -> String {
        self.settings()
            .site
            .app_url
            .join(&self.settings().routes.callback)
    }
}
