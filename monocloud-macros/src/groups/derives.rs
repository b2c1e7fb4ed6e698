//! What a group enum has already, and cannot be derived once more.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token};

use crate::errors::Errors;

/// What a declaration implements, and the derives of other crates that implement it too.
const IMPLEMENTED: [(&str, &str); 12] = [
    ("Clone", "Clone"),
    ("Copy", "Copy"),
    ("Debug", "Debug"),
    ("PartialEq", "PartialEq"),
    ("Eq", "Eq"),
    ("Hash", "Hash"),
    ("Display", "Display"),
    ("AsRef", "AsRef<str>"),
    ("AsRefStr", "AsRef<str>"),
    ("FromStr", "FromStr"),
    ("EnumString", "FromStr"),
    ("ParseDisplay", "Display"),
];

/// Reports each derive of what is there already, and leaves it out.
pub(super) fn without_what_is_there(attributes: Vec<Attribute>, errors: &Errors) -> Vec<Attribute> {
    attributes
        .into_iter()
        .map(|attribute| checked(attribute, errors))
        .collect()
}

fn checked(attribute: Attribute, errors: &Errors) -> Attribute {
    if !attribute.path().is_ident("derive") {
        return attribute;
    }
    let Ok(derives) = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated) else {
        return attribute;
    };
    let mut left = TokenStream::new();
    for path in &derives {
        let implemented = path.segments.last().and_then(|last| {
            let found = IMPLEMENTED.iter().find(|(derive, _)| last.ident == derive);
            found.map(|(_, implemented)| *implemented)
        });
        if let Some(implemented) = implemented {
            let written = path.to_token_stream().to_string().replace(' ', "");
            errors.at(
                path,
                format!("a group enum has `{implemented}` already; remove `{written}`"),
            );
        } else {
            left.extend(quote!(#path,));
        }
    }
    syn::parse_quote!(#[derive(#left)])
}
