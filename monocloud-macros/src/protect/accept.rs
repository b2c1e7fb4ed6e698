//! `accept`: what may say who asks.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::LitStr;

use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::suggest::nearest;

/// Either of the two alone; an API takes both where nothing is said.
pub(super) struct Accept {
    variant: Ident,
    pub(super) is_bearer: bool,
}

const VALUES: [(&str, &str); 2] = [("bearer", "Bearer"), ("session", "Session")];

impl Accept {
    pub(super) fn take(arguments: &mut Arguments<'_>, errors: &Errors) -> Option<Self> {
        let literal = arguments.take_string("accept")?;
        let value = literal.value();
        if let Some((name, variant)) = VALUES.into_iter().find(|(name, _)| *name == value) {
            return Some(Self {
                variant: Ident::new(variant, Span::mixed_site()),
                is_bearer: name == "bearer",
            });
        }
        errors.at(&literal, Self::unknown(&literal));
        None
    }

    fn unknown(literal: &LitStr) -> String {
        let value = literal.value();
        if matches!(
            value.as_str(),
            "any" | "both" | "all" | "session bearer" | "bearer session"
        ) {
            return "an API takes sessions and access tokens where nothing is said; remove `accept`"
                .to_owned();
        }
        let meant = match value.to_ascii_lowercase().as_str() {
            "cookie" | "cookies" => Some("session"),
            "token" | "jwt" | "access_token" | "authorization" | "header" => Some("bearer"),
            other => nearest(other, VALUES.map(|(name, _)| name)),
        };
        let meant = meant.map_or_else(
            || "write `accept = \"bearer\"` or `accept = \"session\"`".to_owned(),
            |meant| format!("did you mean `accept = \"{meant}\"`?"),
        );
        format!("`accept` is `\"session\"` or `\"bearer\"`; {meant}")
    }

    pub(super) fn expand(&self, private: &TokenStream) -> TokenStream {
        let variant = &self.variant;
        quote_spanned!(Span::mixed_site()=> #private::Accept::#variant)
    }
}
