//! What the table expands to.
//!
//! ```text
//! {
//!     let table = Table::<AppState>::new(&auth);
//!     let table = Line::new(table, home).public(&[Method::Get], "/", (module_path!(), line!()));
//!     let table = table.guarded(&[Method::Get], "/admin", admin);
//!     table.into_router()
//! }
//! ```
//!
//! A statement for each line, and not one expression: the compiler looks at each by itself.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::Routes;
use super::line::Line;
use super::method::Method;
use crate::runtime_path::RuntimePath;

pub(super) fn expand(routes: &Routes) -> TokenStream {
    let Routes { head, options, table } = routes;
    let site = Span::mixed_site();
    let private = options.runtime.private();
    let state = head.state.as_ref().map(|state| quote!(::<#state>));
    let auth = &head.auth;
    let auth = quote_spanned!(site.located_at(auth.span())=> &#auth);
    let on_error = options.on_error.as_ref();
    if table.lines.is_empty() {
        return match on_error {
            None => quote_spanned!(site=> #private::routes #state(#auth)),
            Some(path) => {
                // The state alone is said; what the handler is follows from it.
                let state = head.state.as_ref().map(|state| quote!(::<#state, _, _>));
                quote_spanned!(site=> #private::routes_with_on_error #state(#auth, #path))
            }
        };
    }
    let lines = table
        .lines
        .iter()
        .filter_map(|line| expand_line(line, &options.runtime));
    let conditional = &table.conditional;
    let last = match on_error {
        None => quote_spanned!(site=> table.into_router()),
        Some(path) => quote_spanned!(site=> table.into_router_with_on_error(#path)),
    };
    quote_spanned!(site=> {
        #conditional
        let table = #private::Table #state::new(#auth);
        #(#lines)*
        #last
    })
}

/// All of it stands at the handler, where a message about it is to point.
fn expand_line(line: &Line, runtime: &RuntimePath) -> Option<TokenStream> {
    let site = Span::mixed_site();
    let Line {
        cfgs,
        public,
        methods,
        path,
        handler,
    } = line;
    let handler = handler.as_ref()?;
    let private = runtime.private();
    let methods = methods.iter().map(Method::variant);
    let methods = quote_spanned!(site=> &[#(#private::Method::#methods),*]);
    Some(match public {
        None => {
            let at = site.located_at(handler.span());
            let guarded = quote_spanned!(at=> guarded);
            quote_spanned!(site=> #cfgs let table = table.#guarded(#methods, #path, #handler);)
        }
        Some(public) => {
            let at = site.located_at(*public);
            let call = quote_spanned!(at=> public);
            // At the place of the line: elsewhere `line!()` tells that of the whole macro.
            let line = quote_spanned!(path.span()=> ::core::line!());
            quote_spanned! {site=>
                #cfgs
                let table = {
                    use #private::PublicLine as _;
                    #private::Line::new(table, #handler).#call(#methods, #path, (::core::module_path!(), #line))
                };
            }
        }
    })
}
