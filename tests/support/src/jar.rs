//! The cookies of a user-agent, by the rules that browsers follow (RFC 6265bis).
//!
//! Cookies know hosts and no ports. Two apps on one machine share them, in a browser and here.

use cookie::time::OffsetDateTime;
use cookie::{Cookie, Expiration, SameSite};
use url::Url;

/// How a request came about, as far as `SameSite` asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    /// No other site had a part in it.
    pub same_site: bool,
    /// It changes the address bar and does so with GET.
    pub top_level_get: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Jar(Vec<Kept>);

#[derive(Debug)]
struct Kept {
    host: String,
    path: String,
    cookie: Cookie<'static>,
}

impl Jar {
    /// The value of the `Cookie` header, if there is anything to send.
    pub(crate) fn header(&self, url: &Url, context: Context) -> Option<String> {
        let pairs: Vec<String> = self
            .0
            .iter()
            .filter(|kept| kept.goes_to(url, context))
            .map(|kept| format!("{}={}", kept.cookie.name(), kept.cookie.value()))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Takes one `Set-Cookie` header.
    pub(crate) fn take(&mut self, url: &Url, header: &str) {
        let cookie = Cookie::parse(header.to_owned())
            .unwrap_or_else(|error| panic!("{url} set an unreadable cookie, {error}: {header}"));
        assert!(
            cookie.name().len() + cookie.value().len() <= 4096,
            "a browser drops this cookie of {url}, it has more than 4096 bytes: {}",
            cookie.name(),
        );
        assert!(
            cookie.domain().is_none(),
            "cookies with a domain are of no use on loopback: {header}"
        );
        assert!(
            cookie.same_site() != Some(SameSite::None) || cookie.secure() == Some(true),
            "a browser drops a SameSite=None cookie that is not Secure: {header}"
        );
        let kept = Kept {
            host: host(url),
            path: cookie.path().map_or_else(|| default_path(url), String::from),
            cookie: cookie.into_owned(),
        };
        self.0.retain(|other| !other.is_replaced_by(&kept));
        if !kept.has_expired() {
            self.0.push(kept);
        }
    }

    /// Name and value of every cookie of a host.
    pub(crate) fn of_host(&self, url: &Url) -> Vec<(String, String)> {
        self.0
            .iter()
            .filter(|kept| kept.host == host(url))
            .map(|kept| (kept.cookie.name().into(), kept.cookie.value().into()))
            .collect()
    }
}

impl Jar {
    /// Names of the host's cookies that were set to live longer than a minute.
    pub(crate) fn lasting(&self, url: &Url) -> Vec<String> {
        let of_host = self.0.iter().filter(|kept| kept.host == host(url));
        of_host
            .filter(|kept| kept.cookie.max_age().is_none_or(|age| age.whole_seconds() > 60))
            .map(|kept| kept.cookie.name().into())
            .collect()
    }
}

impl Kept {
    fn goes_to(&self, url: &Url, context: Context) -> bool {
        let allowed = match self.cookie.same_site() {
            Some(SameSite::None) => true,
            Some(SameSite::Strict) => context.same_site,
            Some(SameSite::Lax) | None => context.same_site || context.top_level_get,
        };
        // Secure cookies go to plain-http loopback too, which is all that these tests talk to.
        allowed && self.host == host(url) && path_matches(&self.path, url.path()) && !self.has_expired()
    }

    fn is_replaced_by(&self, newer: &Self) -> bool {
        self.host == newer.host && self.path == newer.path && self.cookie.name() == newer.cookie.name()
    }

    fn has_expired(&self) -> bool {
        match (self.cookie.max_age(), self.cookie.expires()) {
            (Some(max_age), _) => !max_age.is_positive(),
            (None, Some(Expiration::DateTime(at))) => at <= OffsetDateTime::now_utc(),
            (None, _) => false,
        }
    }
}

fn host(url: &Url) -> String {
    url.host_str().expect("an address with a host").to_owned()
}

/// RFC 6265bis 5.1.4.
fn default_path(url: &Url) -> String {
    match url.path().rfind('/') {
        Some(0) | None => "/".into(),
        Some(end) => url.path()[..end].into(),
    }
}

fn path_matches(cookie: &str, request: &str) -> bool {
    request
        .strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || cookie.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK_ON_ANOTHER_SITE: Context = Context {
        same_site: false,
        top_level_get: true,
    };
    const FORM_ON_ANOTHER_SITE: Context = Context {
        same_site: false,
        top_level_get: false,
    };
    const OWN: Context = Context {
        same_site: true,
        top_level_get: true,
    };

    fn url(path: &str) -> Url {
        format!("http://localhost:3000{path}").parse().expect("a URL")
    }

    fn sent(set: &[&str], to: &str, context: Context) -> String {
        let mut jar = Jar::default();
        for header in set {
            jar.take(&url("/api/auth/signin"), header);
        }
        jar.header(&url(to), context).unwrap_or_default()
    }

    #[test]
    fn same_site_decides_what_another_site_can_cause() {
        let all = [
            "a=1; Path=/; SameSite=Strict",
            "b=2; Path=/; SameSite=Lax",
            "c=3; Path=/; SameSite=None; Secure",
        ];
        assert_eq!(sent(&all, "/", OWN), "a=1; b=2; c=3");
        assert_eq!(sent(&all, "/", LINK_ON_ANOTHER_SITE), "b=2; c=3");
        assert_eq!(sent(&all, "/", FORM_ON_ANOTHER_SITE), "c=3");
    }

    #[test]
    fn a_path_covers_what_is_below_it() {
        assert_eq!(sent(&["a=1"], "/api/auth/callback", OWN), "a=1");
        assert_eq!(sent(&["a=1"], "/api/authority", OWN), "");
        assert_eq!(sent(&["a=1; Path=/x"], "/", OWN), "");
    }

    #[test]
    fn the_same_name_and_path_replaces_and_expiry_removes() {
        assert_eq!(sent(&["a=1; Path=/", "a=2; Path=/"], "/", OWN), "a=2");
        assert_eq!(sent(&["a=1; Path=/", "a=; Path=/; Max-Age=0"], "/", OWN), "");
        let past = "a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        assert_eq!(sent(&["a=1; Path=/", past], "/", OWN), "");
        assert_eq!(sent(&["a=1; Path=/", "a=; Path=/y; Max-Age=0"], "/", OWN), "a=1");
    }
}
