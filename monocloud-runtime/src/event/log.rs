//! Events as lines of the log.

use super::kinds::{CROSS_SITE, Event, SessionEnd};
use crate::error::printable;

/// Of a `sub` (OIDC Core 2) or a path, in characters.
const LONGEST: usize = 255;

/// Whether anybody reads lines of the level of those below.
pub(super) fn is_on() -> bool {
    tracing::enabled!(tracing::Level::INFO)
}

pub(super) fn log(event: &Event<'_>) {
    match *event {
        // Lines of their own say more: which headers decided, and what went wrong.
        Event::Denied { why: CROSS_SITE, .. }
        | Event::SignInFailed { .. }
        | Event::RefreshFailed { .. }
        | Event::StoreUnavailable { .. }
        | Event::IssuerUnreachable { .. } => {}
        Event::SignedIn { sub, replaced } => tracing::info!(
            name: "monocloud.sign_in.completed",
            sub = printable(sub, LONGEST),
            replaced,
            "signed in"
        ),
        Event::SessionEnded {
            sub,
            why: SessionEnd::SignedOut,
        } => tracing::info!(name: "monocloud.sign_out", sub = printable(sub, LONGEST), "signed out"),
        Event::SessionEnded { sub, why } => tracing::info!(
            name: "monocloud.session.ended",
            sub = printable(sub, LONGEST),
            why = why.as_str(),
            "a session ended"
        ),
        Event::LoggedOut { sub, by } => tracing::info!(
            name: "monocloud.logout",
            sub = sub.map(|sub| printable(sub, LONGEST)),
            by = by.as_str(),
            "the issuer ended sessions"
        ),
        Event::Refreshed { sub } => tracing::info!(
            name: "monocloud.refresh.completed",
            sub = printable(sub, LONGEST),
            "refreshed the tokens of a session"
        ),
        Event::RefreshJoined { sub } => tracing::debug!(
            name: "monocloud.refresh.joined",
            sub = printable(sub, LONGEST),
            "waits for a refresh that is under way"
        ),
        Event::Denied {
            by,
            why,
            sub,
            groups,
            method,
            path,
        } => tracing::info!(
            name: "monocloud.denied",
            by,
            why,
            sub = sub.map(|sub| printable(sub, LONGEST)),
            groups = (!groups.is_empty()).then(|| tracing::field::debug(groups)),
            %method,
            path = printable(path, LONGEST),
            "denied"
        ),
        Event::KeysRenewed { keys } => {
            tracing::debug!(name: "monocloud.keys.fetched", keys, "fetched the issuer's keys");
        }
    }
}
