//! The session cookie.

use super::cookie_attributes::{CookieAttributes, Names, SameSite, domain, name, path, secure};
use super::kind::{Choice, Flag, Kind, Text};
use super::routes::RoutePaths;
use super::rules::{Check, any_or, or};
use super::setting::settings;
use super::site::AppUrl;
use super::sources::Sources;

settings! {
    /// The session cookie. Each setting is also `MONOCLOUD_AUTH_SESSION_COOKIE_…`.
    pub struct SessionCookie;
    in session_cookie(app_url: Option<&AppUrl>) -> CookieAttributes {};

    /// Name of the first chunk; `session`.
    name: Text = "MONOCLOUD_AUTH_SESSION_COOKIE_NAME",
        or("session".to_owned(), name) => String;

    /// `Path`; `/`.
    path: Text = "MONOCLOUD_AUTH_SESSION_COOKIE_PATH",
        or("/".to_owned(), path) => String;

    /// `Domain`; none, so that only this host gets it. Browsers take no public suffix, such as `co.uk` or `github.io`.
    domain: Text = "MONOCLOUD_AUTH_SESSION_COOKIE_DOMAIN",
        domain(app_url) => Option<String>;

    /// `HttpOnly`; `true`.
    http_only: Flag = "MONOCLOUD_AUTH_SESSION_COOKIE_HTTP_ONLY",
        any_or(true) => bool;

    /// `Secure`; `true` when the app URL is https.
    secure: Flag = "MONOCLOUD_AUTH_SESSION_COOKIE_SECURE",
        secure(app_url, false) => bool;

    /// `SameSite`; `Lax`.
    same_site: Choice<SameSite> = "MONOCLOUD_AUTH_SESSION_COOKIE_SAME_SITE",
        any_or(SameSite::Lax) => SameSite;

    /// Whether it outlives the browser; `true`.
    persistent: Flag = "MONOCLOUD_AUTH_SESSION_COOKIE_PERSISTENT",
        any_or(true) => bool;
}

pub(super) const NAMES: Names = Names {
    name: named::name,
    same_site: named::same_site,
};

/// A cookie that sign-out never gets could not be deleted.
pub(super) fn check_path(
    check: &mut Check,
    cookie: &CookieAttributes,
    app_url: &AppUrl,
    routes: &RoutePaths,
) {
    if !cookie.reaches(app_url, &routes.sign_out) {
        check.problem(&named::path, "it does not reach the sign-out route; write /");
    }
}
