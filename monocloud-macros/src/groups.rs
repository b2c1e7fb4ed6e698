//! `monocloud_groups!`, and the hidden check behind a group literal.

mod check;
mod declaration;
mod expand;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use crate::errors::{Errors, Expansion};
use declaration::Declaration;

/// The name under which guards find the macro that knows the declared groups. Where it is not, the
/// compiler prints it, and nothing else can be said there: "could not find … in the crate root".
pub(crate) const CHECKER: &str =
    "__declare_groups_with_monocloud_groups_or_name_their_module_with_groups_from";

/// The method by which guards read a variant's name. On anything but a declared group the compiler
/// prints it: "no method named …".
pub(crate) const VARIANT_NAME: &str = "__name_of_group_declared_with_monocloud_groups";

/// Declares the groups.
///
/// After a mistake the enum is declared all the same, as far as it was understood, and every name
/// counts as declared, so that guards do not report more.
pub(crate) fn groups(input: TokenStream) -> Expansion {
    let errors = Errors::new();
    let tokens = match Declaration::parse(input, &errors) {
        Some(declaration) => expand::declared(&declaration, errors.is_empty()),
        None => TokenStream::new(),
    };
    (tokens, errors.finish())
}

pub(crate) use check::unknown_group;
