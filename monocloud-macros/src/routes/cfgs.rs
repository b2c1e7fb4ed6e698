//! The `#[cfg(…)]`s of a line, which say in which builds it is there.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Attribute;
use syn::parse::ParseStream;

use crate::errors::Errors;

/// All of them hold, or the line is not there.
#[derive(Default)]
pub(super) struct Cfgs(Vec<Attribute>);

impl Cfgs {
    /// Reads the attributes of a line. A comment that became one is a comment.
    pub(super) fn parse(input: ParseStream<'_>, errors: &Errors) -> Option<Self> {
        let attributes = input
            .call(Attribute::parse_outer)
            .map_err(|error| errors.push(error))
            .ok()?;
        let mut cfgs = Vec::new();
        for attribute in attributes {
            let path = attribute.path();
            let name = path.segments.last().map(|last| last.ident.to_string());
            if path.is_ident("cfg") && attribute.meta.require_list().is_ok() {
                cfgs.push(attribute);
            } else if matches!(name.as_deref(), Some("protect" | "protect_api")) {
                errors.at(
                    attribute,
                    "a guard stands on its handler, above `async fn`, and not on the line of the table",
                );
            } else if !path.is_ident("doc") {
                errors.at(
                    attribute,
                    "of attributes only `#[cfg(…)]` stands on a line of the table",
                );
            }
        }
        Some(Self(cfgs))
    }

    /// Whether both are there in the same builds, as far as it is written the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.to_token_stream().to_string() == other.to_token_stream().to_string()
    }

    /// The attribute of what is there only in builds where both are.
    pub(super) fn and(&self, other: &Self) -> TokenStream {
        let attributes = self.0.iter().chain(&other.0);
        let conditions = attributes.filter_map(|cfg| Some(&cfg.meta.require_list().ok()?.tokens));
        quote!(#[cfg(all(#(#conditions),*))])
    }
}

impl ToTokens for Cfgs {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().map(ToTokens::to_token_stream));
    }
}
