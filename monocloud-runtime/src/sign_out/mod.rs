//! The end of a session beyond this application, and here when the issuer begins it.

mod back_channel;
mod front_channel;
mod link;
mod revocation;
mod rp_initiated;

pub(crate) use back_channel::back_channel;
pub(crate) use front_channel::front_channel;
pub use link::SignOutUrl;
pub(crate) use revocation::revoke;
pub(crate) use rp_initiated::at_issuer;
