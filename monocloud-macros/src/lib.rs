//! The macros of `monocloud-runtime`, which re-exports them. Depend on that crate.

mod arguments;
mod errors;
#[cfg(test)]
mod expansion_tests;
mod groups;
mod handler_fn;
mod protect;
mod routes;
mod runtime_path;
mod suggest;

use proc_macro::TokenStream;

use errors::{Expansion, compile_errors};
use protect::Kind;

/// Lets only signed-in users reach a page.
#[proc_macro_attribute]
pub fn protect(args: TokenStream, item: TokenStream) -> TokenStream {
    items(protect::protect(Kind::Page, args.into(), item.into()))
}

/// Lets only signed-in users reach an API handler.
#[proc_macro_attribute]
pub fn protect_api(args: TokenStream, item: TokenStream) -> TokenStream {
    items(protect::protect(Kind::Api, args.into(), item.into()))
}

/// Declares the groups that guards may name.
#[proc_macro]
pub fn monocloud_groups(input: TokenStream) -> TokenStream {
    items(groups::groups(input.into()))
}

/// The routes of sign-in, callback, userinfo and sign-out.
#[proc_macro]
pub fn monocloud_routes(input: TokenStream) -> TokenStream {
    routes::as_expression(routes::routes(input.into())).into()
}

/// Explains that a group is not declared. Called by what [`monocloud_groups!`] expands to.
#[doc(hidden)]
#[proc_macro]
pub fn unknown_group(input: TokenStream) -> TokenStream {
    routes::as_expression(groups::unknown_group(input.into())).into()
}

/// The items, the user's first, and then the mistakes.
fn items((tokens, errors): Expansion) -> TokenStream {
    let mut tokens = tokens;
    tokens.extend(compile_errors(&errors));
    tokens.into()
}
