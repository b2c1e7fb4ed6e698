//! The guards of handlers.

mod denied;
mod guard;

pub use denied::{Denied, DeniedReason};
pub use guard::{DeniedFuture, DeniedHandler, Guard, GuardKind, Guarded, GuardedHandler, Policy, denied};
