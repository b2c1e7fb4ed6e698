//! The guarded handlers of the program.

use super::requirement::Requirement;

/// Whom a guard answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardKind {
    /// A person with a browser: redirects and pages.
    Page,
    /// A program: statuses and JSON.
    Api,
}

/// A guarded handler, with its place in the source.
#[derive(Debug)]
pub struct GuardedHandler {
    /// The function's name.
    pub name: &'static str,
    /// Its module.
    pub module: &'static str,
    /// Its file.
    pub file: &'static str,
    /// The line of its name.
    pub line: u32,
    /// Whom its guard answers.
    pub kind: GuardKind,
    /// What its guard asks for.
    pub requirement: &'static Requirement,
}

inventory::collect!(GuardedHandler);
