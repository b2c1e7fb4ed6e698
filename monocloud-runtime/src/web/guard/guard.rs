//! The guard: the first extractor of a handler, so that whoever is denied is denied before anything
//! else is read.
//!
//! What a guard asks for is data, a [`Policy`] that the macros write; one function interprets it.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::denied::{Denied, DeniedReason, answer};
use crate::access::{Decision, Requirements, decide};
use crate::request::is_own_site;
use crate::web::layer::request_auth;
use crate::web::original_uri::original_uri;

/// What a guard asks for and answers.
#[derive(Debug)]
pub struct Policy {
    /// Whom it answers.
    pub kind: GuardKind,
    /// Names or ids; empty where being signed in is enough.
    pub groups: &'static [&'static str],
    /// Whether all groups are needed.
    pub match_all: bool,
    /// The claim that holds the groups, in place of the configured one.
    pub groups_claim: Option<&'static str>,
    /// Where a sign-in ends, in place of the page that was asked for.
    pub return_url: Option<&'static str>,
    /// Whether requests that another site made are refused.
    pub csrf: bool,
    /// Answers who is signed out.
    pub on_access_denied: Option<DeniedHandler>,
    /// Answers who is signed in and in the wrong group.
    pub on_group_access_denied: Option<DeniedHandler>,
}

/// Whom a guard answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardKind {
    /// A person with a browser: redirects and pages.
    Page,
    /// A program: statuses and JSON.
    Api,
}

impl Policy {
    /// A page for whoever is signed in.
    pub const PAGE: Self = Self {
        kind: GuardKind::Page,
        groups: &[],
        match_all: false,
        groups_claim: None,
        return_url: None,
        csrf: true,
        on_access_denied: None,
        on_group_access_denied: None,
    };

    /// An API for whoever is signed in.
    pub const API: Self = Self {
        kind: GuardKind::Api,
        ..Self::PAGE
    };
}

/// A handler of the application's own for who is denied.
pub type DeniedHandler = fn(Denied) -> DeniedFuture;

/// What such a handler returns, once [`denied`] has made it one type for all.
pub type DeniedFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Makes the future of a handler one type for all.
pub fn denied<F>(future: F) -> DeniedFuture
where
    F: Future + Send + 'static,
    F::Output: IntoResponse,
{
    Box::pin(async move { future.await.into_response() })
}

/// The marker that a guarded handler has beside it.
pub trait Guarded {
    /// What its guard asks for.
    const POLICY: &'static Policy;
}

/// The extractor that lets in, or answers.
pub struct Guard<P>(PhantomData<fn() -> P>);

impl<P> std::fmt::Debug for Guard<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}

impl<P: Guarded, S: Send + Sync> FromRequestParts<S> for Guard<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        match check(parts, P::POLICY) {
            Ok(()) => Ok(Self(PhantomData)),
            Err(answer) => Err(answer.await),
        }
    }
}

/// A guarded handler of the program, with its place in the source.
#[derive(Debug)]
pub struct GuardedHandler {
    /// The function's name.
    pub name: &'static str,
    /// Its module.
    pub module: &'static str,
    /// Its file.
    pub file: &'static str,
    /// The line of its name.
    pub line: u32,
    /// What its guard asks for.
    pub policy: &'static Policy,
}

inventory::collect!(GuardedHandler);

/// Lets in, or says what answers.
fn check(parts: &Parts, policy: &'static Policy) -> Result<(), DeniedFuture> {
    let auth = match request_auth(parts) {
        Ok(auth) => auth,
        Err(error) => return Err(denied(std::future::ready(error))),
    };
    let session = auth.session(&parts.headers);
    let requirements = Requirements {
        groups: policy.groups,
        match_all: policy.match_all,
        groups_claim: policy.groups_claim,
    };
    let settings = auth.client().settings();
    let own_site = !policy.csrf || is_own_site(&parts.method, &parts.headers, settings.app_url.origin());
    let (reason, handler) = match decide(session.as_ref(), &requirements, own_site) {
        Decision::Allow => return Ok(()),
        Decision::SignedOut => (DeniedReason::SignedOut, policy.on_access_denied),
        Decision::WrongGroup => (DeniedReason::WrongGroup, policy.on_group_access_denied),
        Decision::CrossSite => (DeniedReason::CrossSite, None),
    };
    log(reason, parts, settings.app_url.origin());
    Err(match handler {
        Some(handler) => handler(Denied {
            reason,
            policy,
            client: auth.client().clone(),
            parts: parts.clone(),
            user: session.map(|session| session.user().clone()),
        }),
        None => Box::pin(std::future::ready(answer(reason, policy, auth.client(), parts))),
    })
}

/// A refusal of another site's request is rarely meant: a program that calls must say its origin.
fn log(reason: DeniedReason, parts: &Parts, app_origin: &str) {
    let path = original_uri(parts).path();
    if reason == DeniedReason::CrossSite {
        let origin = parts.headers.get(http::header::ORIGIN);
        tracing::warn!(
            name: "monocloud.guard.denied",
            ?reason,
            path,
            ?origin,
            app_origin,
            "denied a request that the app's own pages did not make; a program sends `Origin` with the app's origin"
        );
    } else {
        tracing::debug!(name: "monocloud.guard.denied", ?reason, path, "denied");
    }
}
