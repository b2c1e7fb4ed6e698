//! The hidden names by which guards find what a declaration made.

/// The name under which guards find the macro that knows the declared groups. Where it is not, the
/// compiler prints it, and nothing else can be said there: "could not find … in the crate root", or
/// "… is private" of another crate's.
pub(crate) const CHECKER: &str = "__declare_groups_with_monocloud_groups__or_name_their_module_with_groups_from__other_crates_need_a_pub_enum";

/// The method by which guards read a variant's name. The runtime has a trait with a method of this
/// name for every type, `VariantName`, which explains that something is no variant.
pub(crate) const VARIANT_NAME: &str = "__name_of_variant";
