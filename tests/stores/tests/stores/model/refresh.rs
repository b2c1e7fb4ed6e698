//! Who writes the session: sliding, refreshing its tokens, signing out.

use std::time::Duration;

use monocloud_runtime::store::{Exchange, Lease, Owner, Revision, Updated};

use super::properties::{Happened, Property, Sometimes};
use super::task::Task;
use super::world::{FOREVER, MEMBER, Rec, Step, World};
use crate::reference::Fault;
use crate::reference::cell::{Answer, Op};

/// A record as it was read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Read {
    record: Rec,
    revision: Revision,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Slide {
    Read,
    Write(Read),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Refresh {
    Read,
    Begin {
        read: Read,
        token: u8,
    },
    Send {
        read: Read,
        token: u8,
        unclear: bool,
        is_taker: bool,
    },
    /// What came of it; `None` is a token that counts as spent.
    Commit {
        read: Read,
        token: u8,
        result: Option<u8>,
    },
    /// Somebody wrote meanwhile: the result goes into what is there.
    Adopt {
        token: u8,
        result: Option<u8>,
    },
    Abandon {
        read: Read,
        unclear: bool,
    },
    /// The newest token was refused: the session is over.
    Delete,
    WaitForDeletion,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum SignOut {
    Delete,
    Wait,
}

/// As long as it takes the clock to move.
pub(crate) fn lease(owner: Owner) -> Lease {
    Lease {
        owner,
        length: Duration::from_millis(1),
    }
}

fn read(world: &mut World) -> Step<Option<Read>> {
    match world.cell(Op::Get)? {
        Answer::Got(found) => Ok(found.map(|(record, revision)| Read { record, revision })),
        answer => panic!("{answer:?}"),
    }
}

fn updated(answer: Answer<Rec>) -> Updated {
    match answer {
        Answer::Updated(updated) => updated,
        answer => panic!("{answer:?}"),
    }
}

impl Slide {
    pub(crate) fn step(self, world: &mut World, happened: &mut Happened) -> Step<Task> {
        let Self::Write(read) = self else {
            return Ok(read(world)?.map_or(Task::Over, |read| Task::Slide(Self::Write(read))));
        };
        let op = Op::Update {
            expected: read.revision,
            record: Rec {
                slides: read.record.slides + 1,
                ..read.record
            },
            until: FOREVER,
        };
        match updated(world.cell(op)?) {
            Updated::Conflict(_) => {
                happened.note(Sometimes::ASlideThatConflicts);
                Ok(Task::Slide(Self::Read))
            }
            Updated::Gone => {
                happened.note(Sometimes::AWriteToWhatIsGone);
                Ok(Task::Over)
            }
            _ => Ok(Task::Over),
        }
    }
}

impl Refresh {
    pub(crate) fn step(self, world: &mut World, owner: Owner, happened: &mut Happened) -> Step<Task> {
        Ok(match self {
            Self::Read => match read(world)?.and_then(|read| Some((read, read.record.token?))) {
                Some((read, token)) => Task::Refresh(Self::Begin { read, token }),
                None => Task::Over,
            },
            Self::Begin { read, token } => begin(world, owner, read, token, happened)?,
            Self::Send {
                read,
                token,
                unclear,
                is_taker,
            } => {
                let result = send(world, token, is_taker)?;
                if result.is_none() && !unclear {
                    happened.note(Sometimes::ATokenThatIsRefused);
                    if !world.ghost.is_lost {
                        return Err(Property::nobody_is_signed_out_without_cause);
                    }
                    Task::Refresh(Self::Delete)
                } else {
                    Task::Refresh(Self::Commit { read, token, result })
                }
            }
            Self::Commit { read, token, result } => commit(world, owner, read, (token, result), happened)?,
            Self::Adopt { token, result } => match read(world)? {
                Some(read) => Task::Refresh(Self::Commit { read, token, result }),
                None => Task::Over,
            },
            Self::Abandon { read, unclear } => {
                abandon(world, owner, read, unclear)?;
                Task::Over
            }
            Self::Delete => {
                world.cell(Op::Delete { until: FOREVER })?;
                Task::Refresh(Self::WaitForDeletion)
            }
            Self::WaitForDeletion => {
                world.wait();
                Task::Over
            }
        })
    }

    pub(crate) fn may_go_unheard(self) -> bool {
        !matches!(
            self,
            Self::Read | Self::Adopt { .. } | Self::Delete | Self::WaitForDeletion
        )
    }

    /// What is done about an answer that does not come.
    pub(crate) fn unheard(self, fault: Option<Fault>) -> Task {
        let unclear = fault != Some(Fault::UnclearIsNotSaid);
        match self {
            Self::Send { read, .. } => Task::Refresh(Self::Abandon { read, unclear }),
            // It may have begun all the same, and nothing was sent.
            Self::Begin { read, .. } => Task::Refresh(Self::Abandon { read, unclear: false }),
            _ => Task::Over,
        }
    }
}

fn begin(world: &mut World, owner: Owner, read: Read, token: u8, happened: &mut Happened) -> Step<Task> {
    let op = Op::Begin {
        expected: read.revision,
        lease: lease(owner),
    };
    Ok(match world.cell(op)? {
        Answer::Exchange(Exchange::Begun { taken_over, unclear }) => {
            let begun = &mut world.ghost.begun[usize::from(token)];
            let is_taker = std::mem::replace(begun, true);
            if taken_over {
                happened.note(Sometimes::ATakeover);
            }
            if unclear {
                happened.note(Sometimes::AnUnclearExchange);
            }
            Task::Refresh(if taken_over && world.fault != Some(Fault::TakersSend) {
                Refresh::Commit {
                    read,
                    token,
                    result: None,
                }
            } else {
                Refresh::Send {
                    read,
                    token,
                    unclear,
                    is_taker,
                }
            })
        }
        Answer::Exchange(Exchange::Busy { .. }) => {
            happened.note(Sometimes::ABusyExchange);
            Task::Refresh(Refresh::Read)
        }
        Answer::Exchange(Exchange::Newer(_)) => {
            happened.note(Sometimes::ANewerRevision);
            Task::Refresh(Refresh::Read)
        }
        _ => {
            happened.note(Sometimes::AWriteToWhatIsGone);
            Task::Over
        }
    })
}

/// The new token, unless the issuer refuses.
fn send(world: &mut World, token: u8, is_taker: bool) -> Step<Option<u8>> {
    let at = usize::from(token);
    if !world.ghost.is_lost {
        if world.ghost.sent[at] && !world.ghost.unclear[at] {
            return Err(Property::one_refresh_in_the_fleet);
        }
        if is_taker {
            return Err(Property::a_taker_never_sends_what_was_begun);
        }
    }
    world.ghost.sent[at] = true;
    let issuer = &mut world.issuer;
    if issuer.has_revoked || token != issuer.newest {
        issuer.has_revoked = true;
        return Ok(None);
    }
    issuer.newest += 1;
    Ok(Some(issuer.newest))
}

fn commit(
    world: &mut World,
    owner: Owner,
    read: Read,
    (token, result): (u8, Option<u8>),
    happened: &mut Happened,
) -> Step<Task> {
    let op = Op::Commit {
        expected: read.revision,
        owner,
        record: Rec {
            token: result,
            ..read.record
        },
        until: FOREVER,
    };
    match updated(world.cell(op)?) {
        Updated::Updated => world.ghost.begun[usize::from(token)] = false,
        Updated::Conflict(_) => {
            happened.note(Sometimes::AConflictOfAnOwner);
            return Ok(Task::Refresh(Refresh::Adopt { token, result }));
        }
        Updated::NotOwner => happened.note(Sometimes::ALateOwner),
        _ => happened.note(Sometimes::AWriteToWhatIsGone),
    }
    Ok(Task::Over)
}

fn abandon(world: &mut World, owner: Owner, read: Read, unclear: bool) -> Step<()> {
    let live = world.store.cell.live(world.now);
    let is_owners = live
        .and_then(|live| live.held)
        .is_some_and(|(held_by, _)| held_by == Some(owner));
    world.cell(Op::Abandon { owner, unclear })?;
    if let (true, Some(token)) = (is_owners, read.record.token) {
        world.ghost.begun[usize::from(token)] = false;
        world.ghost.unclear[usize::from(token)] |= unclear;
    }
    Ok(())
}

impl SignOut {
    /// Told to have worked once the replica has it, and tried until then.
    pub(crate) fn step(self, world: &mut World) -> Step<Task> {
        if self == Self::Delete {
            world.cell(Op::Delete { until: FOREVER })?;
            return Ok(Task::SignOut(Self::Wait));
        }
        world.wait();
        world.ghost.signed_out = true;
        world.store.sid.remove(MEMBER.key);
        world.store.sub.remove(MEMBER.key);
        Ok(Task::Over)
    }
}
