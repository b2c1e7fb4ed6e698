//! The decision of a guard.

use super::requirement::Requirement;
use crate::session::Record;

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
pub(crate) fn decide(record: Option<&Record>, requirement: &Requirement, own_site: bool) -> Decision {
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
    if groups.is_empty() || record.user().is_in_groups(groups, match_all, groups_claim) {
        Decision::Allow
    } else {
        Decision::WrongGroup
    }
}
