//! What kind of request it is, read from its method and headers (Fetch Metadata, W3C).

use http::header::{CONNECTION, HeaderName, ORIGIN, REFERER, UPGRADE};
use http::{HeaderMap, HeaderValue, Method};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const X_REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");
const HX_REQUEST: HeaderName = HeaderName::from_static("hx-request");
const HX_CURRENT_URL: HeaderName = HeaderName::from_static("hx-current-url");

/// In which browsers say that nobody asked for the page yet.
const PURPOSES: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Whether the request can change nothing, or comes from a page of the app's own.
pub(crate) fn is_own_site(
    method: &Method,
    headers: &HeaderMap,
    app_origin: &str,
    trusted_origins: &[String],
) -> bool {
    can_change_nothing(method, headers) || is_from_own_page(headers, app_origin, trusted_origins)
}

/// Whether the method is a safe one, and stays the whole of it.
pub(super) fn can_change_nothing(method: &Method, headers: &HeaderMap) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) && !is_upgrade(headers)
}

/// Whether a page of the app's own made it.
///
/// Both headers that can say so must agree where both are there, and one must be there. Two of one kind
/// leave open which is the browser's. A page at a trusted origin is the app's own, wherever it stands.
pub(super) fn is_from_own_page(headers: &HeaderMap, app_origin: &str, trusted_origins: &[String]) -> bool {
    let (Ok(origin), Ok(site)) = (single(headers, ORIGIN), single(headers, SEC_FETCH_SITE)) else {
        return false;
    };
    match (origin, site) {
        (None, None) => false,
        (Some(origin), _) if trusted_origins.iter().any(|trusted| origin == trusted) => true,
        _ => {
            origin.is_none_or(|origin| origin == app_origin) && site.is_none_or(|site| site == "same-origin")
        }
    }
}

/// The same for a form on one of the library's own pages: they tell nobody their address, so browsers send
/// `Origin: null` with it, and where it comes from is what `Sec-Fetch-Site` says.
pub(crate) fn is_form_of_own_site(
    method: &Method,
    headers: &HeaderMap,
    app_origin: &str,
    trusted_origins: &[String],
) -> bool {
    let hidden = matches!(single(headers, ORIGIN), Ok(Some(origin)) if origin == "null")
        && matches!(single(headers, SEC_FETCH_SITE), Ok(Some(site)) if site == "same-origin");
    hidden || is_own_site(method, headers, app_origin, trusted_origins)
}

/// Whether another site led here, as far as the browser says: not a page of the app's own, nor a person
/// with the address bar.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    match single(headers, SEC_FETCH_SITE) {
        Ok(Some(site)) => site != "same-origin" && site != "none",
        Ok(None) => false,
        Err(()) => true,
    }
}

/// The header's only value.
fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&HeaderValue>, ()> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    values.next().map_or(Ok(value), |_| Err(()))
}

/// A handshake of another protocol, such as a WebSocket's (RFC 6455 §4.1): both headers, since proxies
/// like to send one of them with every request. HTTP/2 is no other protocol.
pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    let options = |name: HeaderName, wanted: fn(&str) -> bool| {
        headers.get_all(name).iter().any(|value| {
            value
                .to_str()
                .is_ok_and(|value| value.split(',').map(str::trim).any(wanted))
        })
    };
    options(CONNECTION, |option| option.eq_ignore_ascii_case("upgrade"))
        && options(UPGRADE, |protocol| {
            !protocol.is_empty() && !protocol.eq_ignore_ascii_case("h2c")
        })
}

/// A request that the browser makes before anybody asked for the page.
pub(crate) fn is_prefetch(headers: &HeaderMap) -> bool {
    PURPOSES
        .into_iter()
        .any(|name| text(headers, name).is_some_and(|value| value.to_ascii_lowercase().contains("prefetch")))
}

