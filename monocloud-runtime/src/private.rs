//! The only path that macros may mention. Nothing here is for people; it changes with any version.

pub use inventory;
pub use monocloud_macros::unknown_group;

pub use crate::access::{Accept, GuardKind, GuardedHandler, Requirement};
pub use crate::config::ResponseMode;
pub use crate::guard::{Check, check};
pub use crate::sign_in::GuardParams;
pub use crate::web::{
    Arguments, DeniedFuture, DeniedHandler, Guard, Guarded, Guards, Hidden, Line, Method, NoGuard,
    OneHandler, Policy, PublicLine, Table, denied, routes, routes_with_on_error,
};

/// What a guard asks of everything in `groups` that is no string. The enum of `monocloud_groups!` has
/// a `const fn` of this name by itself, which goes before this one; so whoever comes here is no
/// group, and reads why.
pub trait VariantName: Sized {
    /// Never called.
    fn __name_of_variant(self) -> &'static str
    where
        Self: DeclaredGroup,
    {
        self.name()
    }
}

impl<T> VariantName for T {}

/// Implemented by nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a group that `monocloud_groups!` declared",
    label = "neither a string nor a variant of the declared groups",
    note = "write the group's name, as in `groups = [\"admin\"]`, or a variant of the enum that `monocloud_groups!` declares, as in `groups = [Group::Admin]`"
)]
pub trait DeclaredGroup {
    /// The group's name or id.
    fn name(self) -> &'static str;
}
