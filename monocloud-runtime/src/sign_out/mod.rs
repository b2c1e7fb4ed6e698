//! The end of a session beyond this application.

mod link;
mod rp_initiated;

pub use link::SignOutUrl;
pub(crate) use rp_initiated::at_issuer;
