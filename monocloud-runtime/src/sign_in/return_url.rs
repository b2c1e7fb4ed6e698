//! Where the browser goes after a sign-in: a place on this site, whatever was asked for.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::{Url, form_urlencoded};

use crate::client::MonoCloud;
use crate::config::{AppUrl, Settings};

/// Longer ones would not fit into a cookie; the default takes their place.
const MAX_BYTES: usize = 2_000;

/// Path, query and fragment on the app's own origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnUrl(String);

impl ReturnUrl {
    /// The start page.
    pub(crate) fn home(app_url: &AppUrl) -> Self {
        Self(format!("{}/", app_url.base()))
    }

    /// What a browser would make of `value` on a page of the app, if that is on the app's origin
    /// and none of the library's own routes, to which nobody should be sent back.
    pub(crate) fn parse(settings: &Settings, value: &str) -> Option<Self> {
        if value.len() > MAX_BYTES {
            return None;
        }
        let app_url = &settings.site.app_url;
        let kept = if is_plain(value) {
            value.to_owned()
        } else {
            resolved(app_url, value)?
        };
        let path = kept.split(['?', '#']).next().unwrap_or_default();
        let routes = &settings.routes;
        let own = [
            &routes.callback,
            &routes.sign_in,
            &routes.sign_out,
            &routes.user_info,
        ];
        let within = path
            .strip_prefix(app_url.base())
            .unwrap_or(path)
            .trim_end_matches('/');
        if own.into_iter().any(|route| within == route.trim_end_matches('/')) {
            return None;
        }
        (kept.len() <= MAX_BYTES).then_some(Self(kept))
    }

    /// The page that a request asked for: path and query as the router saw them, `nested` being the path
    /// at which the router is nested, if it is.
    pub(crate) fn of_request(client: &MonoCloud, asked: &str, nested: Option<&str>) -> Option<Self> {
        let base = client.settings().site.app_url.base();
        if nested.is_some_and(|nested| is_below(nested, base)) {
            return Self::parse(client.settings(), asked);
        }
        Self::of_router(client, asked)
    }

    /// What the application wrote: a path as its router knows it, or an absolute URL.
    pub(crate) fn of_application(client: &MonoCloud, url: &str) -> Option<Self> {
        if url.starts_with('/') {
            Self::of_router(client, url)
        } else {
            Self::parse(client.settings(), url)
        }
    }

    /// The `return_url` of a guard. One that leads nowhere is said once for each `guard`, at the first who is sent
    /// to sign in.
    pub(crate) fn of_guard(client: &MonoCloud, url: &str, guard: &'static str) -> Option<Self> {
        let parsed = Self::of_application(client, url);
        if parsed.is_none() && client.is_first_time(format!("return_url {guard}")) {
            tracing::error!(
                name: "monocloud.guard.return_url",
                return_url = url,
                "the `return_url` of a guard is one of the library's own routes or no page of this site, so sign-ins end on the page that was asked for; write the path of a page"
            );
        }
        parsed
    }

    /// A path of the router, which may or may not have the app URL's path in front.
    fn of_router(client: &MonoCloud, path: &str) -> Option<Self> {
        let settings = client.settings();
        let base = settings.site.app_url.base();
        if !base.is_empty() && is_below(path, base) && !client.base_path().is_stripped() {
            return Self::parse(settings, path);
        }
        if base.is_empty() {
            return Self::parse(settings, path);
        }
        Self::parse(settings, &format!("{base}{path}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn path(&self) -> &str {
        self.0.split(['?', '#']).next().unwrap_or_default()
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }

    /// With scheme and host, so that no browser can read it as another site's.
    pub(crate) fn absolute(&self, app_url: &AppUrl) -> String {
        format!("{}{}", app_url.origin(), self.0)
    }
}

/// Whether a browser resolves `value` to itself on any site: a path whose segments have no dot in front,
/// and a query. Most are, and nothing needs to be parsed.
fn is_plain(value: &str) -> bool {
    let (path, query) = value.split_once('?').unwrap_or((value, ""));
    let mut before = None;
    let is_plain_path = path.bytes().all(|byte| {
        let is_plain = match byte {
            b'/' | b'.' => before != Some(b'/'),
            _ => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~'),
        };
        before = Some(byte);
        is_plain
    });
    is_plain_path
        && path.starts_with('/')
        && query.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'-' | b'_' | b'~' | b'.' | b'/' | b'?' | b'=' | b'&' | b'%' | b'+' | b',' | b':'
                )
        })
}

/// Path, query and fragment of what a browser would make of `value`, if that is on the app's origin.
fn resolved(app_url: &AppUrl, value: &str) -> Option<String> {
    let url = app_url.url().join(value).ok()?;
    let is_here = place(&url) == place(app_url.url()) && !url.path().starts_with("//");
    is_here.then(|| url[url::Position::BeforePath..].to_owned())
}

/// What makes an origin. A `blob:` URL, whose origin is that of the URL inside it, has none of ours.
fn place(url: &Url) -> (&str, Option<&str>, Option<u16>) {
    (url.scheme(), url.host_str(), url.port_or_known_default())
}

/// The sign-in route, with where to go on from there.
pub(crate) fn sign_in_url(settings: &Settings, back: Option<&str>) -> String {
    let app_url = &settings.site.app_url;
    let route = &settings.routes.sign_in;
    let Some(back) = back else {
        return app_url.join(route);
    };
    let query = "?return_url=";
    let parts = [app_url.origin(), app_url.base(), route, query];
    // Each slash takes two characters more.
    let length = parts.iter().map(|part| part.len()).sum::<usize>() + back.len() + 16;
    let mut url = String::with_capacity(length);
    url.extend(parts);
    url.extend(form_urlencoded::byte_serialize(back.as_bytes()));
    url
}

