//! The paths of the library's routes.

use super::kind::{Kind, Text};
use super::rules::{Check, or};
use super::setting::{Setting, settings};
use super::site::AppUrl;
use super::sources::Sources;

settings! {
    /// The paths of the library's routes.
    pub struct Routes;
    in routes() -> RoutePaths;

    /// Where the issuer sends the browser back. `MONOCLOUD_AUTH_CALLBACK_URL`, `/api/auth/callback`.
    callback: Text = "MONOCLOUD_AUTH_CALLBACK_URL",
        or(DEFAULTS[0].to_owned(), path(DEFAULTS[0])) => String;

    /// Starts a sign-in. `MONOCLOUD_AUTH_SIGNIN_URL`, `/api/auth/signin`.
    sign_in: Text = "MONOCLOUD_AUTH_SIGNIN_URL",
        or(DEFAULTS[1].to_owned(), path(DEFAULTS[1])) => String;

    /// Signs out. `MONOCLOUD_AUTH_SIGNOUT_URL`, `/api/auth/signout`.
    sign_out: Text = "MONOCLOUD_AUTH_SIGNOUT_URL",
        or(DEFAULTS[2].to_owned(), path(DEFAULTS[2])) => String;

    /// The user as JSON. `MONOCLOUD_AUTH_USER_INFO_URL`, `/api/auth/userinfo`.
    user_info: Text = "MONOCLOUD_AUTH_USER_INFO_URL",
        or(DEFAULTS[3].to_owned(), path(DEFAULTS[3])) => String;

    /// Where the issuer says that sessions are over (OIDC Back-Channel Logout 1.0).
    /// `MONOCLOUD_AUTH_BACK_CHANNEL_LOGOUT_URL`, `/api/auth/backchannel-logout`.
    back_channel_logout: Text = "MONOCLOUD_AUTH_BACK_CHANNEL_LOGOUT_URL",
        or(DEFAULTS[4].to_owned(), path(DEFAULTS[4])) => String;

    /// What the issuer's pages embed where a session is over (OIDC Front-Channel Logout 1.0).
    /// `MONOCLOUD_AUTH_FRONT_CHANNEL_LOGOUT_URL`, `/api/auth/frontchannel-logout`.
    front_channel_logout: Text = "MONOCLOUD_AUTH_FRONT_CHANNEL_LOGOUT_URL",
        or(DEFAULTS[5].to_owned(), path(DEFAULTS[5])) => String;
}

const DEFAULTS: [&str; 6] = [
    "/api/auth/callback",
    "/api/auth/signin",
    "/api/auth/signout",
    "/api/auth/userinfo",
    "/api/auth/backchannel-logout",
    "/api/auth/frontchannel-logout",
];

impl RoutePaths {
    fn all(&self) -> [(Setting, &str); 6] {
        [
            (named::callback, &self.callback),
            (named::sign_in, &self.sign_in),
            (named::sign_out, &self.sign_out),
            (named::user_info, &self.user_info),
            (named::back_channel_logout, &self.back_channel_logout),
            (named::front_channel_logout, &self.front_channel_logout),
        ]
    }

    pub(super) fn check_clashes(&self, check: &mut Check) {
        let all = self.all();
        for (at, (setting, path)) in all.iter().enumerate() {
            if all[..at].iter().any(|(_, earlier)| earlier == path) {
                check.problem(
                    setting,
                    format_args!(
                        "it is the path of another route too; write one like {}",
                        DEFAULTS[at]
                    ),
                );
            }
        }
    }

    /// Where the app URL is the address of a route, as it is where a redirect URI was copied.
    pub(super) fn check_app_url(&self, check: &mut Check, setting: &Setting, app_url: &AppUrl) {
        let routes = self.all().map(|(_, path)| path).into_iter().chain(DEFAULTS);
        for route in routes {
            if let Some(base) = app_url.base().strip_suffix(route) {
                check.problem(
                    setting,
                    format_args!(
                        "it ends with `{route}`, which is a route of the library and comes behind the app URL; \
                         write {}{base}",
                        app_url.origin()
                    ),
                );
                return;
            }
        }
    }
}

/// A path as the router takes it; `example` is one.
fn path(example: &'static str) -> impl FnOnce(&str) -> Result<String, String> {
    move |value| {
        let plain = value.len() > 1
            && value.starts_with('/')
            && !value.contains("//")
            // No browser asks for these as they stand (RFC 3986 §5.2.4).
            && !value.split('/').any(|segment| segment == "." || segment == "..")
            && value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/-._~".contains(&b));
        if plain {
            return Ok(value.to_owned());
        }
        Err(format!("it is not a plain path; write one like {example}"))
    }
}
