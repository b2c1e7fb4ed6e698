//! What kind of request it is, read from its method and headers (Fetch Metadata, W3C).

use http::header::{CONNECTION, HeaderName, ORIGIN, REFERER, UPGRADE};
use http::{HeaderMap, Method};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

fn text(headers: &HeaderMap, name: impl http::header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Whether the request can change nothing, or comes from the app's own origin.
///
/// `Sec-Fetch-Site` decides where it is sent; otherwise `Origin` must be the app's.
pub(crate) fn is_own_site(method: &Method, headers: &HeaderMap, origin: &str) -> bool {
    let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if safe && !is_upgrade(headers) {
        return true;
    }
    match headers.get(SEC_FETCH_SITE) {
        Some(site) => site == "same-origin",
        None => headers.get(ORIGIN).is_some_and(|value| value == origin),
    }
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
    ["sec-purpose", "purpose", "x-moz"]
        .iter()
        .any(|name| text(headers, *name).is_some_and(|value| value.to_ascii_lowercase().contains("prefetch")))
}

/// A call by script, which can do nothing with a redirect to another origin.
pub(crate) fn is_script(headers: &HeaderMap) -> bool {
    text(headers, "sec-fetch-mode").is_some_and(|mode| mode != "navigate")
        || headers.contains_key("x-requested-with")
}

/// A call by HTMX, which goes where `HX-Redirect` says.
pub(crate) fn is_htmx(headers: &HeaderMap) -> bool {
    text(headers, "hx-request") == Some("true")
}

/// The page that made the call by HTMX.
pub(crate) fn htmx_page(headers: &HeaderMap) -> Option<&str> {
    text(headers, "hx-current-url")
}

/// Whether the answer will be shown as a page of its own, as far as the browser says.
pub(crate) fn is_document(headers: &HeaderMap) -> bool {
    text(headers, "sec-fetch-dest").is_none_or(|destination| destination == "document")
}

pub(crate) fn referer(headers: &HeaderMap) -> Option<&str> {
    text(headers, REFERER)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, Method};

    use super::is_own_site;

    fn own(method: &Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_own_site(method, &headers, "https://app.example.com")
    }

    #[test]
    fn unsafe_methods_and_upgrades_need_the_own_origin() {
        for headers in [
            &[][..],
            &[("origin", "https://evil.example.com")],
            &[("origin", "null")],
            &[("origin", "https://app.example.com.evil")],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://app.example.com"),
            ],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
        ] {
            assert!(!own(&Method::POST, headers), "{headers:?}");
        }
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
