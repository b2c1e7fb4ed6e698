//! The guards of handlers.

mod answer;
mod challenge;
mod denied;
mod extractor;
mod policy;

pub use answer::DeniedReason;
pub use denied::Denied;
pub use extractor::{Guard, Guarded};
pub use policy::{DeniedFuture, DeniedHandler, Policy, denied};
