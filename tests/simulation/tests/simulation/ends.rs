//! How sure it is, from outside, that a session has ended, and for whom.

use std::time::Duration;

use tokio::time::Instant;

use crate::invariants::Copied;
use crate::ledger::{Facts, Leader, Ledger};
use crate::process::Life;
use crate::trouble::Place;

/// Who has heard nothing for so long lets in nobody (and two milliseconds, since both ends are rounded).
const FRESH: Duration = Duration::from_millis(5_002);

/// What processes share.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shares {
    Nothing,
    /// A store with their sessions.
    Sessions,
    /// A log of what is over, and what refreshes brought.
    Log,
}

impl Shares {
    pub(crate) fn of(place: &Place) -> Self {
        match place {
            Place::Cookies => Self::Nothing,
            Place::Store(_) => Self::Sessions,
            Place::Beside(_) => Self::Log,
        }
    }
}

/// What follows for a session where it is said to be over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sure {
    /// It is over everywhere.
    Everywhere,
    /// Everybody can hear of it from now on.
    Told,
    /// The same, if nobody was told of it before: a log was lost, and with it perhaps what was told then.
    ToldIfNew,
    /// The log was lost meanwhile. Whoever knows of it tells it again.
    Lost,
}

impl Ledger {
    /// What follows from an end that was begun then, and is acknowledged now.
    pub(crate) fn sure_since(&self, begun: Instant) -> Sure {
        if !self.has_log() {
            return Sure::Everywhere;
        }
        match self.state().lost_at {
            None => Sure::Told,
            Some(lost) if lost < begun => Sure::ToldIfNew,
            Some(_) => Sure::Lost,
        }
    }

    /// The log is lost: whoever has not heard by now may never hear, should those be gone who have.
    pub(crate) fn loses(&self) {
        self.note("the log is lost");
        let mut state = self.state();
        state.lost_at = Some(Instant::now());
        for facts in state.sessions.values_mut() {
            facts.told_at = None;
            facts.was_ending |= facts.may_end.is_some() || facts.may_end_by_name;
        }
    }

    /// A process has read the log to its end, as it was then or later.
    pub(crate) fn heard(&self, life: &Life, at: Instant) {
        let (mut is_elsewhere, mut is_new) = (false, false);
        for facts in self.state().sessions.values_mut() {
            let Some(told_at) = facts.told_at.filter(|told_at| *told_at <= at) else {
                continue;
            };
            if facts.over_at.insert(life.number()) {
                is_elsewhere = true;
                is_new |= told_at < life.born();
            }
        }
        if is_elsewhere {
            self.saw("an end is heard of elsewhere");
        }
        if is_new {
            self.saw("a new process hears of an end");
        }
    }

    /// The newest cookies of sessions that ended so long ago that everybody must know, and no longer.
    pub(crate) fn just_ended(&self) -> Vec<Copied> {
        let state = self.state();
        let is_just_over = |facts: &Facts| {
            let since = facts.told_at.map(|at| at.elapsed());
            since.is_some_and(|since| since > FRESH && since < FRESH * 2)
        };
        let ended = state.sessions.iter().filter(|(_, facts)| is_just_over(facts));
        let newest = |session: &u32| state.copies.iter().rfind(|copy| copy.held.session == *session);
        ended
            .filter_map(|(session, _)| newest(session).cloned())
            .collect()
    }

    pub(crate) fn has_anybody_panicked(&self) -> bool {
        let state = self.state();
        let mut all = state.sessions.values();
        all.any(|facts| facts.leader == Leader::Panicked)
    }
}

impl Facts {
    /// It may end by what is said of its `sid` or `sub`.
    pub(crate) fn is_named(&mut self, why: &'static str) {
        self.may_end.get_or_insert(why);
        self.may_end_by_name = true;
    }

    /// It was said at that moment that it is over.
    pub(crate) fn ends(&mut self, sure: Sure, at: Instant) {
        match sure {
            Sure::Everywhere => self.is_over = true,
            Sure::ToldIfNew if self.was_ending || !self.over_at.is_empty() => {}
            Sure::Told | Sure::ToldIfNew => drop(self.told_at.get_or_insert(at)),
            Sure::Lost => {}
        }
    }

    /// Whether this process must know that it is over.
    pub(crate) fn is_over_for(&self, life: &Life) -> bool {
        self.is_over
            || self.over_at.contains(&life.number())
            || self
                .told_at
                .is_some_and(|at| at < life.born() || at.elapsed() > FRESH)
    }
}
