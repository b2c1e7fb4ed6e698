//! Whether one process serves the site, or several.

use super::kind::{Flag, Kind};
use super::routes::RoutePaths;
use super::rules::{Check, any_or};
use super::setting::settings;
use super::site::AppUrl;
use super::sources::Sources;

settings! {
    in instances() -> Instances;

    /// Whether several processes serve this site: what one of them alone cannot promise is then refused in place of
    /// pretended. `MONOCLOUD_AUTH_MULTIPLE_INSTANCES`, `false`.
    ///
    /// With a store that they share ([`Builder::store`]) nothing has to be refused; one that is for a single process is an
    /// error at the start.
    ///
    /// With sessions in cookies and nothing beside they share nothing but the cookie secret. A logout that the issuer begins would reach one
    /// of them, so that it is refused, and [`MonoCloud::end_sessions`] is an error. A refresh token that the issuer refuses
    /// may be one that another process has renewed: the session and its cookie stay, and the call alone fails.
    multiple_instances: Flag = "MONOCLOUD_AUTH_MULTIPLE_INSTANCES",
        any_or(false) => bool;
}

impl Instances {
    /// Of the routes for logout, which answer errors where nothing is shared.
    pub(super) fn say_what_is_lost(&self, app_url: &AppUrl, routes: &RoutePaths) {
        if self.multiple_instances {
            tracing::warn!(
                name: "monocloud.config.logout_not_shared",
                back_channel = app_url.join(&routes.back_channel_logout),
                front_channel = app_url.join(&routes.front_channel_logout),
                "several processes serve this site and share nothing, so a logout that the issuer begins is refused at \
                 these addresses: register neither at the issuer, give them a Redis (MONOCLOUD_AUTH_REDIS_URL, \
                 with MONOCLOUD_AUTH_SESSIONS_IN=cookies where sessions are to stay in cookies), or serve the site with one process and without MONOCLOUD_AUTH_MULTIPLE_INSTANCES"
            );
        }
    }
}
