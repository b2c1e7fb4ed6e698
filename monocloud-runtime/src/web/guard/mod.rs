//! The guards of handlers.

mod answer;
mod challenge;
mod decision;
mod denied;
mod extractor;
mod policy;
mod protect;
mod terms;

pub use answer::DeniedReason;
pub(in crate::web) use decision::{decision, refuse};
pub use denied::Denied;
pub use extractor::{Guard, Guarded};
pub use policy::{DeniedFuture, DeniedHandler, Policy, denied};
pub use protect::Protect;
pub(in crate::web) use terms::Terms;
