//! What ties the provider's pages to one browser: two cookies, and the origin of a form.
//!
//! Cookies do not know ports, so their names do: several providers, and an application at the same address,
//! do not disturb each other.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{AppendHeaders, IntoResponse, Response};
use cookie::{Cookie, SameSite};
use http::request::Parts;
use http::{HeaderMap, header};

use super::core::Core;
use super::encoding::random_id;

/// What a browser sent along.
pub(super) struct Browser {
    /// The cookie of the session at the provider.
    pub(super) session: Option<String>,
    /// The cookie of a browser that was shown a page of ours. It lasts through sign-ins, so that login pages in
    /// several tabs can all be answered.
    pub(super) id: Option<String>,
    /// Whether a form was sent by a page of ours, as far as the browser tells.
    pub(super) from_our_page: bool,
}

impl FromRequestParts<Arc<Core>> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, core: &Arc<Core>) -> Result<Self, Infallible> {
        let id = sent(&parts.headers, &browser_cookie(core));
        Ok(Self {
            session: sent(&parts.headers, &session_cookie(core)),
            // Any server on this host can set cookies for it: only what we could have made is taken up.
            id: id.filter(|id| is_ours(id)),
            from_our_page: is_from_our_page(core, &parts.headers),
        })
    }
}

impl Browser {
    /// The browser's identifier, known or new.
    pub(super) fn identify(&self) -> String {
        self.id.clone().unwrap_or_else(|| random_id(32))
    }
}

/// Lets the browser keep its identifier.
pub(super) fn remember(core: &Core, response: Response, browser: &str) -> Response {
    with_cookie(core, response, Cookie::new(browser_cookie(core), browser))
}

/// Lets the browser keep the session that just began.
pub(super) fn sign_in(core: &Core, response: Response, session: &str) -> Response {
    with_cookie(core, response, Cookie::new(session_cookie(core), session))
}

/// Lets the browser forget its session.
pub(super) fn sign_out(core: &Core, response: Response) -> Response {
    let mut gone = Cookie::new(session_cookie(core), "");
    gone.set_max_age(cookie::time::Duration::ZERO);
    with_cookie(core, response, gone)
}

fn with_cookie<'c>(core: &'c Core, response: Response, mut cookie: Cookie<'c>) -> Response {
    let path = if core.path.is_empty() { "/" } else { &core.path };
    cookie.set_path(path);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    let header = AppendHeaders([(header::SET_COOKIE, cookie.to_string())]);
    (header, response).into_response()
}

fn session_cookie(core: &Core) -> String {
    format!("provider_session_{}", port(core))
}

fn browser_cookie(core: &Core) -> String {
    format!("provider_browser_{}", port(core))
}

fn port(core: &Core) -> &str {
    core.authority.rsplit(':').next().unwrap_or_default()
}

/// The value of a cookie. Browsers send one `Cookie` header, HTTP/2 clients may send several.
fn sent(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().into())
}

fn is_ours(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    id.len() == 43 && id.bytes().all(plain)
}

/// Who tells nothing is no browser of today; the cookie and the page's identifier decide then.
fn is_from_our_page(core: &Core, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin.strip_prefix("http://") == Some(&core.authority),
        (None, None) => true,
    }
}
