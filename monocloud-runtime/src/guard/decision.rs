//! The decision about a request, and what it leaves behind: in the request for whoever asks next, in the log for
//! operators.

use std::fmt::Display;

use http::{HeaderMap, Method};

use super::answer::DeniedReason;
use crate::access::{Caller, Decision, Moment};
use crate::identity::User;
use crate::request::{Head, RequestAuth, log};

/// What `decide` says of who asks, of whether one of the application's own pages made the request, and of the time.
pub(crate) fn decision(
    auth: &RequestAuth,
    method: &Method,
    headers: &HeaderMap,
    csrf: bool,
    decide: impl FnOnce(Caller<'_>, bool, &dyn Fn() -> Moment) -> Decision,
) -> Decision {
    let own_site = auth.is_own_site(method, headers);
    let moment = || Moment {
        now: auth.client().now(),
        tolerance: auth.client().settings().tokens.clock_tolerance,
    };
    let decision = auth.with_caller(|caller| decide(caller, own_site, &moment));
    if decision == Decision::Allow {
        if !csrf {
            auth.waive_same_origin();
        }
        auth.let_in();
    }
    decision
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
        Decision::StepUp => (DeniedReason::StepUp, "step-up"),
        Decision::SignedOut | Decision::Allow => (DeniedReason::SignedOut, "signed out"),
    };
    log::denied(auth.client(), by, why, user, groups, head);
    reason
}
