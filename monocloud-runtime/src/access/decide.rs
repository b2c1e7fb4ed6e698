//! The decision of a guard.

use super::requirement::{Accept, Requirement};
use crate::identity::{Authenticated, Claims, is_acr_of};
use crate::session::Record;

/// Who asks, as far as is known.
#[derive(Clone, Copy)]
pub(crate) enum Caller<'a> {
    Nobody,
    /// Whose session the cookie brought.
    Session(&'a Record),
    /// Whose access token the request has.
    Token(&'a Claims),
    /// Somebody with an access token that is none of ours, or is over.
    BadToken,
}

/// What a guard says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allow,
    /// Nobody is there whom the guard accepts.
    SignedOut,
    /// The access token is no good.
    InvalidToken,
    /// The request has several, so that nobody can say who asks.
    InvalidRequest,
    /// Another site made the browser send the request.
    CrossSite,
    WrongGroup,
    /// The access token may not be used for this.
    MissingScope,
    /// The access token is a client's own, and a person is asked for.
    NoUser,
    /// The application's own check said no.
    CheckFailed,
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

/// Decides. `own_site` says that the request is harmless or comes from the app's own origin, which only matters where
/// a browser sent the cookie: an access token comes by itself.
pub(crate) fn decide(
    caller: Caller<'_>,
    requirement: &Requirement<'_>,
    own_site: bool,
    moment: impl FnOnce() -> Moment,
) -> Decision {
    match (caller, requirement.accept) {
        (Caller::Nobody, _)
        | (Caller::Session(_), Accept::Bearer)
        | (Caller::Token(_) | Caller::BadToken, Accept::Session) => return Decision::SignedOut,
        (Caller::BadToken, _) => return Decision::InvalidToken,
        (Caller::Session(_), _) if requirement.csrf && !own_site => return Decision::CrossSite,
        _ => {}
    }
    // Before the step-up: nobody signs in again only to read that the page is not for them.
    if !requirement.groups.is_empty() && !caller.is_in(requirement) {
        return Decision::WrongGroup;
    }
    if !requirement.scopes.iter().all(|scope| caller.has_scope(scope)) {
        return Decision::MissingScope;
    }
    if requirement.asks_for_step_up() && !caller.is_confirmed(requirement, moment) {
        return Decision::StepUp;
    }
    Decision::Allow
}

impl Caller<'_> {
    fn is_in(self, requirement: &Requirement<'_>) -> bool {
        let Requirement {
            groups,
            match_all,
            groups_claim,
            ..
        } = *requirement;
        match self {
            Self::Nobody | Self::BadToken => false,
            Self::Session(record) => {
                let all = match_all.unwrap_or_default();
                record.user().is_in_groups(groups, all, groups_claim)
            }
            Self::Token(claims) => claims.is_in_groups(groups, match_all, groups_claim),
        }
    }

    fn has_scope(self, scope: &str) -> bool {
        match self {
            Self::Nobody | Self::BadToken => false,
            Self::Session(record) => record.has_scope(scope),
            Self::Token(claims) => claims.has_scope(scope),
        }
    }

    /// Whether the person's own sign-in is as recent and as strong as is asked for (OIDC Core 2, RFC 9470 §5).
    fn is_confirmed(self, requirement: &Requirement<'_>, moment: impl FnOnce() -> Moment) -> bool {
        let (acr, authenticated) = match self {
            Self::Nobody | Self::BadToken => return false,
            Self::Session(record) => (
                record.acr(),
                Authenticated {
                    auth_time: record.auth_time(),
                    told_at: record.created_at(),
                },
            ),
            Self::Token(claims) => (
                claims.acr(),
                Authenticated {
                    auth_time: claims.auth_time(),
                    told_at: claims.told_at(),
                },
            ),
        };
        is_acr_of(acr, requirement.acr_values)
            && requirement.max_age.is_none_or(|max_age| {
                let Moment { now, tolerance } = moment();
                authenticated.check(max_age, 0, tolerance, now).is_ok()
            })
    }
}
