//! The hidden macro that knows the declared names.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{LitStr, Visibility};

use super::declaration::Declaration;
use super::names::CHECKER;

/// A `macro_rules!` that gives a declared literal back. Anything else goes, with the list, to the
/// macro that explains, which the guard names: so a declaration needs nothing of the runtime.
pub(super) fn checker(declaration: &Declaration, is_correct: bool) -> TokenStream {
    let unique = unique_name(declaration);
    let alias = Ident::new(CHECKER, Span::mixed_site());
    let name = declaration.name.unraw().to_string();
    let variants = declaration
        .groups
        .iter()
        .map(|group| group.variant.unraw().to_string());
    let names: Vec<LitStr> = declaration
        .groups
        .iter()
        .map(|group| at_macro(&group.name))
        .collect();
    let arms = if is_correct {
        quote_spanned! {Span::mixed_site()=>
            #((#names $explain:tt) => { #names };)*
            ($name:literal ($($explain:tt)*)) => {
                $($explain)*! { $name #name #(#variants #names)* }
            };
        }
    } else {
        quote_spanned!(Span::mixed_site()=> ($name:literal $explain:tt) => { $name };)
    };
    // An exported macro cannot be called by absolute path in its own crate, but under an alias.
    let export = matches!(declaration.visibility, Visibility::Public(_)).then(|| quote!(#[macro_export]));
    let reach = reach(&declaration.visibility);
    quote_spanned! {Span::mixed_site()=>
        #[doc(hidden)]
        #export
        macro_rules! #unique { #arms }
        #[doc(hidden)]
        #reach use #unique as #alias;
    }
}

/// Exported macros share one name space in a crate, so the name is made of what is declared.
fn unique_name(declaration: &Declaration) -> Ident {
    // FNV-1a
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for group in &declaration.groups {
        let text = format!("{}={};", group.variant, group.name.value());
        for byte in text.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format_ident!(
        "__monocloud_groups_{}_{hash:x}",
        declaration.name.unraw(),
        span = Span::mixed_site()
    )
}

/// Macros are `pub` or belong to the crate.
pub(super) fn reach(visibility: &Visibility) -> TokenStream {
    if matches!(visibility, Visibility::Public(_)) {
        quote!(pub)
    } else {
        quote!(pub(crate))
    }
}

/// A name at the user's place, with the hygiene of the macro.
pub(super) fn at_macro(name: &LitStr) -> LitStr {
    let mut name = name.clone();
    name.set_span(Span::mixed_site().located_at(name.span()));
    name
}
