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
        let resolved = app_url.url().join(value).ok()?;
        let path = resolved.path();
        if place(&resolved) != place(app_url.url()) || path.starts_with("//") {
            return None;
        }
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
        let kept = resolved[url::Position::BeforePath..].to_owned();
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

    /// The `return_url` of a guard. One that leads nowhere is said once, at the first who is sent to sign in.
    pub(crate) fn of_guard(client: &MonoCloud, url: &'static str) -> Option<Self> {
        let parsed = Self::of_application(client, url);
        if parsed.is_none() && client.is_first_time(format!("return_url {url}")) {
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

/// What makes an origin. A `blob:` URL, whose origin is that of the URL inside it, has none of ours.
fn place(url: &Url) -> (&str, Option<&str>, Option<u16>) {
    (url.scheme(), url.host_str(), url.port_or_known_default())
}

/// The sign-in route, with where to go on from there.
pub(crate) fn sign_in_url(settings: &Settings, back: Option<&str>) -> String {
    let mut url = settings.site.app_url.join(&settings.routes.sign_in);
    if let Some(back) = back {
        let mut query = form_urlencoded::Serializer::new(String::new());
        url.push('?');
        url.push_str(&query.append_pair("return_url", back).finish());
    }
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
    use super::{ReturnUrl, is_below};
    use crate::client::MonoCloud;

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
