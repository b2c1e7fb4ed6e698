//! `monocloud_groups!`, and the hidden check behind a group literal.

mod check;
mod checker;
mod declaration;
mod derives;
mod entry;
mod expand;
mod names;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use crate::errors::{Errors, Expansion};
pub(crate) use check::unknown_group;
use declaration::Declaration;
pub(crate) use names::{CHECKER, VARIANT_NAME};

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
