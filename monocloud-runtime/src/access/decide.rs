//! The decision of a guard.

use super::requirement::Requirement;
use crate::identity::{Authenticated, is_acr_of};
use crate::session::Record;

/// What a guard says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allow,
    SignedOut,
    /// Another site made the browser send the request.
    CrossSite,
    WrongGroup,
    /// Who is signed in has to prove again, or better, who they are.
    StepUp,
}

/// What the time is, for those requirements that ask for it.
pub(crate) struct Moment {
    /// In seconds since the Unix epoch.
    pub(crate) now: i64,
    /// By how many seconds the issuer's clock may differ.
    pub(crate) tolerance: i64,
}

/// Decides. `own_site` says that the request is harmless or comes from the app's own origin.
pub(crate) fn decide(
    record: Option<&Record>,
    requirement: &Requirement<'_>,
    own_site: bool,
    moment: impl FnOnce() -> Moment,
) -> Decision {
    let Some(record) = record else {
        return Decision::SignedOut;
    };
    if requirement.csrf && !own_site {
        return Decision::CrossSite;
    }
    let Requirement {
        groups,
        match_all,
        groups_claim,
        ..
    } = *requirement;
    // Before the step-up: nobody signs in again only to read that the page is not for them.
    if !groups.is_empty() && !record.user().is_in_groups(groups, match_all, groups_claim) {
        return Decision::WrongGroup;
    }
    if requirement.asks_for_step_up() && !is_confirmed(record, requirement, moment) {
        return Decision::StepUp;
    }
    Decision::Allow
}

/// Whether the session's own sign-in is as recent and as strong as is asked for (OIDC Core 2, RFC 9470 §5).
fn is_confirmed(record: &Record, requirement: &Requirement<'_>, moment: impl FnOnce() -> Moment) -> bool {
    is_acr_of(record.acr(), requirement.acr_values)
        && requirement.max_age.is_none_or(|max_age| {
            let authenticated = Authenticated {
                auth_time: record.auth_time(),
                told_at: record.created_at(),
            };
            let Moment { now, tolerance } = moment();
            authenticated.check(max_age, 0, tolerance, now).is_ok()
        })
}
