//! An entry, once it was checked.

use std::sync::atomic::{AtomicBool, Ordering};

use super::route::ProtectedRoute;
use crate::access::{GuardKind, Requirement, RuntimeEntry};
use crate::guard::{Protect, Terms};

/// Whose a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Page,
    Api,
    /// It may be read as either: programs are answered, and what only they have does not count.
    Unclear,
}

#[derive(Debug)]
pub(super) struct Entry {
    /// As people read them.
    patterns: Vec<String>,
    /// The same for pages and for APIs: which of them answers, a request's path says.
    page: Protect,
    api: Protect,
    unclear: Protect,
    matched: AtomicBool,
}

impl Entry {
    pub(super) fn new(route: &ProtectedRoute) -> Self {
        Self {
            patterns: route.patterns.iter().map(ToString::to_string).collect(),
            page: route.protect.clone(),
            api: route.protect.clone().for_api(),
            unclear: route.protect.clone().accept(route.protect.accepts()).for_api(),
            matched: AtomicBool::new(false),
        }
    }

    /// What it asks for where the path is a page's or an API's.
    pub(super) fn protect(&self, side: Side) -> &Protect {
        match side {
            Side::Page => &self.page,
            Side::Api => &self.api,
            Side::Unclear => &self.unclear,
        }
    }

    pub(super) fn terms(&self, side: Side) -> Terms {
        Terms::Said(self.protect(side).clone())
    }

    pub(super) fn note_match(&self) {
        // Most of the time it has matched before, and a write would take the cache line from other cores.
        if !self.matched.load(Ordering::Relaxed) {
            self.matched.store(true, Ordering::Relaxed);
        }
    }
}

impl RuntimeEntry for Entry {
    fn patterns(&self) -> &[String] {
        &self.patterns
    }

    fn kind(&self) -> GuardKind {
        self.page.kind()
    }

    fn with_requirement(&self, kind: GuardKind, look: &mut dyn FnMut(&Requirement<'_>)) {
        let side = match kind {
            GuardKind::Page => Side::Page,
            GuardKind::Api => Side::Api,
        };
        self.protect(side).with_requirement(look);
    }

    fn has_matched(&self) -> bool {
        self.matched.load(Ordering::Relaxed)
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "protected_routes {}", self.patterns.join(", "))
    }
}
