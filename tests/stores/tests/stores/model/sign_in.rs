//! Who brings the session; two may, where a browser comes twice with the same answer of the issuer.

use monocloud_runtime::store::Created;

use super::properties::{Happened, Sometimes};
use super::task::Task;
use super::world::{FOREVER, MEMBER, Rec, Step, World};
use crate::reference::Fault;
use crate::reference::cell::{Answer, Op};

/// It is filed under its names, unless it is denied there, and then created: a logout finds it or denies it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Create {
    FileBySid,
    WaitBySid,
    FileBySub,
    WaitBySub,
    Make,
    /// It is denied. Whoever else brings it may have been faster than that, and a logout that died half way may have left it:
    /// it is closed before it is taken out of the index, or the next logout does not find it.
    Close,
    WaitForClosing,
    Unfile,
}

impl Create {
    pub(crate) fn begin(fault: Option<Fault>) -> Self {
        if fault == Some(Fault::RecordBeforeIndex) {
            Self::Make
        } else {
            Self::FileBySid
        }
    }

    pub(crate) fn step(self, world: &mut World, happened: &mut Happened) -> Step<Task> {
        let (now, fault) = (world.now, world.fault);
        let record_first = fault == Some(Fault::RecordBeforeIndex);
        let denied = if fault == Some(Fault::DeniedIsUnfiledButNotClosed) {
            Self::Unfile
        } else {
            Self::Close
        };
        let next = match self {
            Self::FileBySid if world.store.sid.add(MEMBER, now, fault) => Self::WaitBySid,
            Self::FileBySub if world.store.sub.add(MEMBER, now, fault) => Self::WaitBySub,
            Self::FileBySid | Self::FileBySub => {
                happened.note(Sometimes::ACreationThatIsDenied);
                denied
            }
            Self::WaitBySid => {
                world.wait();
                Self::FileBySub
            }
            Self::WaitBySub => {
                world.wait();
                if record_first {
                    world.ghost.has_ticket = true;
                    return Ok(Task::Over);
                }
                Self::Make
            }
            Self::Make => match make(world)? {
                Created::Ended => {
                    happened.note(Sometimes::ACreationThatIsTooLate);
                    Self::Unfile
                }
                created => {
                    if created == Created::Exists {
                        happened.note(Sometimes::ACreationThatCameTwice);
                    }
                    if !record_first {
                        world.ghost.has_ticket = true;
                        return Ok(Task::Over);
                    }
                    Self::FileBySid
                }
            },
            Self::Close => {
                world.cell(Op::Delete { until: FOREVER })?;
                Self::WaitForClosing
            }
            Self::WaitForClosing => {
                world.wait();
                Self::Unfile
            }
            Self::Unfile => {
                world.store.sid.remove(MEMBER.key);
                world.store.sub.remove(MEMBER.key);
                return Ok(Task::Over);
            }
        };
        Ok(Task::Create(next))
    }

    pub(crate) fn may_go_unheard(self) -> bool {
        matches!(self, Self::Make)
    }

    /// Filing that a replica may not have is told to the browser as a failure, and tried again.
    pub(crate) fn connection_lost(self) -> Task {
        match self {
            Self::WaitBySid => Task::Create(Self::FileBySid),
            Self::WaitBySub => Task::Create(Self::FileBySub),
            Self::WaitForClosing => Task::Create(Self::Close),
            other => Task::Create(other),
        }
    }
}

fn make(world: &mut World) -> Step<Created> {
    let op = Op::Create {
        record: Rec {
            token: Some(1),
            slides: 0,
        },
        until: FOREVER,
    };
    match world.cell(op)? {
        Answer::Created(created) => Ok(created),
        answer => panic!("{answer:?}"),
    }
}
