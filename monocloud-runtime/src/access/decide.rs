//! The decision of a guard.

use crate::session::Session;

/// What a guard asks for.
pub(crate) struct Requirements<'a> {
    pub(crate) groups: &'a [&'a str],
    pub(crate) match_all: bool,
    pub(crate) groups_claim: Option<&'a str>,
}

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
pub(crate) fn decide(session: Option<&Session>, requirements: &Requirements<'_>, own_site: bool) -> Decision {
    let Some(session) = session else {
        return Decision::SignedOut;
    };
    if !own_site {
        return Decision::CrossSite;
    }
    let Requirements {
        groups,
        match_all,
        groups_claim,
    } = *requirements;
    if groups.is_empty() || session.user().is_in_groups(groups, match_all, groups_claim) {
        Decision::Allow
    } else {
        Decision::WrongGroup
    }
}
