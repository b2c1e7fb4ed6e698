//! The end of a session beyond this application.

mod link;
mod revocation;
mod rp_initiated;

pub use link::SignOutUrl;
pub(crate) use revocation::revoke;
pub(crate) use rp_initiated::at_issuer;
