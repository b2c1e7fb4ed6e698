//! What a guard answers to whom it does not let in.

use std::borrow::Cow;

use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::challenge::challenge;
use super::check::Objection;
use super::reason::DeniedReason;
use super::terms::Terms;
use crate::access::GuardKind;
use crate::client::MonoCloud;
use crate::error::Error;
use crate::identity::User;
use crate::request::{self, Head};
use crate::respond::{
    Answer, Page, error_page, forbidden, go_by_script, json_message, see_other, unauthorized,
};
use crate::sign_in::{ReturnUrl, SignInUrl, sign_in_url};

/// A refusal: why, and what was asked for.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) reason: DeniedReason,
    pub(crate) terms: Terms,
    /// Why it could not be found out who calls.
    pub(crate) error: Option<Error>,
    /// What the application wants whoever asks to read.
    pub(crate) words: Option<Cow<'static, str>>,
}

impl Refused {
    pub(crate) fn new(reason: DeniedReason, terms: Terms) -> Self {
        Self {
            reason,
            terms,
            error: None,
            words: None,
        }
    }

    /// The same, with what the application said.
    pub(crate) fn objected(self, objection: Option<Objection>) -> Self {
        Self {
            words: objection.and_then(|objection| objection.0),
            ..self
        }
    }

    /// The same, where it could not be found out who calls.
    pub(crate) fn because(self, error: Error) -> Self {
        Self {
            error: Some(error),
            ..self
        }
    }

    /// What a client has to do differently, where the answer says so.
    pub(super) fn challenge(&self, client: &MonoCloud) -> Option<HeaderValue> {
        self.terms
            .with_requirement(|requirement| challenge(self.reason, requirement, client))
    }
}

/// The library's own answer.
pub(crate) fn answer(refused: &Refused, user: Option<&User>, client: &MonoCloud, head: Head<'_>) -> Answer {
    use DeniedReason as Reason;
    let kind = refused.terms.kind();
    if let Some(error) = &refused.error {
        return failed(kind, error.clone(), &head.parts.headers);
    }
    match (kind, refused.reason) {
        (GuardKind::Api, Reason::SignedOut | Reason::StepUp) | (_, Reason::InvalidToken) => {
            not_signed_in(refused, client)
        }
        (_, Reason::Preflight) => nothing_allowed(),
        (GuardKind::Api, Reason::UnreadablePath) => {
            json_message(StatusCode::BAD_REQUEST, "the path cannot be read")
        }
        (_, Reason::InvalidRequest) => challenged(
            json_message(StatusCode::BAD_REQUEST, "bad request"),
            refused,
            client,
        ),
        (GuardKind::Page, Reason::SignedOut | Reason::StepUp) => sign_in(refused, user, client, head),
        // `NoUser` is a program that calls on its own, whatever stands there.
        (GuardKind::Api, _) | (_, Reason::NoUser) => challenged(forbidden(), refused, client),
        (GuardKind::Page, Reason::WrongGroup | Reason::MissingScope | Reason::CheckFailed) => {
            wrong_group(refused, user, client, head)
        }
        (GuardKind::Page, Reason::UnreadablePath) => Page::new(
            StatusCode::BAD_REQUEST,
            "Address not understood",
            "The address of this page cannot be read. Open the page from a link on this site.",
        )
        .link(home(client), "Go to the start page")
        .into_answer(Some(client.settings())),
        (GuardKind::Page, Reason::Failed | Reason::CrossSite) => Page::new(
            StatusCode::FORBIDDEN,
            "Request refused",
            "The request did not come from a page of this site. Open the page here and try again.",
        )
        .link(home(client), "Go to the start page")
        .into_answer(Some(client.settings())),
    }
}

/// With what a client has to do differently (RFC 6750 §3).
fn challenged(mut answer: Answer, refused: &Refused, client: &MonoCloud) -> Answer {
    if let Some(challenge) = refused.challenge(client) {
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    answer
}

/// Where it could not be asked who is there.
pub(crate) fn failed(kind: GuardKind, error: Error, headers: &HeaderMap) -> Answer {
    if kind == GuardKind::Page && !request::is_script(headers) && !request::is_htmx(headers) {
        error_page(&error)
    } else {
        error.into_answer()
    }
}

/// To a preflight: no origin, no method and no header is allowed.
fn nothing_allowed() -> Answer {
    let mut answer = Answer::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let private = HeaderValue::from_static("private, no-store");
    answer.headers_mut().insert(CACHE_CONTROL, private);
    answer
}

/// Says who is signed in: often it is the wrong one of two accounts.
fn wrong_group(refused: &Refused, user: Option<&User>, client: &MonoCloud, head: Head<'_>) -> Answer {
    let who = user.and_then(shown_name).map_or_else(
        || "You are signed in".to_owned(),
        |name| format!("You are signed in as {name}"),
    );
    let text = match &refused.words {
        Some(words) => words.to_string(),
        None => format!("{who}, but this account may not open this page."),
    };
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
fn not_signed_in(refused: &Refused, client: &MonoCloud) -> Answer {
    challenged(unauthorized(), refused, client)
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
    // A program that calls where only a person can be.
    if client.bearer().is_some() && request::brings_token(headers) {
        return not_signed_in(refused, client);
    }
    if request::is_htmx(headers) {
        let back = return_url(client, refused, head);
        return go_by_script(
            not_signed_in(refused, client),
            &sign_in_address(refused, user, client, back),
        );
    }
    if request::is_prefetch(headers)
        || request::is_script(headers)
        || request::is_upgrade(headers)
        || parts.method == Method::CONNECT
    {
        return not_signed_in(refused, client);
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
    // Once for all: behind protected routes, whoever calls chooses the paths.
    if client.is_first_time("out of reach".to_owned()) {
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
