//! The only path that macros may mention. Nothing here is for people; it changes with any version.

pub use inventory;
pub use monocloud_macros::unknown_group;

pub use crate::access::{GuardKind, GuardedHandler, Requirement};
pub use crate::web::{
    DeniedFuture, DeniedHandler, ErrorHandler, Guard, Guarded, Policy, denied, routes, routes_with_on_error,
};
