//! Those who hear of events.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::kinds::Event;
use super::log;
#[cfg(feature = "metrics")]
use super::metrics;

/// The application's own listener.
pub(crate) type Listener = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// Those who hear of events. Clones share.
#[derive(Clone, Default)]
pub(crate) struct Events {
    listener: Option<Listener>,
}

impl Events {
    pub(crate) fn new(listener: Option<Listener>) -> Self {
        Self { listener }
    }

    /// Whether anybody hears of what is denied: most requests that are, are not worth the words.
    pub(crate) fn hears_of_denials(&self) -> bool {
        self.listener.is_some() || cfg!(feature = "metrics") || log::is_on()
    }

    pub(crate) fn emit(&self, event: &Event<'_>) {
        log::log(event);
        #[cfg(feature = "metrics")]
        metrics::count(event);
        let Some(listener) = &self.listener else {
            return;
        };
        // It changes nothing of what is answered, a panic included.
        if catch_unwind(AssertUnwindSafe(|| listener(event))).is_err() {
            tracing::error!(name: "monocloud.on_event.panicked", event = event.name(), "`on_event` panicked");
        }
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Events")
    }
}
