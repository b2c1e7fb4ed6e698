//! The rules for settings that need more than a type: each says what is wrong and what to write.

use std::time::Duration;

use url::Url;

use super::options::{Routes, SameSite, SessionLifetime, StateLifetime};
use super::values::{AppUrl, parse_cookie_name};
use super::{CookieAttributes, Lifetime, RoutePaths};

/// A cookie as it was asked for.
pub(super) struct CookieChoice {
    pub(super) name: String,
    pub(super) path: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) http_only: bool,
    pub(super) secure: bool,
    pub(super) same_site: SameSite,
    pub(super) persistent: bool,
}

/// Collects what the rules find.
pub(super) struct Check<'a> {
    pub(super) problems: &'a mut Vec<String>,
}

impl Check<'_> {
    pub(super) fn problem(&mut self, name: &str, problem: impl std::fmt::Display) {
        self.problems.push(format!("MONOCLOUD_{name}: {problem}"));
    }

    pub(super) fn rule<T>(&mut self, name: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|problem| self.problem(name, problem)).ok()
    }

    pub(super) fn required<T>(
        &mut self,
        name: &str,
        value: Option<String>,
        write: &str,
        parse: impl FnOnce(String) -> Result<T, String>,
    ) -> Option<T> {
        let Some(value) = value else {
            self.problem(name, format_args!("missing; write {write}"));
            return None;
        };
        self.rule(name, parse(value))
    }

    pub(super) fn each<T>(
        &mut self,
        name: &str,
        values: Option<Vec<String>>,
        parse: impl Fn(String) -> Result<T, String>,
    ) -> Vec<T> {
        values
            .into_iter()
            .flatten()
            .filter_map(|value| self.rule(name, parse(value)))
            .collect()
    }

    pub(super) fn routes(&mut self, routes: Routes) -> Option<RoutePaths> {
        let given = [
            ("AUTH_CALLBACK_URL", routes.callback, "/api/auth/callback"),
            ("AUTH_SIGNIN_URL", routes.sign_in, "/api/auth/signin"),
            ("AUTH_SIGNOUT_URL", routes.sign_out, "/api/auth/signout"),
            ("AUTH_USER_INFO_URL", routes.user_info, "/api/auth/userinfo"),
        ];
        let before = self.problems.len();
        let mut paths: Vec<String> = Vec::new();
        for (name, value, default) in given {
            let path = value.unwrap_or_else(|| default.to_owned());
            let plain = path.len() > 1
                && path.starts_with('/')
                && !path.contains("//")
                // No browser asks for these as they stand (RFC 3986 §5.2.4).
                && !path.split('/').any(|segment| segment == "." || segment == "..")
                && path
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"/-._~".contains(&b));
            if !plain {
                self.problem(
                    name,
                    format_args!("`{path}` is not a plain path; write one like {default}"),
                );
            } else if paths.contains(&path) {
                self.problem(
                    name,
                    format_args!("`{path}` is the path of another route too; write one like {default}"),
                );
            }
            paths.push(path);
        }
        // What follows from a wrong path is no problem of its own.
        if self.problems.len() > before {
            return None;
        }
        let [callback, sign_in, sign_out, user_info] = paths.try_into().ok()?;
        Some(RoutePaths {
            callback,
            sign_in,
            sign_out,
            user_info,
        })
    }

    pub(super) fn session_lifetime(&mut self, given: &SessionLifetime) -> Lifetime {
        let duration = seconds(given.duration.unwrap_or(Duration::from_secs(86_400)));
        let max_duration = seconds(given.max_duration.unwrap_or(Duration::from_secs(604_800)));
        if duration == 0 {
            self.problem(
                "AUTH_SESSION_DURATION",
                "0 would end every session at once; write 86400 for a day",
            );
        }
        if !given.sliding.unwrap_or(false) {
            return Lifetime::Absolute { duration };
        }
        if max_duration < duration {
            self.problem(
                "AUTH_SESSION_MAX_DURATION",
                "shorter than MONOCLOUD_AUTH_SESSION_DURATION; write 604800 for a week",
            );
        }
        Lifetime::Sliding {
            duration,
            max_duration,
        }
    }

    pub(super) fn state_lifetime(&mut self, given: &StateLifetime) -> (i64, usize) {
        let duration = seconds(given.duration.unwrap_or(Duration::from_secs(900)));
        if duration < 300 {
            self.problem(
                "AUTH_STATE_DURATION",
                format_args!("{duration} is too short to sign in; write at least 300"),
            );
        }
        let concurrent = given.max_concurrent.unwrap_or(5);
        if !(1..=20).contains(&concurrent) {
            self.problem(
                "AUTH_STATE_MAX_CONCURRENT",
                format_args!("{concurrent} cannot be used; write 1 to 20"),
            );
        }
        (duration, usize::from(concurrent))
    }

    /// RFC 6265bis §4.1.3 for the prefixes, §5.6.7 for `SameSite=None`.
    pub(super) fn cookie(&mut self, group: &str, choice: CookieChoice) -> Option<CookieAttributes> {
        let before = self.problems.len();
        let name = self.rule(&format!("{group}_NAME"), parse_cookie_name(&choice.name))?;
        let path = choice.path.unwrap_or_else(|| "/".to_owned());
        let plain = |value: &str| value.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b';');
        if !path.starts_with('/') || !plain(&path) {
            self.problem(
                &format!("{group}_PATH"),
                format_args!("`{path}` is not a path; write /"),
            );
        }
        if let Some(domain) = &choice.domain {
            let labels = domain.trim_start_matches('.');
            if labels.is_empty()
                || !labels
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
            {
                self.problem(
                    &format!("{group}_DOMAIN"),
                    format_args!("`{domain}` is not a host name; write one like example.com"),
                );
            }
        }
        if choice.same_site == SameSite::None && !choice.secure {
            self.problem(
                &format!("{group}_SAME_SITE"),
                "none needs a Secure cookie; use an https app URL, or write lax",
            );
        }
        let prefix = |prefix: &str| {
            name.get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        if (prefix("__Secure-") || prefix("__Host-")) && !choice.secure {
            self.problem(
                &format!("{group}_NAME"),
                format_args!(
                    "browsers take `{name}` only as a Secure cookie; use an https app URL or another name"
                ),
            );
        }
        if prefix("__Host-") && (path != "/" || choice.domain.is_some()) {
            self.problem(
                &format!("{group}_NAME"),
                format_args!("browsers take `{name}` only with path / and without a domain"),
            );
        }
        (self.problems.len() == before).then_some(CookieAttributes {
            name,
            path,
            domain: choice.domain,
            http_only: choice.http_only,
            secure: choice.secure,
            same_site: choice.same_site,
            persistent: choice.persistent,
        })
    }

    pub(super) fn cookies_apart(
        &mut self,
        session: Option<&CookieAttributes>,
        state: Option<&CookieAttributes>,
    ) {
        if let (Some(session), Some(state)) = (session, state)
            && session.name == state.name
        {
            self.problem(
                "AUTH_STATE_COOKIE_NAME",
                "the session cookie has this name; write another",
            );
        }
    }

    /// A cookie that the callback never gets would make every sign-in fail.
    pub(super) fn cookie_paths(
        &mut self,
        session: Option<&CookieAttributes>,
        state: Option<&CookieAttributes>,
        app_url: Option<&AppUrl>,
        routes: Option<&RoutePaths>,
    ) {
        let (Some(session), Some(state), Some(app_url), Some(routes)) = (session, state, app_url, routes)
        else {
            return;
        };
        let reaches = |cookie: &CookieAttributes, route: &str| {
            let path = format!("{}{route}", app_url.base());
            path.strip_prefix(cookie.path.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if !reaches(state, &routes.callback) {
            self.problem(
                "AUTH_STATE_COOKIE_PATH",
                format_args!("`{}` does not reach the callback; write /", state.path),
            );
        }
        if !reaches(session, &routes.sign_out) {
            self.problem(
                "AUTH_SESSION_COOKIE_PATH",
                format_args!("`{}` does not reach the sign-out route; write /", session.path),
            );
        }
    }

    pub(super) fn post_logout(&mut self, app_url: Option<&AppUrl>, given: Option<String>) -> Option<String> {
        let app_url = app_url?;
        let Some(given) = given else {
            return Some(app_url.join(""));
        };
        // A path is the application's own, below where it is mounted.
        let parsed = if given.starts_with('/') && !given.starts_with("//") {
            Url::parse(&app_url.join(&given))
        } else {
            app_url.url().join(&given)
        };
        let parsed = parsed.map_err(|error| {
            format!(
                "`{given}` is not a URL ({error}); write one like {}",
                app_url.url()
            )
        });
        self.rule("AUTH_POST_LOGOUT_REDIRECT_URI", parsed).map(Into::into)
    }
}

/// Whole seconds.
pub(super) fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
