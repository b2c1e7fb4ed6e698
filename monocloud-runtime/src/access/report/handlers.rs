//! The guarded handlers of the program.

use crate::access::requirement::{Accept, Requirement};

/// Whom a guard answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardKind {
    /// A person with a browser: redirects and pages.
    Page,
    /// A program: statuses and JSON.
    Api,
}

/// A guarded handler, with its place in the source.
#[derive(Clone, Copy, Debug)]
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
    pub requirement: &'static Requirement<'static>,
    /// The path of the function that the guard asks, as it is written.
    pub check: Option<&'static str>,
    /// Where a sign-in ends, in place of the page that was asked for.
    pub return_url: Option<&'static str>,
    /// What answers who has to sign in, as it is written.
    pub on_access_denied: Option<&'static str>,
    /// What answers who is signed in and in the wrong group, as it is written.
    pub on_group_access_denied: Option<&'static str>,
}

impl GuardedHandler {
    /// One whose guard says nothing but what it asks for.
    pub const fn new(
        [name, module, file]: [&'static str; 3],
        line: u32,
        kind: GuardKind,
        requirement: &'static Requirement<'static>,
    ) -> Self {
        Self {
            name,
            module,
            file,
            line,
            kind,
            requirement,
            check: None,
            return_url: None,
            on_access_denied: None,
            on_group_access_denied: None,
        }
    }

    /// With a question to the application.
    #[must_use]
    pub const fn check(mut self, path: &'static str) -> Self {
        self.check = Some(path);
        self
    }

    /// With this page at the end of a sign-in.
    #[must_use]
    pub const fn return_url(mut self, url: &'static str) -> Self {
        self.return_url = Some(url);
        self
    }

    /// With an answer of the application's own for who has to sign in.
    #[must_use]
    pub const fn on_access_denied(mut self, path: &'static str) -> Self {
        self.on_access_denied = Some(path);
        self
    }

    /// With an answer of the application's own for who is in the wrong group.
    #[must_use]
    pub const fn on_group_access_denied(mut self, path: &'static str) -> Self {
        self.on_group_access_denied = Some(path);
        self
    }

    /// What no other handler has.
    pub(super) fn place(&self) -> (&'static str, &'static str, &'static str, u32) {
        (self.module, self.name, self.file, self.line)
    }

    /// All of the program.
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        inventory::iter::<Self>()
    }
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
    GuardedHandler::all()
        .map(|handler| handler.requirement)
        .filter(|requirement| requirement.accept != Accept::Session)
        .flat_map(|requirement| requirement.scopes.iter().copied())
}

/// The claims that guards of the program name in place of the configured one.
pub(crate) fn groups_claims() -> impl Iterator<Item = &'static str> {
    GuardedHandler::all().filter_map(|handler| handler.requirement.groups_claim)
}
