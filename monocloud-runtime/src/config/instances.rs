//! Whether one process serves the site, or several.

use super::kind::{Flag, Kind};
use super::rules::{Check, any_or};
use super::setting::settings;
use super::sources::Sources;

settings! {
    in instances() -> Instances;

    /// Whether several processes serve this site: what one of them alone cannot promise is then refused in place of
    /// pretended. `MONOCLOUD_AUTH_MULTIPLE_INSTANCES`, `false`.
    ///
    /// With a store that they share ([`Builder::store`]) nothing has to be refused; one that is for a single process is an
    /// error at the start.
    ///
    /// With sessions in cookies they share nothing but the cookie secret. A logout that the issuer begins would reach one
    /// of them, so that it is refused, and [`MonoCloud::end_sessions`] is an error. A refresh token that the issuer refuses
    /// may be one that another process has renewed: the session and its cookie stay, and the call alone fails.
    multiple_instances: Flag = "MONOCLOUD_AUTH_MULTIPLE_INSTANCES",
        any_or(false) => bool;
}
