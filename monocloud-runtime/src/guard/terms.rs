//! What a guard asks for, whoever said it.

use super::protect::Protect;
use crate::access::{GuardKind, Requirement};
use crate::client::MonoCloud;
use crate::sign_in::{GuardParams, Requested, ReturnUrl, StepUp};

/// Of a macro, for as long as the program runs, or of a handler.
#[derive(Debug)]
pub(crate) enum Terms {
    Written {
        kind: GuardKind,
        requirement: &'static Requirement<'static>,
        auth_params: Option<&'static GuardParams>,
        return_url: Option<&'static str>,
    },
    Said(Protect),
}

impl Terms {
    pub(super) fn kind(&self) -> GuardKind {
        match self {
            Self::Written { kind, .. } => *kind,
            Self::Said(protect) => protect.kind,
        }
    }

    /// Lets `look` see who may pass.
    pub(super) fn with_requirement<T>(&self, look: impl FnOnce(&Requirement<'_>) -> T) -> T {
        match self {
            Self::Written { requirement, .. } => look(requirement),
            Self::Said(protect) => protect.with_requirement(look),
        }
    }

    /// What a sign-in asks for, in place of what the settings say.
    pub(super) fn requested(&self) -> Option<Requested> {
        match self {
            Self::Written { auth_params, .. } => auth_params.map(GuardParams::requested),
            Self::Said(protect) => protect.requested.as_deref().cloned(),
        }
    }

    /// What a sign-in has to prove.
    pub(super) fn step_up(&self) -> Option<StepUp> {
        self.with_requirement(StepUp::of)
    }

    pub(super) fn groups(&self) -> Vec<&str> {
        match self {
            Self::Written { requirement, .. } => requirement.groups.to_vec(),
            Self::Said(protect) => protect.names(),
        }
    }

    /// Where a sign-in ends, in place of the page that was asked for.
    pub(super) fn return_url(&self, client: &MonoCloud) -> Option<ReturnUrl> {
        match self {
            Self::Written { return_url, .. } => {
                let url = (*return_url)?;
                ReturnUrl::of_guard(client, url, url)
            }
            // Said once for all of them, since a handler may make up any number.
            Self::Said(protect) => ReturnUrl::of_guard(client, protect.return_url.as_deref()?, Protect::NAME),
        }
    }
}
