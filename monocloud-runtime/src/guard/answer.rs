//! What a guard answers to whom it does not let in.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Method, StatusCode};

use super::challenge::challenge;
use super::terms::Terms;
use crate::access::GuardKind;
use crate::client::MonoCloud;
use crate::error::Error;
use crate::identity::User;
use crate::request::{self, Head};
use crate::respond::{Answer, Page, error_page, forbidden, go_by_script, see_other, unauthorized};
use crate::sign_in::{ReturnUrl, SignInUrl, sign_in_url};

/// Why a guard said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeniedReason {
    /// Nobody is signed in.
    SignedOut,
    /// The user is in none of the groups, or not in all where all are needed.
    WrongGroup,
    /// The user is signed in, but longer ago, or by other means, than the guard asks for with `max_age` or
    /// `acr_values`.
    StepUp,
    /// The access token is no good: not the issuer's, not for this API, or over (RFC 6750 §3.1).
    InvalidToken,
    /// The access token, or the session's default one, lacks a scope that the guard asks for (RFC 6750 §3.1).
    MissingScope,
    /// Another site made the browser send the request (cross-site request forgery). The library
    /// answers that by itself.
    CrossSite,
}

/// A refusal: why, and what was asked for.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) reason: DeniedReason,
    pub(crate) terms: Terms,
}

/// The library's own answer.
pub(crate) fn answer(refused: &Refused, user: Option<&User>, client: &MonoCloud, head: Head<'_>) -> Answer {
    match (refused.terms.kind(), refused.reason) {
        (GuardKind::Api, DeniedReason::SignedOut | DeniedReason::StepUp)
        | (_, DeniedReason::InvalidToken) => not_signed_in(refused),
        (GuardKind::Page, DeniedReason::SignedOut | DeniedReason::StepUp) => {
            sign_in(refused, user, client, head)
        }
        (GuardKind::Api, _) => forbidden(),
        (GuardKind::Page, DeniedReason::WrongGroup | DeniedReason::MissingScope) => {
            wrong_group(refused, user, client, head)
        }
        (GuardKind::Page, DeniedReason::CrossSite) => Page::new(
            StatusCode::FORBIDDEN,
            "Request refused",
            "The request did not come from a page of this site. Open the page here and try again.",
        )
        .link(home(client), "Go to the start page")
        .into_answer(Some(client.settings())),
    }
}

/// Where it could not be asked who is there.
pub(crate) fn failed(kind: GuardKind, error: Error, headers: &HeaderMap) -> Answer {
    if kind == GuardKind::Page && !request::is_script(headers) && !request::is_htmx(headers) {
        error_page(&error)
    } else {
        error.into_answer()
    }
}

/// Says who is signed in: often it is the wrong one of two accounts.
fn wrong_group(refused: &Refused, user: Option<&User>, client: &MonoCloud, head: Head<'_>) -> Answer {
    let who = user.and_then(shown_name).map_or_else(
        || "You are signed in".to_owned(),
        |name| format!("You are signed in as {name}"),
    );
    let text = format!("{who}, but this account may not open this page.");
    let settings = client.settings();
    Page::new(StatusCode::FORBIDDEN, "Access denied", &text)
        .link(home(client), "Go to the start page")
        .link(
            as_someone_else(refused, client, head).to_string(),
            "Sign in as someone else",
        )
        .link(client.sign_out_url().to_string(), "Sign out")
        .into_answer(Some(settings))
}

/// A sign-in at which the issuer asks which account it is to be, and which comes back here.
pub(super) fn as_someone_else(refused: &Refused, client: &MonoCloud, head: Head<'_>) -> SignInUrl {
    let back = return_url(client, refused, head);
    client
        .sign_in_url()
        .for_guard(
            refused.terms.requested().unwrap_or_default(),
            refused.terms.step_up(),
            None,
        )
        .as_someone_else()
        .back_to(Some(back))
}

/// Where to sign in and go on from: the plain address, or one in which is sealed what the guard asks for.
pub(super) fn sign_in_address(
    refused: &Refused,
    user: Option<&User>,
    client: &MonoCloud,
    back: ReturnUrl,
) -> String {
    let (requested, step_up) = (refused.terms.requested(), refused.terms.step_up());
    if step_up.is_none() && requested.is_none() {
        return sign_in_url(client.settings(), Some(back.as_str()));
    }
    // Who signs in instead of somebody else does not land on the other's page.
    let expected = user.filter(|_| refused.reason == DeniedReason::StepUp);
    client
        .sign_in_url()
        .back_to(Some(back))
        .for_guard(requested.unwrap_or_default(), step_up, expected.map(User::sub))
        .to_string()
}

/// For whoever could do nothing with a redirect.
fn not_signed_in(refused: &Refused) -> Answer {
    let mut response = unauthorized();
    if refused.reason == DeniedReason::StepUp {
        let challenge = refused.terms.with_requirement(challenge);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// What a person knows the account by.
fn shown_name(user: &User) -> Option<String> {
    let said = |text: Option<&str>| {
        text.map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let name = said(user.name()).or_else(|| said(user.preferred_username()));
    match (name, said(user.email())) {
        (Some(name), Some(email)) if name != email => Some(format!("{name} ({email})")),
        (name, email) => name.or(email),
    }
}

fn home(client: &MonoCloud) -> String {
    ReturnUrl::home(&client.settings().site.app_url).into_string()
}

/// A browser goes to sign in; whoever could do nothing with a redirect gets 401.
fn sign_in(refused: &Refused, user: Option<&User>, client: &MonoCloud, head: Head<'_>) -> Answer {
    let settings = client.settings();
    let Head { parts, .. } = head;
    let headers = &parts.headers;
    if request::is_htmx(headers) {
        let back = return_url(client, refused, head);
        return go_by_script(
            not_signed_in(refused),
            &sign_in_address(refused, user, client, back),
        );
    }
    if request::is_prefetch(headers)
        || request::is_script(headers)
        || request::is_upgrade(headers)
        || parts.method == Method::CONNECT
    {
        return not_signed_in(refused);
    }
    let back = return_url(client, refused, head);
    if !settings.session_cookie.covers(back.path()) {
        return out_of_reach(client, back.path());
    }
    see_other(&sign_in_address(refused, user, client, back))
}

/// A sign-in that ends where browsers do not send the session cookie would be followed by another, without an end.
fn out_of_reach(client: &MonoCloud, path: &str) -> Answer {
    let settings = client.settings();
    if client.is_first_time(format!("out of reach {path}")) {
        tracing::error!(
            name: "monocloud.guard.out_of_reach",
            path,
            cookie_path = settings.session_cookie.path,
            "browsers do not send the session cookie to this page, so nobody can be signed in there: \
             set MONOCLOUD_AUTH_SESSION_COOKIE_PATH to / or to a path above every guarded page"
        );
    }
    Page::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong",
        "This page does not work at the moment. Whoever runs this site finds the reason in its log.",
    )
    .link(home(client), "Go to the start page")
    .into_answer(Some(settings))
}

/// The guard's own, else the page that was asked for.
pub(super) fn return_url(client: &MonoCloud, refused: &Refused, head: Head<'_>) -> ReturnUrl {
    refused
        .terms
        .return_url(client)
        .or_else(|| head.return_url(client))
        .unwrap_or_else(|| ReturnUrl::home(&client.settings().site.app_url))
}
