//! What is known only while the program runs: which handlers are where.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::handlers::GuardedHandler;

/// The lines of a client's tables.
#[derive(Debug, Default)]
pub(crate) struct Mounted(Mutex<Lines>);

/// With the handler, where it has a guard.
type Lines = BTreeMap<Mount, Option<&'static GuardedHandler>>;

/// A line of a table, for one of its methods. A table that is made twice has it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mount {
    /// As it is written, whatever router it is nested in.
    pub(crate) path: &'static str,
    pub(crate) method: &'static str,
    /// In full.
    pub(crate) handler: &'static str,
    /// Where the line stands; with a guard, where the handler does.
    pub(crate) module: &'static str,
    pub(crate) line: u32,
}

impl Mounted {
    /// Notes a line of a table.
    pub(crate) fn add(&self, line: Mount, guarded: Option<&'static GuardedHandler>) {
        self.lines().insert(line, guarded);
    }

    pub(super) fn all(&self) -> Vec<(Mount, Option<&'static GuardedHandler>)> {
        let lines = self.lines();
        lines.iter().map(|(line, guarded)| (*line, *guarded)).collect()
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
