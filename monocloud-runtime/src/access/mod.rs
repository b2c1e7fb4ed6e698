//! Who may do what: one pure function that decides.
//!
//! No I/O, no clock, no request: what they need to know is handed in.

mod decide;
pub(crate) mod paths;
mod report;
mod requirement;
mod runtime_entry;

pub(crate) use decide::{Caller, Decision, Moment, decide};
#[cfg(feature = "utoipa")]
pub(crate) use report::Schemes;
pub use report::{AccessReport, Entry, Guard, GuardKind, GuardedHandler, Policy};
pub(crate) use report::{Mount, Mounted, groups_claims, names_groups, scopes_of_apis};
pub use requirement::{Accept, Requirement};
pub(crate) use runtime_entry::RuntimeEntry;
