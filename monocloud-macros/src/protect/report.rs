//! What the report about access knows of a guard.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::options::Options;
use crate::handler_fn::HandlerFn;

/// The entry, where the marker's policy is `Self::POLICY`.
pub(super) fn entry(options: &Options, handler: &HandlerFn) -> TokenStream {
    let site = Span::mixed_site();
    let private = options.runtime.private();
    let name = handler.name();
    // `line!()` tells the line of the outermost macro, unless it stands at the handler's own place.
    let line = quote_spanned!(handler.signature.ident.span()=> ::core::line!());
    let written = |option: &str, value: Option<String>| {
        let option = Ident::new(option, site);
        value.map(|value| quote_spanned!(site=> .#option(#value)))
    };
    let spelled = |path: &dyn ToTokens| path.to_token_stream().to_string().replace(' ', "");
    let path = |path: &Option<_>| path.as_ref().map(|path: &syn::ExprPath| spelled(path));
    let said = [
        written("check", path(&options.check)),
        written("return_url", options.return_url.as_ref().map(syn::LitStr::value)),
        written("on_access_denied", path(&options.on_access_denied)),
        written("on_group_access_denied", path(&options.on_group_access_denied)),
    ];
    let said = said.iter().flatten();
    quote_spanned! {site=>
        #private::GuardedHandler::new(
            [#name, ::core::module_path!(), ::core::file!()],
            #line,
            Self::POLICY.kind,
            &Self::POLICY.requirement,
        )
        #(#said)*
    }
}

/// Puts it into the list of the program's handlers.
pub(super) fn registration(options: &Options, handler: &HandlerFn, marker: &Ident) -> TokenStream {
    let private = options.runtime.private();
    let cfgs = handler.cfgs();
    quote_spanned! {Span::mixed_site()=>
        #(#cfgs)*
        #private::inventory::submit! {
            *<#marker as #private::Guarded>::HANDLER
        }
    }
}