/// Whether sign-out may end at `value`: the app's own origin, or a listed URI.
pub(crate) fn post_logout(settings: &Settings, value: &str) -> Option<String> {
    if let Some(on_site) = ReturnUrl::parse(settings, value) {
        return Some(on_site.absolute(&settings.site.app_url));
    }
    let url = Url::parse(value).ok()?;
    settings
        .sign_out
        .post_logout_redirect_uris
        .iter()
        .find(|listed| **listed == url.as_str())
        .cloned()
}

/// Whether a path is `base` or stands below it, segment by segment (RFC 3986 §6.2.2.2): `/apple` is not
/// below `/app`, and `/%61pp` is.
fn is_below(path: &str, base: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut segments = path.split('/');
    base.split('/').all(|expected| {
        segments
            .next()
            .is_some_and(|segment| decoded(segment) == decoded(expected))
    })
}

fn decoded(segment: &str) -> Cow<'_, [u8]> {
    percent_decode_str(segment).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ReturnUrl, is_below, is_plain, resolved};
    use crate::client::MonoCloud;
    use crate::config::AppUrl;

    proptest! {
        #[test]
        fn what_is_plain_is_what_a_browser_makes_of_it(
            value in prop_oneof![
                "/[a-z./%?=&#:@\\\\~_ ;+,-]{0,20}",
                "[/a.%2e?]{0,12}",
                "/([a-z.]{0,3}/){0,4}(\\?[ -~]{0,12})?",
                any::<String>(),
            ],
        ) {
            if is_plain(&value) {
                for app_url in ["https://app.example.com", "http://localhost:3000/base/path"] {
                    let app_url = AppUrl::parse(app_url).expect("valid");
                    prop_assert_eq!(resolved(&app_url, &value), Some(value.clone()));
                }
            }
        }
    }

    #[test]
    fn most_paths_are_plain_and_none_that_a_browser_changes() {
        for plain in [
            "/",
            "/a",
            "/a/",
            "/orders/7",
            "/a.b/c.d",
            "/a?x=/../y&z=%20",
            "/a?",
        ] {
            assert!(is_plain(plain), "{plain}");
        }
        for not in [
            "",
            "a",
            "//",
            "//a",
            "/\\a",
            "/.",
            "/..",
            "/a/..",
            "/a/./b",
            "/%2e%2e/a",
            "/a b",
            "/ä",
            "/a#b",
            "?a",
            "/a?'",
            "/a\n",
            "/a?\t",
            "https://a",
            "/.well-known/x",
            "/a//b",
        ] {
            assert!(!is_plain(not), "{not}");
        }
    }

    #[test]
    fn a_path_is_below_another_by_whole_segments() {
        for below in [
            "/app",
            "/app/",
            "/app?x",
            "/app#x",
            "/app/x",
            "/%61pp/x",
            "/a%70p?/x",
        ] {
            assert!(is_below(below, "/app"), "{below}");
        }
        for not in [
            "/apple", "/ap", "/", "", "/x/app", "//app", "/app%2Fx", "/APP", "app/x", "/app%",
        ] {
            assert!(!is_below(not, "/app"), "{not}");
        }
        assert!(is_below("/a/b/c", "/a/b") && !is_below("/a/bc", "/a/b") && !is_below("/a", "/a/b"));
    }

    #[test]
    fn the_app_urls_path_stands_in_front_once() {
        let client = |known: &[&str]| {
            let client = MonoCloud::builder()
                .tenant_domain("http://127.0.0.1:9")
                .client_id("app")
                .client_secret("secret")
                .app_url("https://example.com/app")
                .cookie_secret("a secret of the tests, 32 bytes long")
                .build()
                .expect("the settings are complete");
            for path in known {
                client.base_path().observe("/app", "/signin", path);
            }
            client
        };
        let of_request = |client: &MonoCloud, path: &str, nested| {
            ReturnUrl::of_request(client, path, nested).map(ReturnUrl::into_string)
        };
        let (unknown, stripped, kept) = (client(&[]), client(&["/signin"]), client(&["/app/signin"]));
        for (path, nested, expected, if_stripped) in [
            ("/x", None, "/app/x", "/app/x"),
            ("/apple", None, "/app/apple", "/app/apple"),
            ("/app/x?y=1", None, "/app/x?y=1", "/app/app/x?y=1"),
            ("/app/x", Some("/app"), "/app/x", "/app/x"),
            ("/app/app/x", Some("/app"), "/app/app/x", "/app/app/x"),
            ("/app/v1/x", Some("/app/v1"), "/app/v1/x", "/app/v1/x"),
            ("/v1/x", Some("/v1"), "/app/v1/x", "/app/v1/x"),
            ("/%61pp/x", None, "/%61pp/x", "/app/%61pp/x"),
        ] {
            assert_eq!(
                of_request(&unknown, path, nested).as_deref(),
                Some(expected),
                "{path}"
            );
            assert_eq!(
                of_request(&kept, path, nested).as_deref(),
                Some(expected),
                "{path}"
            );
            assert_eq!(
                of_request(&stripped, path, nested).as_deref(),
                Some(if_stripped),
                "{path}"
            );
        }
    }
}
