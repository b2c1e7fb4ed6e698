//! Who may do what: one pure function that decides.
//!
//! No I/O, no clock, no request: what they need to know is handed in.

mod decide;

pub(crate) use decide::{Decision, Requirements, decide};
