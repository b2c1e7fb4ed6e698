//! The decision about a request, and what it leaves behind: in the request for whoever asks next, in the log for
//! operators.

use std::fmt::Display;

use http::{HeaderMap, Method};

use super::reason::DeniedReason;
use crate::access::{Accept, Caller, Decision, Moment};
use crate::error::Error;
use crate::identity::User;
use crate::request::{Head, Presented, RequestAuth, log};

/// What `decide` says of who asks, which is known by now ([`RequestAuth::pending_for`] this `accept`), of whether one of
/// the application's own pages made the request, and of the time.
///
/// # Errors
///
/// Where it could not be found out.
pub(crate) fn decision(
    auth: &RequestAuth,
    method: &Method,
    headers: &HeaderMap,
    accept: Accept,
    csrf: bool,
    decide: impl FnOnce(Caller<'_>, bool, &dyn Fn() -> Moment) -> Decision,
) -> Result<Decision, Error> {
    if let Some(error) = auth.trouble() {
        return Err(error);
    }
    match auth.presented() {
        Some(Presented::Failed(error)) if accept != Accept::Session => return Err(error.clone()),
        Some(Presented::Malformed) => return Ok(Decision::InvalidRequest),
        _ => {}
    }
    let own_site = auth.is_own_site(method, headers);
    let client = auth.client();
    let moment = || match client.bearer().filter(|_| auth.brings_token()) {
        Some(bearer) => Moment {
            now: bearer.api().clock.now(),
            tolerance: bearer.api().clock_tolerance,
        },
        None => Moment {
            now: client.now(),
            tolerance: client.settings().tokens.clock_tolerance,
        },
    };
    let decision = auth.with_caller(|caller| decide(caller, own_site, &moment));
    if decision == Decision::Allow {
        if !csrf && !auth.brings_token() {
            auth.waive_same_origin();
        }
        auth.let_in();
    }
    Ok(decision)
}

/// Says in the log that `by` does not let somebody in, and why.
pub(crate) fn refuse(
    decision: Decision,
    auth: &RequestAuth,
    by: impl Display,
    user: Option<&User>,
    groups: &[&str],
    head: Head<'_>,
) -> DeniedReason {
    let (reason, why) = match decision {
        Decision::CrossSite => {
            log::cross_site(by, auth.client(), head);
            return DeniedReason::CrossSite;
        }
        Decision::WrongGroup => (DeniedReason::WrongGroup, "wrong group"),
        Decision::MissingScope => (DeniedReason::MissingScope, "missing scope"),
        Decision::InvalidToken => (DeniedReason::InvalidToken, "invalid token"),
        Decision::CheckFailed => (DeniedReason::CheckFailed, "check"),
        Decision::NoUser => (DeniedReason::NoUser, "no user"),
        Decision::InvalidRequest => (DeniedReason::InvalidRequest, "several access tokens"),
        Decision::StepUp => (DeniedReason::StepUp, "step-up"),
        Decision::SignedOut | Decision::Allow => (DeniedReason::SignedOut, "signed out"),
    };
    log::denied(auth.client(), by, why, user, groups, head);
    reason
}
