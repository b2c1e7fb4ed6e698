//! An entry, once it was checked.

use std::sync::atomic::{AtomicBool, Ordering};

use super::route::ProtectedRoute;
use crate::access::{GuardKind, Requirement, RuntimeEntry};
use crate::guard::{Protect, Terms};

#[derive(Debug)]
pub(super) struct Entry {
    /// As people read them.
    patterns: Vec<String>,
    /// The same for pages and for APIs: which of them answers, a request's path says.
    page: Protect,
    api: Protect,
    matched: AtomicBool,
}

impl Entry {
    pub(super) fn new(route: &ProtectedRoute) -> Self {
        Self {
            patterns: route.patterns.iter().map(ToString::to_string).collect(),
            page: route.protect.clone(),
            api: route.protect.clone().for_api(),
            matched: AtomicBool::new(false),
        }
    }

    /// What it asks for where the path is an API's, or not.
    pub(super) fn protect(&self, is_api: bool) -> &Protect {
        if is_api { &self.api } else { &self.page }
    }

    pub(super) fn terms(&self, is_api: bool) -> Terms {
        Terms::Said(self.protect(is_api).clone())
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
        self.protect(kind == GuardKind::Api).with_requirement(look);
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
