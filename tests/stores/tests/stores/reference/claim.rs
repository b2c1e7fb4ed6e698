//! A one-time value.

use monocloud_runtime::store::{Claim, Owner};

use super::Fault;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) enum Claimed {
    #[default]
    Free,
    Held {
        owner: Owner,
        until: u64,
    },
    Done {
        until: u64,
    },
}

impl Claimed {
    pub(crate) fn claim(&mut self, owner: Owner, (now, until): (u64, u64), fault: Option<Fault>) -> Claim {
        match self {
            Self::Held { until, .. } if *until > now && fault != Some(Fault::ClaimsAreGivenTwice) => {
                Claim::InProgress
            }
            Self::Done { until } if *until > now => Claim::Done,
            _ => {
                *self = Self::Held { owner, until };
                Claim::Claimed
            }
        }
    }

    /// Until when it stays known, or that it is free. Whether it was the owner's.
    pub(crate) fn settle(
        &mut self,
        owner: Owner,
        now: u64,
        keep_until: Option<u64>,
        fault: Option<Fault>,
    ) -> bool {
        let Self::Held {
            owner: held_by,
            until,
        } = *self
        else {
            return false;
        };
        let is_owners = until > now && (held_by == owner || fault == Some(Fault::AnybodySettles));
        if is_owners {
            *self = keep_until.map_or(Self::Free, |until| Self::Done { until });
        }
        is_owners
    }
}
