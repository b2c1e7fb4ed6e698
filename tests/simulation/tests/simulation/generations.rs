//! Which generation of a session's tokens is the newest, and for how long that is known.

use std::collections::BTreeMap;

use tokio::time::Instant;

use crate::invariants::{Held, Written};
use crate::ledger::{Facts, Ledger, REMEMBERED};
use crate::process::Life;

/// What processes did with the generations of a session.
#[derive(Default)]
pub(crate) struct Generations {
    /// The newest that each brought, and when.
    brought: BTreeMap<u32, (u32, Instant)>,
    /// The number of the newest default access token that was set.
    access: Option<u32>,
    /// Whether there are two states of which none is the newer one.
    have_forked: bool,
}

/// What is known of newer generations than the one that was sent.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    is_behind: bool,
    answered_at: Option<Instant>,
}

impl Sent {
    pub(crate) fn new(held: Held, facts: &Facts) -> Self {
        Self {
            is_behind: held.generation < facts.given || held.access < facts.generations.access,
            answered_at: facts.answered_at,
        }
    }

    /// Whether nobody knew any more that there was a newer one.
    fn is_forgotten(self) -> bool {
        self.is_behind && !is_recent(self.answered_at)
    }
}

impl Facts {
    /// The newest generation that a process knows of.
    pub(crate) fn newest(&self, ledger: &Ledger, life: &Life) -> u32 {
        if ledger.has_log() {
            self.brought_by(life)
        } else {
            self.given
        }
    }

    /// Whether processes still know what the newest generation is.
    pub(crate) fn is_remembered(&self) -> bool {
        !self.has_forked() && is_recent(self.answered_at)
    }

    /// A session was sent, and another state of it set. Where nobody knew that there was a newer one, there are two that
    /// nobody can tell apart from now on.
    pub(crate) fn is_set(&mut self, held: Held, sent: Sent, written: &Written) {
        let is_changed = matches!(written, Written::Session(new, ..) if *new != held);
        self.generations.have_forked |= is_changed && sent.is_forgotten();
    }

    /// A browser is given this state.
    pub(crate) fn is_given(&mut self, held: Held) {
        self.given = self.given.max(held.generation);
        self.generations.access = self.generations.access.max(held.access);
    }

    /// Whether there are two states of it of which none is the newer one.
    pub(crate) fn has_forked(&self) -> bool {
        self.generations.have_forked
    }

    /// A process has brought a generation.
    pub(crate) fn brings(&mut self, held: Held, life: &Life) {
        self.generations
            .brought
            .insert(life.number(), (held.generation, Instant::now()));
    }

    /// The newest generation that this process knows of, where each has a memory of its own.
    fn brought_by(&self, life: &Life) -> u32 {
        let brought = self.generations.brought.get(&life.number());
        brought
            .filter(|(_, at)| is_recent(Some(*at)))
            .map_or(0, |(generation, _)| *generation)
    }
}

fn is_recent(at: Option<Instant>) -> bool {
    at.is_some_and(|at| at.elapsed() < REMEMBERED)
}