/// A call by script, which can do nothing with a redirect to another origin. Apps that show pages send
/// an `X-Requested-With` of their own with each, the name of their package.
pub(crate) fn is_script(headers: &HeaderMap) -> bool {
    match text(headers, SEC_FETCH_MODE) {
        Some(mode) => !is_navigation(mode),
        None => text(headers, X_REQUESTED_WITH)
            .is_some_and(|library| library.eq_ignore_ascii_case("XMLHttpRequest")),
    }
}

/// Older browsers have a word of their own for a page in a frame.
fn is_navigation(mode: &str) -> bool {
    matches!(mode, "navigate" | "nested-navigate")
}

/// A call by HTMX, which goes where `HX-Redirect` says.
pub(crate) fn is_htmx(headers: &HeaderMap) -> bool {
    text(headers, HX_REQUEST) == Some("true")
}

/// The page that made the call by HTMX.
pub(crate) fn htmx_page(headers: &HeaderMap) -> Option<&str> {
    text(headers, HX_CURRENT_URL)
}

/// Whether the answer will be shown as a page of its own, as far as the browser says.
pub(crate) fn is_document(headers: &HeaderMap) -> bool {
    text(headers, SEC_FETCH_DEST).is_none_or(|destination| destination == "document")
}

pub(crate) fn referer(headers: &HeaderMap) -> Option<&str> {
    text(headers, REFERER)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, Method};

    use super::is_own_site;

    const APP: &str = "https://app.example.com";
    const TRUSTED: &str = "https://www.example.com";

    fn own(method: &Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_own_site(method, &headers, APP, &[TRUSTED.to_owned()])
    }

    #[test]
    fn each_header_that_is_there_says_same_origin_and_one_is_there() {
        let origins = [
            None,
            Some(APP),
            Some(TRUSTED),
            Some("https://evil.example"),
            Some("null"),
            Some(""),
        ];
        let sites = [
            None,
            Some("same-origin"),
            Some("same-site"),
            Some("cross-site"),
            Some("none"),
            Some(""),
        ];
        for origin in origins {
            for site in sites {
                let headers: Vec<_> = origin
                    .map(|origin| ("origin", origin))
                    .into_iter()
                    .chain(site.map(|site| ("sec-fetch-site", site)))
                    .collect();
                let expected = match (origin, site) {
                    (Some(TRUSTED), _) => true,
                    (None | Some(APP), Some(site)) => site == "same-origin",
                    (Some(origin), None) => origin == APP,
                    _ => false,
                };
                assert_eq!(own(&Method::POST, &headers), expected, "{headers:?}");
            }
        }
    }

    #[test]
    fn two_headers_of_one_kind_say_nothing() {
        for twice in [
            [("origin", APP), ("origin", APP)],
            [("origin", TRUSTED), ("origin", APP)],
            [
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "same-origin"),
            ],
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in twice {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert!(
                !is_own_site(&Method::POST, &headers, APP, &[TRUSTED.to_owned()]),
                "{twice:?}"
            );
        }
    }

    #[test]
    fn unsafe_methods_and_upgrades_need_the_own_origin() {
        let handshake = [("upgrade", "websocket"), ("connection", "keep-alive, Upgrade")];
        assert!(!own(&Method::GET, &handshake));
        assert!(
            own(&Method::GET, &handshake[1..]),
            "as nginx sends with every request"
        );
        assert!(own(
            &Method::GET,
            &[("upgrade", "h2c"), ("connection", "upgrade, http2-settings")]
        ));
        assert!(!own(&Method::CONNECT, &[]));
        assert!(own(&Method::GET, &[("sec-fetch-site", "cross-site")]));
        assert!(own(&Method::POST, &[("sec-fetch-site", "same-origin")]));
        assert!(own(&Method::DELETE, &[("origin", "https://app.example.com")]));
        assert!(own(
            &Method::GET,
            &[
                ("upgrade", "websocket"),
                ("connection", "upgrade"),
                ("origin", "https://app.example.com")
            ]
        ));
    }
}
