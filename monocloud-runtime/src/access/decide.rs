//! The decision of a guard.

use super::requirement::Requirement;
use crate::session::Session;

/// What a guard says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allow,
    SignedOut,
    /// Another site made the browser send the request.
    CrossSite,
    WrongGroup,
}

/// Decides. `own_site` says that the request is harmless or comes from the app's own origin.
pub(crate) fn decide(session: Option<&Session>, requirement: &Requirement, own_site: bool) -> Decision {
    let Some(session) = session else {
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
    if groups.is_empty() || session.user().is_in_groups(groups, match_all, groups_claim) {
        Decision::Allow
    } else {
        Decision::WrongGroup
    }
}
