//! What processes do, each a step at a time.

use super::logout::Logout;
use super::refresh::{Refresh, SignOut, Slide};
use super::sign_in::Create;
use crate::reference::Fault;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Kind {
    Slide,
    Refresh,
    SignOut,
    Create,
    LogoutBySid,
    LogoutBySub,
    /// Of the account's sessions that are older than this one.
    LogoutOfOlder,
}

/// Somewhere in what a process does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Task {
    Slide(Slide),
    Refresh(Refresh),
    SignOut(SignOut),
    Create(Create),
    Logout(Kind, Logout),
    Over,
}

impl Task {
    pub(crate) fn begin(kind: Kind, fault: Option<Fault>) -> Self {
        match kind {
            Kind::Slide => Self::Slide(Slide::Read),
            Kind::Refresh => Self::Refresh(Refresh::Read),
            Kind::SignOut => Self::SignOut(SignOut::Delete),
            Kind::Create => Self::Create(Create::begin(fault)),
            Kind::LogoutBySid => Self::Logout(kind, Logout::Claim),
            Kind::LogoutBySub | Kind::LogoutOfOlder => Self::Logout(kind, Logout::Deny),
        }
    }

    pub(crate) fn has_begun(&self, fault: Option<Fault>) -> bool {
        self.kind().is_some_and(|kind| *self != Self::begin(kind, fault))
    }

    fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Slide(_) => Kind::Slide,
            Self::Refresh(_) => Kind::Refresh,
            Self::SignOut(_) => Kind::SignOut,
            Self::Create(_) => Kind::Create,
            Self::Logout(kind, _) => *kind,
            Self::Over => return None,
        })
    }

    pub(crate) fn may_run(&self, has_ticket: bool) -> bool {
        match self {
            Self::Over => false,
            Self::Slide(_) | Self::Refresh(_) | Self::SignOut(_) => has_ticket,
            Self::Create(_) | Self::Logout(..) => true,
        }
    }

    /// Whether a lost answer changes what is done next; a reading that is lost is one that did not happen.
    pub(crate) fn may_go_unheard(&self) -> bool {
        match self {
            Self::Slide(slide) => *slide != Slide::Read,
            Self::Refresh(refresh) => refresh.may_go_unheard(),
            Self::Create(create) => create.may_go_unheard(),
            Self::Logout(_, logout) => logout.may_go_unheard(),
            Self::SignOut(_) | Self::Over => false,
        }
    }

    pub(crate) fn unheard(self, fault: Option<Fault>) -> Self {
        match self {
            Self::Refresh(refresh) => refresh.unheard(fault),
            Self::Logout(kind, _) => Logout::failed(kind),
            _ => Self::Over,
        }
    }

    pub(crate) fn in_vain(self, unclear: bool) -> Self {
        match self {
            Self::Refresh(Refresh::Send { read, .. }) => Self::Refresh(Refresh::Abandon { read, unclear }),
            other => other,
        }
    }

    /// Who waits for a replica is told that it failed.
    pub(crate) fn connection_lost(self) -> Self {
        match self {
            Self::SignOut(SignOut::Wait) => Self::SignOut(SignOut::Delete),
            Self::Refresh(Refresh::WaitForDeletion) => Self::Refresh(Refresh::Delete),
            Self::Create(create) => create.connection_lost(),
            Self::Logout(kind, logout) if logout.waits() => Logout::failed(kind),
            other => other,
        }
    }
}
