//! The cookie of a sign-in under way.

use super::cookie_attributes::{CookieAttributes, Names, SameSite, domain, name, path, secure};
use super::kind::{Choice, Flag, Kind, Text};
use super::routes::RoutePaths;
use super::rules::{Check, any_or, or};
use super::setting::settings;
use super::site::AppUrl;
use super::sources::Sources;

settings! {
    /// The cookie of one sign-in under way. Each setting is also `MONOCLOUD_AUTH_STATE_COOKIE_…`.
    pub struct StateCookie;
    in state_cookie(app_url: Option<&AppUrl>, form_post: bool) -> CookieAttributes { http_only: true };

    /// What its name begins with; `state`.
    name: Text = "MONOCLOUD_AUTH_STATE_COOKIE_NAME",
        or("state".to_owned(), name) => String;

    /// `Path`; `/`.
    path: Text = "MONOCLOUD_AUTH_STATE_COOKIE_PATH",
        or("/".to_owned(), path) => String;

    /// `Domain`; none.
    domain: Text = "MONOCLOUD_AUTH_STATE_COOKIE_DOMAIN",
        domain(app_url) => Option<String>;

    /// `Secure`; `true` when the app URL is https, always with `form_post`.
    secure: Flag = "MONOCLOUD_AUTH_STATE_COOKIE_SECURE",
        secure(app_url, form_post) => bool;

    /// `SameSite`; `Lax`, and `None` with `form_post`. `Strict` is refused.
    same_site: Choice<SameSite> = "MONOCLOUD_AUTH_STATE_COOKIE_SAME_SITE",
        |given| same_site(form_post, given) => SameSite;

    /// Whether it lives for the time that a sign-in may take, so that an abandoned one is gone after that; else it
    /// ends with the browser. `true`.
    persistent: Flag = "MONOCLOUD_AUTH_STATE_COOKIE_PERSISTENT",
        any_or(true) => bool;
}

pub(super) const NAMES: Names = Names {
    name: named::name,
    same_site: named::same_site,
};

fn same_site(form_post: bool, given: Option<SameSite>) -> Result<SameSite, String> {
    match given {
        Some(SameSite::Strict) => Err("strict would keep the cookie from the callback; write lax".to_owned()),
        _ if form_post => Ok(SameSite::None),
        given => Ok(given.unwrap_or(SameSite::Lax)),
    }
}

/// A cookie that the callback never gets would make every sign-in fail; one that the sign-in route never gets could not
/// be counted, and the number of sign-ins under way would have no limit.
pub(super) fn check_path(
    check: &mut Check,
    cookie: &CookieAttributes,
    app_url: &AppUrl,
    routes: &RoutePaths,
) {
    for (route, name) in [
        (&routes.callback, "the callback"),
        (&routes.sign_in, "the sign-in route"),
    ] {
        if !cookie.reaches(app_url, route) {
            check.problem(&named::path, format_args!("it does not reach {name}; write /"));
            return;
        }
    }
}

pub(super) fn check_apart(check: &mut Check, state: &CookieAttributes, session: &CookieAttributes) {
    if state.name == session.name {
        check.problem(&named::name, "the session cookie has this name; write another");
    }
}
