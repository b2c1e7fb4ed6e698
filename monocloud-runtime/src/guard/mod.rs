//! Guards: the decision about a request, what it leaves behind, and the answer to who is not let in.

mod answer;
mod challenge;
mod decision;
mod denied;
mod protect;
mod terms;

pub use answer::DeniedReason;
pub(crate) use answer::{Refused, answer, failed};
pub(crate) use decision::{decision, refuse};
pub use denied::Denied;
pub use protect::Protect;
pub(crate) use terms::Terms;
