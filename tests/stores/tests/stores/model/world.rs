//! One state of everything, and what can happen next.

use monocloud_runtime::store::{Created, Denial, Exchange, Owner, Revision, StoreKey, Updated};

use super::ghost::Ghost;
use super::properties::{Happened, Property, Sometimes};
use super::refresh::{Refresh, lease};
use super::task::{Kind, Task};
use crate::reference::Fault;
use crate::reference::cell::{Answer, Cell, Live, Op};
use crate::reference::claim::Claimed;
use crate::reference::index::{Index, Member};

/// Each in a process of its own.
pub(crate) const TASKS: usize = 4;

/// Nothing in the model lives shorter.
pub(crate) const FOREVER: u64 = u64::MAX;

/// The one session.
pub(crate) const MEMBER: Member = Member {
    key: StoreKey::from_bytes([1; 16]),
    created_at: 1,
    issued_at: Some(1),
};

/// Its record: the refresh token, and how often it was slid.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Rec {
    pub(crate) token: Option<u8>,
    pub(crate) slides: u8,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Store {
    pub(crate) cell: Cell<Rec>,
    pub(crate) sid: Index,
    pub(crate) sub: Index,
    pub(crate) jti: Claimed,
}

/// It rotates refresh tokens, and ends all of them when one comes that is not the newest.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Issuer {
    pub(crate) newest: u8,
    pub(crate) has_revoked: bool,
}

/// How much may go wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Left {
    pub(crate) ticks: u8,
    pub(crate) crashes: u8,
    pub(crate) failovers: u8,
    pub(crate) losses: u8,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct World {
    pub(crate) fault: Option<Fault>,
    pub(crate) now: u64,
    pub(crate) store: Store,
    /// What would be there if the store's machine were lost now; none any more once that happened.
    pub(crate) replica: Option<Store>,
    pub(crate) issuer: Issuer,
    pub(crate) tasks: [Task; TASKS],
    pub(crate) left: Left,
    pub(crate) ghost: Ghost,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Step(usize),
    /// It is done, and the answer is lost.
    StepUnheard(usize),
    /// The issuer is not reached; whether that is known or not.
    InVain {
        at: usize,
        unclear: bool,
    },
    Crash(usize),
    Tick,
    Replicate,
    FailOver,
}

/// What became of a step.
pub(crate) type Step<T> = Result<T, Property>;

impl World {
    pub(crate) fn new(kinds: &[Kind], left: Left, fault: Option<Fault>) -> Self {
        let exists = !kinds.contains(&Kind::Create);
        let mut store = Store {
            cell: Cell::Absent,
            sid: Index::default(),
            sub: Index::default(),
            jti: Claimed::Free,
        };
        if exists {
            store.cell = Cell::Live(Live {
                revision: Revision::FIRST,
                record: Rec {
                    token: Some(1),
                    slides: 0,
                },
                until: FOREVER,
                held: None,
                taken_over: false,
                unclear: false,
            });
            store.sid.add(MEMBER, 0, None);
            store.sub.add(MEMBER, 0, None);
        }
        Self {
            fault,
            now: 0,
            replica: (left.failovers > 0).then(|| store.clone()),
            store,
            issuer: Issuer {
                newest: 1,
                has_revoked: false,
            },
            tasks: std::array::from_fn(|at| {
                kinds.get(at).map_or(Task::Over, |kind| Task::begin(*kind, fault))
            }),
            left,
            ghost: Ghost {
                has_ticket: exists,
                ..Ghost::default()
            },
        }
    }

    pub(crate) fn actions(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for (at, task) in self.tasks.iter().enumerate() {
            if !task.may_run(self.ghost.has_ticket) {
                continue;
            }
            actions.push(Action::Step(at));
            if self.left.losses > 0 {
                if task.may_go_unheard() {
                    actions.push(Action::StepUnheard(at));
                }
                if matches!(task, Task::Refresh(Refresh::Send { .. })) {
                    actions.extend([true, false].map(|unclear| Action::InVain { at, unclear }));
                }
            }
            if self.left.crashes > 0 && task.has_begun(self.fault) {
                actions.push(Action::Crash(at));
            }
        }
        if self.left.ticks > 0 && self.is_something_held() {
            actions.push(Action::Tick);
        }
        if let Some(replica) = &self.replica {
            actions.push(Action::FailOver);
            if *replica != self.store {
                actions.push(Action::Replicate);
            }
        }
        actions
    }

