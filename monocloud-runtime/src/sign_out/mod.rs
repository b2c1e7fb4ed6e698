//! The end of a session beyond this application.

mod rp_initiated;

pub(crate) use rp_initiated::at_issuer;
