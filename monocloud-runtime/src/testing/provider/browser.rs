//! What ties the provider's pages to one browser: two cookies, and the origin of a form.
//!
//! Cookies do not know ports, so their names do: several providers, and an application at the same address,
//! do not disturb each other.

use axum::response::Response;

use super::core::Core;
use super::encoding::random_id;
use super::log::RecordedRequest;
use super::respond;

/// The cookie of the session at the provider.
pub(super) fn session_cookie(core: &Core) -> String {
    format!("provider_session_{}", port(core))
}

/// The cookie of a browser that was shown a page of ours. It lasts through sign-ins, so that login pages in
/// several tabs can all be answered.
fn browser_cookie(core: &Core) -> String {
    format!("provider_browser_{}", port(core))
}

/// Where our cookies are sent.
pub(super) fn cookie_path(core: &Core) -> &str {
    if core.path.is_empty() { "/" } else { &core.path }
}

/// The browser's identifier, known or new.
pub(super) fn identify(core: &Core, request: &RecordedRequest) -> String {
    let known = known(core, request).map(Into::into);
    known.unwrap_or_else(|| random_id(32))
}

pub(super) fn known<'a>(core: &Core, request: &'a RecordedRequest) -> Option<&'a str> {
    let id = request.cookie(&browser_cookie(core))?;
    // Any server on this host can set cookies for it: only what we could have made is taken up.
    let ours = id.len() == 43
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    ours.then_some(id)
}

pub(super) fn remember(core: &Core, response: &mut Response, browser: &str) {
    respond::set_cookie(response, &browser_cookie(core), browser, cookie_path(core));
}

/// Whether a form was sent by a page of ours, as far as the browser tells. Who tells nothing is no browser of
/// today; the cookie and the page's identifier decide then.
pub(super) fn from_our_page(core: &Core, request: &RecordedRequest) -> bool {
    match (request.header("sec-fetch-site"), request.header("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin.strip_prefix("http://") == Some(&core.authority),
        (None, None) => true,
    }
}

fn port(core: &Core) -> &str {
    core.authority.rsplit(':').next().unwrap_or_default()
}
