//! The guarded handlers of the program.

use super::requirement::{Accept, Requirement};

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
    /// The path of the function that the guard asks, as it was written.
    pub check: Option<&'static str>,
    /// What its guard asks for.
    pub requirement: &'static Requirement<'static>,
}

inventory::collect!(GuardedHandler);

/// Whether groups are read from a claim of this name, or from deeper in it: by the setting, or by a
/// guard of the program.
pub(crate) fn names_groups(configured: &str, name: &str) -> bool {
    let leads_to = |path: &str| {
        let rest = path.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    leads_to(configured) || groups_claims().any(leads_to)
}

/// The scopes that guards ask for where access tokens are taken.
pub(crate) fn scopes_of_apis() -> impl Iterator<Item = &'static str> {
    inventory::iter::<GuardedHandler>()
        .map(|handler| handler.requirement)
        .filter(|requirement| requirement.accept != Accept::Session)
        .flat_map(|requirement| requirement.scopes.iter().copied())
}

/// The claims that guards of the program name in place of the configured one.
pub(crate) fn groups_claims() -> impl Iterator<Item = &'static str> {
    inventory::iter::<GuardedHandler>().filter_map(|handler| handler.requirement.groups_claim)
}