    /// What it is afterwards.
    pub(crate) fn after(&self, action: Action, happened: &mut Happened) -> Step<Self> {
        let mut next = self.clone();
        match action {
            Action::Step(at) => next.tasks[at] = next.step(at, happened)?,
            Action::StepUnheard(at) => {
                next.left.losses -= 1;
                let before = next.tasks[at];
                let ghost = next.ghost.clone();
                next.step(at, happened)?;
                next.ghost.not_told(&ghost);
                next.tasks[at] = before.unheard(next.fault);
            }
            Action::InVain { at, unclear } => {
                next.left.losses -= 1;
                next.tasks[at] = next.tasks[at].in_vain(unclear);
            }
            Action::Crash(at) => {
                next.left.crashes -= 1;
                next.tasks[at] = Task::Over;
            }
            Action::Tick => {
                next.left.ticks -= 1;
                next.now += 1;
            }
            Action::Replicate => next.replica = Some(next.store.clone()),
            Action::FailOver => {
                if let Some(replica) = next.replica.take() {
                    next.ghost.is_lost |= replica != next.store;
                    next.store = replica;
                }
                if next.ghost.is_lost {
                    happened.note(Sometimes::ALossOfWhatWasNotAcknowledged);
                }
                next.tasks = next.tasks.map(Task::connection_lost);
            }
        }
        next.check()?;
        Ok(next)
    }

    fn step(&mut self, at: usize, happened: &mut Happened) -> Step<Task> {
        let owner = Owner::from_bytes([u8::try_from(at).unwrap(); 16]);
        match self.tasks[at] {
            Task::Slide(slide) => slide.step(self, happened),
            Task::Refresh(refresh) => refresh.step(self, owner, happened),
            Task::SignOut(sign_out) => sign_out.step(self),
            Task::Create(create) => create.step(self, happened),
            Task::Logout(kind, logout) => logout.step(self, kind, owner, happened),
            Task::Over => Ok(Task::Over),
        }
    }

    /// One operation on the session's cell, and what must hold of it.
    pub(crate) fn cell(&mut self, op: Op<Rec>) -> Step<Answer<Rec>> {
        let before = self.store.cell.clone();
        let held = before.live(self.now).map(|live| (live.revision, live.held));
        let (expected, by) = match &op {
            Op::Update { expected, .. } => (Some(*expected), None),
            Op::Commit { expected, owner, .. } => (Some(*expected), Some(*owner)),
            _ => (None, None),
        };
        let is_deletion = matches!(op, Op::Delete { .. });
        let answer = self.store.cell.step(op, self.now, self.fault);
        if held.is_some() && matches!(answer, Answer::Created(Created::Created { .. })) {
            return Err(Property::no_older_write_lands);
        }
        if answer == Answer::Updated(Updated::Updated)
            && let Some((revision, held)) = held
        {
            let is_owners = by.is_none() || held.and_then(|(owner, _)| owner) == by;
            if Some(revision) != expected || !is_owners {
                return Err(Property::no_older_write_lands);
            }
        }
        let is_live = self.store.cell.live(self.now).is_some();
        if held.is_some() && !is_live && !is_deletion {
            return Err(Property::nobody_is_signed_out_without_cause);
        }
        if held.is_none() && is_live && self.ghost.is_denied(&MEMBER) {
            return Err(Property::nothing_denied_is_created);
        }
        Ok(answer)
    }

    /// The replica has it all.
    pub(crate) fn wait(&mut self) {
        if self.replica.is_some() && self.fault != Some(Fault::NothingIsWaitedFor) {
            self.replica = Some(self.store.clone());
        }
    }

    fn check(&self) -> Step<()> {
        let is_live = self.store.cell.live(self.now).is_some();
        if is_live && (self.ghost.signed_out || self.ghost.is_denied(&MEMBER)) {
            return Err(Property::an_ended_session_never_comes_back);
        }
        let is_done = matches!(self.store.jti, Claimed::Done { .. });
        let is_denied = self.store.sid.denies(&MEMBER, self.now, None);
        if is_done && (is_live || !is_denied) {
            return Err(Property::a_jti_acts_once);
        }
        if !self.keeps_denials() {
            return Err(Property::no_denial_is_lost_to_another);
        }
        if self.hangs() {
            return Err(Property::nothing_hangs);
        }
        Ok(())
    }

    fn keeps_denials(&self) -> bool {
        let issued = |issued_at| Member { issued_at, ..MEMBER };
        let denies = |denial: Denial| match denial {
            Denial::IssuedUntil(seconds) => self.store.sub.denies(&issued(Some(seconds)), self.now, None),
            _ => true,
        };
        (!self.ghost.by_sid || self.store.sid.denies(&MEMBER, self.now, None))
            && self.ghost.of_sub().all(denies)
    }

    /// Whether something is still held when all leases are over.
    fn hangs(&self) -> bool {
        let Some(live) = self.store.cell.live(self.now).filter(|live| live.held.is_some()) else {
            return false;
        };
        let op = Op::Begin {
            expected: live.revision,
            lease: lease(Owner::from_bytes([9; 16])),
        };
        let answer = self.store.cell.clone().step(op, self.now + 2, self.fault);
        !matches!(answer, Answer::Exchange(Exchange::Begun { .. }))
    }

    /// Whether time changes anything.
    fn is_something_held(&self) -> bool {
        let is_held = |live: &Live<Rec>| live.held.is_some_and(|(_, until)| until > self.now);
        let is_claimed = matches!(self.store.jti, Claimed::Held { until, .. } if until > self.now);
        self.store.cell.live(self.now).is_some_and(is_held) || is_claimed
    }
}
