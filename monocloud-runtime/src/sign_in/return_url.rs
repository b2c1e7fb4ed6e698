//! Where the browser goes after a sign-in: a place on this site, whatever was asked for.

use url::{Url, form_urlencoded};

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

    /// A path that the application wrote, relative to where it is mounted.
    pub(crate) fn of_app(settings: &Settings, path: &str) -> Option<Self> {
        Self::parse(settings, &format!("{}{path}", settings.site.app_url.base()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
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
