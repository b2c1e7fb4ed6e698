//! Who ends the session by one of its names.

use monocloud_runtime::store::{Claim, Denial, Owner, StoreKey, Strangers};

use super::properties::{Happened, Property, Sometimes};
use super::task::{Kind, Task};
use super::world::{FOREVER, MEMBER, Step, World};
use crate::reference::Fault;
use crate::reference::cell::Op;
use crate::reference::claim::Claimed;
use crate::reference::index::{Index, covers};

/// Denied first, then ended; by `sid` with a `jti` around it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Logout {
    Claim,
    Deny,
    WaitForDenial {
        finds: bool,
    },
    End {
        finds: bool,
        is_denied: bool,
    },
    WaitForEnd {
        finds: bool,
        is_denied: bool,
    },
    Settle,
    WaitForSettling {
        is_owners: bool,
    },
    /// It failed, and may come again.
    Free,
}

impl Logout {
    pub(crate) fn step(
        self,
        world: &mut World,
        kind: Kind,
        owner: Owner,
        happened: &mut Happened,
    ) -> Step<Task> {
        let next = match self {
            Self::Claim => match claim(world, owner, happened)? {
                true if world.fault == Some(Fault::SettledBeforeItIsDone) => Self::Settle,
                true => Self::Deny,
                false => return Ok(Task::Over),
            },
            Self::Deny => deny(world, kind, happened),
            Self::WaitForDenial { finds } => {
                world.wait();
                Self::End {
                    finds,
                    is_denied: true,
                }
            }
            Self::End { finds, is_denied } => {
                if finds {
                    if !covers(denial(kind), &MEMBER, None) {
                        return Err(Property::nobody_is_signed_out_without_cause);
                    }
                    world.cell(Op::Delete { until: FOREVER })?;
                }
                Self::WaitForEnd { finds, is_denied }
            }
            Self::WaitForEnd { finds, is_denied } => {
                world.wait();
                if finds {
                    world.store.sid.remove(MEMBER.key);
                    world.store.sub.remove(MEMBER.key);
                }
                match kind {
                    _ if !is_denied => late_denial(world, kind),
                    Kind::LogoutBySid => Self::Settle,
                    _ => return Ok(acknowledge(world, kind)),
                }
            }
            Self::Settle => Self::WaitForSettling {
                is_owners: settle(world, owner, Some(FOREVER))?,
            },
            Self::WaitForSettling { is_owners } => {
                world.wait();
                if !is_owners {
                    return Ok(Task::Over);
                }
                if world.ghost.claims > 1 {
                    happened.note(Sometimes::ARetryThatCompletes);
                }
                return Ok(acknowledge(world, kind));
            }
            Self::Free => {
                settle(world, owner, None)?;
                return Ok(Task::Over);
            }
        };
        Ok(Task::Logout(kind, next))
    }

    pub(crate) fn may_go_unheard(self) -> bool {
        !self.waits() && self != Self::Free
    }

    /// Until a replica has it.
    pub(crate) fn waits(self) -> bool {
        matches!(
            self,
            Self::WaitForDenial { .. } | Self::WaitForEnd { .. } | Self::WaitForSettling { .. }
        )
    }

    /// The issuer is told so, and comes again.
    pub(crate) fn failed(kind: Kind) -> Task {
        match kind {
            Kind::LogoutBySid => Task::Logout(kind, Self::Free),
            _ => Task::Over,
        }
    }
}

fn denial(kind: Kind) -> Denial {
    match kind {
        Kind::LogoutBySub => Denial::IssuedUntil(1),
        Kind::LogoutOfOlder => Denial::IssuedUntil(0),
        _ => Denial::Every,
    }
}

fn index(world: &mut World, kind: Kind) -> &mut Index {
    match kind {
        Kind::LogoutBySid => &mut world.store.sid,
        _ => &mut world.store.sub,
    }
}

fn claim(world: &mut World, owner: Owner, happened: &mut Happened) -> Step<bool> {
    let (now, fault, before) = (world.now, world.fault, world.store.jti);
    let claim = world.store.jti.claim(owner, (now, now + 1), fault);
    match claim {
        Claim::Claimed => {
            let is_held = matches!(before, Claimed::Held { until, .. } if until > now);
            if is_held || world.ghost.by_sid {
                return Err(Property::a_jti_acts_once);
            }
            world.ghost.claims += 1;
        }
        Claim::InProgress => happened.note(Sometimes::AClaimInProgress),
        _ => happened.note(Sometimes::AClaimThatIsDone),
    }
    Ok(claim == Claim::Claimed)
}

fn deny(world: &mut World, kind: Kind, happened: &mut Happened) -> Logout {
    let (now, fault, denial) = (world.now, world.fault, denial(kind));
    let index = index(world, kind);
    let is_filed = !index.members.is_empty();
    let finds = |found: Vec<StoreKey>| found.contains(&MEMBER.key);
    if fault == Some(Fault::TombstonesBeforeDenial) {
        let finds = finds(index.denied_members(denial, fault));
        return Logout::End {
            finds,
            is_denied: false,
        };
    }
    let finds = finds(index.deny(denial, Strangers::Deny, (now, FOREVER), fault));
    if is_filed && !finds {
        happened.note(Sometimes::ASessionThatIsSpared);
    }
    Logout::WaitForDenial { finds }
}

/// Of who does it in the wrong order.
fn late_denial(world: &mut World, kind: Kind) -> Logout {
    let (now, fault) = (world.now, world.fault);
    index(world, kind).deny(denial(kind), Strangers::Deny, (now, FOREVER), fault);
    Logout::WaitForDenial { finds: false }
}

fn settle(world: &mut World, owner: Owner, keep_until: Option<u64>) -> Step<bool> {
    let (now, fault, before) = (world.now, world.fault, world.store.jti);
    let is_owners = world.store.jti.settle(owner, now, keep_until, fault);
    let is_others = matches!(before, Claimed::Held { owner: held_by, .. } if held_by != owner);
    if is_others && world.store.jti != before {
        return Err(Property::a_jti_acts_once);
    }
    Ok(is_owners)
}

fn acknowledge(world: &mut World, kind: Kind) -> Task {
    match kind {
        Kind::LogoutBySid => world.ghost.by_sid = true,
        Kind::LogoutBySub => world.ghost.by_sub = true,
        _ => world.ghost.by_older = true,
    }
    Task::Over
}
