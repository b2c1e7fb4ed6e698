//! The hidden names by which guards find what a declaration made.

/// The name under which guards find the macro that knows the declared groups. Where it is not, the
/// compiler prints it, and nothing else can be said there: "could not find … in the crate root".
pub(crate) const CHECKER: &str =
    "__declare_groups_with_monocloud_groups_or_name_their_module_with_groups_from";

/// The method by which guards read a variant's name. On anything but a declared group the compiler
/// prints it: "no method named …".
pub(crate) const VARIANT_NAME: &str = "__name_of_group_declared_with_monocloud_groups";
