//! The guard: the first extractor of a handler, so that whoever is denied is denied before anything
//! else is read.
//!
//! What a guard asks for is data, a [`Policy`] that the macros write; one function interprets it.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;

use super::answer::{DeniedReason, Refused, answer};
use super::denied::Denied;
use super::policy::{DeniedFuture, Policy, denied};
use crate::access::{Decision, decide};
use crate::request::is_own_site;
use crate::web::layer::request_auth;
use crate::web::original_uri::original_uri;

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

/// Lets in, or says what answers.
fn check(parts: &Parts, policy: &'static Policy) -> Result<(), DeniedFuture> {
    let auth = match request_auth(parts) {
        Ok(auth) => auth,
        Err(error) => return Err(denied(std::future::ready(error))),
    };
    let settings = auth.client().settings();
    let own_site = is_own_site(&parts.method, &parts.headers, settings.site.app_url.origin());
    let (reason, handler) = match auth.with_record(|record| decide(record, &policy.requirement, own_site)) {
        Decision::Allow => return Ok(()),
        Decision::SignedOut => (DeniedReason::SignedOut, policy.on_access_denied),
        Decision::WrongGroup => (DeniedReason::WrongGroup, policy.on_group_access_denied),
        Decision::CrossSite => (DeniedReason::CrossSite, None),
    };
    log(reason, parts, settings.site.app_url.origin());
    let refused = Refused {
        reason,
        kind: policy.kind,
        return_url: policy.return_url,
    };
    Err(match handler {
        Some(handler) => handler(Denied {
            refused,
            requirement: &policy.requirement,
            client: auth.client().clone(),
            parts: parts.clone(),
            user: auth.user(),
        }),
        None => Box::pin(std::future::ready(answer(&refused, auth.client(), parts))),
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
