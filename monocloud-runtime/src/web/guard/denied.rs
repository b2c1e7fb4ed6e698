//! What a guard answers to whom it does not let in.

use axum::response::{IntoResponse, Response};
use http::header::HeaderValue;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Uri};

use super::guard::{GuardKind, Policy};
use crate::client::MonoCloud;
use crate::config::Settings;
use crate::identity::User;
use crate::request;
use crate::sign_in::{ReturnUrl, sign_in_url};
use crate::web::original_uri::original_uri;
use crate::web::respond::{Page, json_message, see_other, unauthorized};

/// Why a guard said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeniedReason {
    /// Nobody is signed in.
    SignedOut,
    /// The user is in none of the groups, or not in all where all are needed.
    WrongGroup,
    /// Another site made the browser send the request (cross-site request forgery). The library
    /// answers that by itself.
    CrossSite,
}

/// A request that a guard did not let in: what `on_access_denied` and `on_group_access_denied` get.
///
/// As a response it is what the guard would have answered without a handler.
pub struct Denied {
    pub(super) reason: DeniedReason,
    pub(super) policy: &'static Policy,
    pub(super) client: MonoCloud,
    pub(super) parts: Parts,
    pub(super) user: Option<User>,
}

impl Denied {
    /// Why.
    pub fn reason(&self) -> DeniedReason {
        self.reason
    }

    /// Who is signed in, if anybody.
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// The groups that the guard asks for.
    pub fn groups(&self) -> &'static [&'static str] {
        self.policy.groups
    }

    /// The request's method.
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The request's URI, as it was sent.
    pub fn uri(&self) -> &Uri {
        original_uri(&self.parts)
    }

    /// The request's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The request's extensions, in which layers put what an application shares.
    pub fn extensions(&self) -> &http::Extensions {
        &self.parts.extensions
    }

    /// Where to sign in and come back from.
    pub fn sign_in_url(&self) -> String {
        let settings = self.client.settings();
        sign_in_url(
            settings,
            Some(return_url(settings, self.policy, &self.parts).as_str()),
        )
    }
}

impl std::fmt::Debug for Denied {
    /// Without the headers, which hold cookies.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Denied")
            .field("reason", &self.reason)
            .field("method", self.method())
            .field("path", &self.uri().path())
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        answer(self.reason, self.policy, &self.client, &self.parts)
    }
}

/// The library's own answer.
pub(super) fn answer(reason: DeniedReason, policy: &Policy, client: &MonoCloud, parts: &Parts) -> Response {
    match (policy.kind, reason) {
        (GuardKind::Api, DeniedReason::SignedOut) => unauthorized(),
        (GuardKind::Page, DeniedReason::SignedOut) => sign_in(policy, client.settings(), parts),
        (GuardKind::Api, _) => json_message(StatusCode::FORBIDDEN, "forbidden"),
        (GuardKind::Page, DeniedReason::WrongGroup) => Page {
            status: StatusCode::FORBIDDEN,
            title: "Access Denied",
            text: "You are signed in, but your account may not open this page.",
            link: Some((
                ReturnUrl::home(&client.settings().app_url).as_str(),
                "Go to the start page",
            )),
            refresh: None,
        }
        .into_response(),
        (GuardKind::Page, DeniedReason::CrossSite) => Page {
            status: StatusCode::FORBIDDEN,
            title: "Request refused",
            text: "The request did not come from a page of this site. Open the page here and try again.",
            link: Some((
                ReturnUrl::home(&client.settings().app_url).as_str(),
                "Go to the start page",
            )),
            refresh: None,
        }
        .into_response(),
    }
}

/// A browser goes to sign in; whoever could do nothing with a redirect gets 401.
fn sign_in(policy: &Policy, settings: &Settings, parts: &Parts) -> Response {
    let headers = &parts.headers;
    if request::is_htmx(headers) {
        let back = policy_return_url(settings, policy)
            .or_else(|| ReturnUrl::parse(settings, request::htmx_page(headers)?))
            .unwrap_or_else(|| ReturnUrl::home(&settings.app_url));
        let mut response = unauthorized();
        if let Ok(url) = HeaderValue::try_from(sign_in_url(settings, Some(back.as_str()))) {
            response.headers_mut().insert("hx-redirect", url);
        }
        return response;
    }
    if request::is_prefetch(headers)
        || request::is_script(headers)
        || request::is_upgrade(headers)
        || parts.method == Method::CONNECT
    {
        return unauthorized();
    }
    see_other(&sign_in_url(
        settings,
        Some(return_url(settings, policy, parts).as_str()),
    ))
}

/// The guard's own, else the page that was asked for, else, since only a GET can be asked for
/// again, the page that the request came from.
fn return_url(settings: &Settings, policy: &Policy, parts: &Parts) -> ReturnUrl {
    policy_return_url(settings, policy)
        .or_else(|| {
            if parts.method == Method::GET || parts.method == Method::HEAD {
                let asked = original_uri(parts).path_and_query()?;
                ReturnUrl::of_app(settings, asked.as_str())
            } else {
                // A relative Referer would be no browser's.
                let referer = request::referer(&parts.headers)?;
                referer
                    .contains("://")
                    .then(|| ReturnUrl::parse(settings, referer))?
            }
        })
        .unwrap_or_else(|| ReturnUrl::home(&settings.app_url))
}

fn policy_return_url(settings: &Settings, policy: &Policy) -> Option<ReturnUrl> {
    ReturnUrl::of_app(settings, policy.return_url?)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::{Denied, DeniedReason};
    use crate::client::MonoCloud;
    use crate::web::guard::Policy;

    #[test]
    fn debug_shows_no_cookie_and_no_query() {
        let client = MonoCloud::of_tests();
        let request = Request::get("/page?token=in-the-query").header("cookie", "session=in-the-cookie");
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let denied = Denied {
            reason: DeniedReason::WrongGroup,
            policy: &Policy::PAGE,
            client,
            parts,
            user: None,
        };
        let shown = format!("{denied:?}");
        assert!(shown.contains("/page") && shown.contains("WrongGroup"), "{shown}");
        assert!(!shown.contains("in-the-"), "{shown}");
    }
}
