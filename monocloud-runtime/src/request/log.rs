//! What the log says of requests that were refused: the path without its query, bounded text of others,
//! no cookie.

use std::fmt::Display;

use http::header::{HeaderName, HeaderValue, ORIGIN, USER_AGENT};
use http::{HeaderMap, Method};

use super::head::Head;
use crate::client::MonoCloud;
use crate::error::printable;
use crate::event::{CROSS_SITE, Event};
use crate::identity::User;

/// Of a text of others, in characters.
const LONGEST: usize = 200;

/// Who names itself in these lines where no guard stands.
pub(crate) const EXTRACTOR: &str = "an extractor";

/// A guard or an extractor, `by` its name, let nobody in.
pub(crate) fn denied(
    client: &MonoCloud,
    by: impl Display,
    why: &'static str,
    user: Option<&User>,
    groups: &[&str],
    head: Head<'_>,
) {
    if client.events().hears_of_denials() {
        client.events().emit(&Event::Denied {
            by: &by.to_string(),
            why,
            sub: user.map(User::sub),
            groups,
            method: &head.parts.method,
            path: head.uri().path(),
        });
    }
}

/// The same where a session came along, but another site made the request.
///
/// Rarely meant: a program that calls must say its origin.
pub(crate) fn cross_site(by: impl Display, client: &MonoCloud, head: Head<'_>) {
    denied(client, &by, CROSS_SITE, None, &[], head);
    tracing::warn!(
        name: "monocloud.denied.cross_site",
        %by,
        method = %head.parts.method,
        path = path(head),
        origin = header(head, &ORIGIN),
        sec_fetch_site = header(head, &HeaderName::from_static("sec-fetch-site")),
        app_origin = client.settings().site.app_url.origin(),
        "denied a request that another site made, as far as can be told: a program sends `Origin` with the \
         app's origin, a page whose `Referrer-Policy` is `no-referrer` hides it, and \
         MONOCLOUD_AUTH_TRUSTED_ORIGINS lists further origins of your own"
    );
}

/// A route of the library's own answered without doing what it is for.
pub(crate) fn passed_over(route: &'static str, why: &'static str, method: &Method, headers: &HeaderMap) {
    tracing::debug!(
        name: "monocloud.route.passed_over",
        route,
        why,
        %method,
        user_agent = headers.get(USER_AGENT).map(text_of),
        "passed over a request"
    );
}

/// As it was sent, without the query, in which secrets of others travel.
pub(crate) fn path(head: Head<'_>) -> String {
    printable(head.uri().path(), LONGEST)
}

/// What was sent, or that it was not.
fn header(head: Head<'_>, name: &HeaderName) -> Option<String> {
    let mut values = head.parts.headers.get_all(name).iter();
    let value = values.next()?;
    let text = text_of(value);
    Some(if values.next().is_some() {
        format!("{text} (sent more than once)")
    } else {
        text
    })
}

fn text_of(value: &HeaderValue) -> String {
    printable(&String::from_utf8_lossy(value.as_bytes()), LONGEST)
}
