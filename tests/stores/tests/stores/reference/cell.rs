//! The cell of one session: each operation is one step.
//!
//! | operation | absent | live | closed |
//! |---|---|---|---|
//! | get | nothing | record, revision | nothing |
//! | create | live, revision 1 | exists | ended |
//! | update | gone | at its revision: the next one; else conflict | gone |
//! | begin | gone | held and in time: busy; another revision: newer; else held, and whether taken over or unclear | gone |
//! | commit | gone | not held by this owner: not owner; another revision: conflict, still held; else as update, not held | gone |
//! | abandon | – | held by this owner: not held, or by nobody where it was taken over; unclear if it says so | – |
//! | delete | closed | closed | closed for longer |
//! | time | – | absent when it is over | absent when it is over |

use std::time::Duration;

use monocloud_runtime::store::{Created, Exchange, Lease, Owner, Revision, Updated};

use super::Fault;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Cell<R> {
    Absent,
    Live(Live<R>),
    Closed { until: u64 },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Live<R> {
    pub(crate) revision: Revision,
    pub(crate) record: R,
    pub(crate) until: u64,
    /// Whose, and until when: nobody's, where whoever took it over has given it up.
    pub(crate) held: Option<(Option<Owner>, u64)>,
    pub(crate) taken_over: bool,
    pub(crate) unclear: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Op<R> {
    Get,
    Create {
        record: R,
        until: u64,
    },
    Update {
        expected: Revision,
        record: R,
        until: u64,
    },
    Begin {
        expected: Revision,
        lease: Lease,
    },
    Commit {
        expected: Revision,
        owner: Owner,
        record: R,
        until: u64,
    },
    Abandon {
        owner: Owner,
        unclear: bool,
    },
    Delete {
        until: u64,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Answer<R> {
    Got(Option<(R, Revision)>),
    Created(Created),
    Updated(Updated),
    Exchange(Exchange),
    /// Whether there was a live one.
    Deleted(bool),
    Done,
}

impl<R: Clone> Cell<R> {
    pub(crate) fn live(&self, now: u64) -> Option<&Live<R>> {
        match self {
            Self::Live(live) if live.until > now => Some(live),
            _ => None,
        }
    }

    pub(crate) fn live_mut(&mut self, now: u64) -> Option<&mut Live<R>> {
        match self {
            Self::Live(live) if live.until > now => Some(live),
            _ => None,
        }
    }

    pub(crate) fn step(&mut self, op: Op<R>, now: u64, fault: Option<Fault>) -> Answer<R> {
        let is = |other| fault == Some(other);
        let is_over = match self {
            Self::Absent => false,
            Self::Live(live) => live.until <= now && !is(Fault::NothingExpires),
            Self::Closed { until } => *until <= now,
        };
        if is_over {
            *self = Self::Absent;
        }
        match op {
            Op::Get => Answer::Got(match self {
                Self::Live(live) => Some((live.record.clone(), live.revision)),
                _ => None,
            }),
            Op::Create { record, until } => Answer::Created(match self {
                Self::Live(_) if !is(Fault::CreateOverwrites) => Created::Exists,
                Self::Closed { .. } => Created::Ended,
                _ => {
                    *self = Self::made(record, until);
                    Created::Created { evicted: Vec::new() }
                }
            }),
            Op::Update { record, until, .. }
                if is(Fault::UpdateMakesRecords) && !matches!(self, Self::Live(_)) =>
            {
                *self = Self::made(record, until);
                Answer::Updated(Updated::Updated)
            }
            Op::Delete { until } => {
                let was_live = matches!(self, Self::Live(_));
                let before = match self {
                    Self::Closed { until } => *until,
                    _ => 0,
                };
                *self = if is(Fault::DeleteLeavesNoTombstone) {
                    Self::Absent
                } else {
                    Self::Closed {
                        until: until.max(before),
                    }
                };
                Answer::Deleted(was_live)
            }
            Op::Update { .. } | Op::Commit { .. } | Op::Begin { .. } | Op::Abandon { .. } => match self {
                Self::Live(live) => live.step(op, now, fault),
                _ => gone(&op),
            },
        }
    }

    fn made(record: R, until: u64) -> Self {
        Self::Live(Live {
            revision: Revision::FIRST,
            record,
            until,
            held: None,
            taken_over: false,
            unclear: false,
        })
    }
}

fn gone<R>(op: &Op<R>) -> Answer<R> {
    match op {
        Op::Begin { .. } => Answer::Exchange(Exchange::Gone),
        Op::Abandon { .. } => Answer::Done,
        _ => Answer::Updated(Updated::Gone),
    }
}

impl<R> Live<R> {
    fn step(&mut self, op: Op<R>, now: u64, fault: Option<Fault>) -> Answer<R> {
        let is = |other| fault == Some(other);
        match op {
            Op::Update {
                expected,
                record,
                until,
            } => Answer::Updated(self.write(expected, record, until, fault)),
            Op::Commit {
                expected,
                owner,
                record,
                until,
            } => {
                if !self.is_held_by(owner) && !is(Fault::CommitNeedsNoOwner) {
                    return Answer::Updated(Updated::NotOwner);
                }
                let updated = self.write(expected, record, until, fault);
                if updated == Updated::Updated {
                    self.held = None;
                    self.taken_over = false;
                    self.unclear = false;
                }
                Answer::Updated(updated)
            }
            Op::Begin { expected, lease } => Answer::Exchange(self.begin(expected, lease, now, fault)),
            Op::Abandon { owner, unclear } if self.is_held_by(owner) => {
                let stays = self.taken_over && !is(Fault::WhoGivesUpForgivesOthers);
                self.held = stays.then_some((None, 0));
                self.taken_over = stays;
                self.unclear |= unclear && !is(Fault::UnclearIsForgotten);
                Answer::Done
            }
            _ => Answer::Done,
        }
    }

    fn write(&mut self, expected: Revision, record: R, until: u64, fault: Option<Fault>) -> Updated {
        if self.revision != expected && fault != Some(Fault::UpdateIgnoresTheRevision) {
            return Updated::Conflict(self.revision);
        }
        self.revision = self.revision.next();
        self.record = record;
        self.until = until;
        Updated::Updated
    }

    fn begin(&mut self, expected: Revision, lease: Lease, now: u64, fault: Option<Fault>) -> Exchange {
        let is = |other| fault == Some(other);
        if let Some((_, until)) = self.held
            && (until > now || is(Fault::LeasesNeverEnd))
            && !is(Fault::ExchangesBeginWhileOneIsHeld)
        {
            let left = Duration::from_millis(until.saturating_sub(now));
            return Exchange::Busy { left };
        }
        if self.revision != expected {
            return Exchange::Newer(self.revision);
        }
        let is_over = self.held.is_some_and(|(_, until)| until <= now);
        let taken_over = is_over && !is(Fault::TakeoverIsNotSaid);
        self.taken_over = taken_over;
        self.held = Some((Some(lease.owner), later(now, lease.length)));
        Exchange::Begun {
            taken_over,
            unclear: self.unclear,
        }
    }

    fn is_held_by(&self, owner: Owner) -> bool {
        self.held.is_some_and(|(held_by, _)| held_by == Some(owner))
    }
}

/// So many milliseconds later.
pub(crate) fn later(now: u64, length: Duration) -> u64 {
    now.saturating_add(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
}
