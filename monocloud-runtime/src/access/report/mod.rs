//! Who may do what, for people to read and tests to assert.

mod collect;
mod entry;
mod handlers;
mod mounted;
#[cfg(feature = "utoipa")]
mod openapi;
#[cfg(feature = "utoipa")]
mod schemes;
mod text;

pub use collect::AccessReport;
pub use entry::{Entry, Guard, Policy};
pub use handlers::{GuardKind, GuardedHandler};
pub(crate) use handlers::{groups_claims, names_groups, scopes_of_apis};
pub(crate) use mounted::{Mount, Mounted};
#[cfg(feature = "utoipa")]
pub(crate) use schemes::Schemes;
