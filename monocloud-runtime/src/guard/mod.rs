//! Guards: the decision about a request, what it leaves behind, and the answer to who is not let in.

mod answer;
mod challenge;
mod check;
mod decision;
mod denied;
mod problems;
mod protect;
mod reason;
mod terms;

pub(crate) use answer::{Refused, answer, failed};
pub(crate) use challenge::challenge;
pub use check::{Access, Check, check};
pub(crate) use check::{Objection, ask};
pub(crate) use decision::{decision, refuse};
pub use denied::Denied;
pub use protect::Protect;
pub use reason::DeniedReason;
pub(crate) use terms::Terms;
