//! What happens that is worth an audit line or a counter: one type, and one place for each that emits it.
//!
//! An event is a line in the log, a counter where the feature `metrics` is on, and a call of the
//! application's own `on_event`. None of them decides anything.

mod events;
mod kinds;
mod log;
#[cfg(test)]
pub(crate) mod logged;
#[cfg(feature = "metrics")]
mod metrics;

pub(crate) use events::Events;
pub(crate) use kinds::CROSS_SITE;
pub use kinds::{Event, Logout, SessionEnd};
