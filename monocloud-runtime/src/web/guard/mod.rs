//! The guards of handlers.

mod extractor;
mod policy;

pub use extractor::{Guard, Guarded};
pub use policy::{DeniedFuture, DeniedHandler, Policy, denied};
