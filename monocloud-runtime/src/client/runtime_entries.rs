//! What the application guards by path.

use std::sync::{Arc, Mutex, PoisonError};

use crate::access::RuntimeEntry;

/// In the order in which the application made them.
#[derive(Default)]
pub(crate) struct RuntimeEntries(Mutex<Vec<Arc<dyn RuntimeEntry>>>);

impl RuntimeEntries {
    pub(crate) fn add(&self, entries: impl IntoIterator<Item = Arc<dyn RuntimeEntry>>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(entries);
    }

    /// All of them, for a report.
    pub(crate) fn all(&self) -> Vec<Arc<dyn RuntimeEntry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
