//! What a guard expands to.
//!
//! ```text
//! pub async fn admin(_: Guard<__Policy_admin_7>, user: User) -> Html<String> { /* as written */ }
//!
//! pub struct __Policy_admin_7(());
//! impl Guarded for __Policy_admin_7 {
//!     const POLICY: &'static Policy = &Policy {
//!         requirement: Requirement { groups: &["admin"], ..Requirement::PAGE },
//!         ..Policy::PAGE
//!     };
//!     const HANDLER: &'static GuardedHandler = &GuardedHandler::new(["admin", …], …);
//! }
//! inventory::submit! { *__Policy_admin_7::HANDLER }
//! ```
//!
//! All tokens have the hygiene of the macro and the place of the attribute, unless they are to be
//! pointed at by a message: so no lint of the user's crate judges them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ExprPath;
use syn::spanned::Spanned;

use super::groups_option::Group;
use super::kind::Kind;
use super::options::Options;
use super::place::{is_free, is_main};
use super::report;
use crate::groups::{CHECKER, VARIANT_NAME};
use crate::handler_fn::{HandlerFn, MARKER_PREFIX};

/// The handler with its guard, and what the guard knows.
pub(super) fn guarded(kind: Kind, options: &Options, handler: &HandlerFn) -> TokenStream {
    let site = Span::mixed_site();
    let private = options.runtime.private();
    let marker = marker(handler);
    let argument = quote_spanned!(site=> _: #private::Guard<#marker>);
    let allow = allow_one_more_argument(handler);
    let function = handler.with_first_argument(&argument);
    let marker_and_policy = marker_and_policy(kind, options, handler, &marker);
    let registration = report::registration(options, handler, &marker);
    quote!(#allow #function #marker_and_policy #registration)
}

/// The handler without its guard, beside mistakes. Its groups are still checked, so that a wrong
/// name shows in the same build.
pub(super) fn unguarded(options: &Options, handler: &HandlerFn) -> TokenStream {
    let function = if is_main(handler) {
        handler.as_main()
    } else {
        handler.recovered()
    };
    let literals = options
        .groups
        .iter()
        .filter(|group| matches!(group, Group::Literal(_)));
    let checks: Vec<_> = literals.map(|group| group_name(group, options)).collect();
    if checks.is_empty() || !is_free(handler) {
        return function;
    }
    let cfgs = handler.cfgs();
    quote_spanned! {Span::mixed_site()=>
        #function
        #(#cfgs)*
        const _: &[&::core::primitive::str] = &[#(#checks),*];
    }
}

/// The type that carries the policy. It is as visible as the handler, because it stands in its
/// signature, and nobody can make a value of it.
///
/// Its name has the handler's line, so that two handlers of one name are one mistake: without it
/// there would be two markers of one name too.
fn marker(handler: &HandlerFn) -> Ident {
    let name = handler.name();
    let site = Span::mixed_site();
    match line(handler.signature.ident.span()) {
        Some(line) => format_ident!("{MARKER_PREFIX}{name}_{line}", span = site),
        None => format_ident!("{MARKER_PREFIX}{name}", span = site),
    }
}

/// Unit tests run outside of a compiler and have no places in a source.
fn line(at: Span) -> Option<usize> {
    proc_macro::is_available().then(|| at.unwrap().line())
}

fn marker_and_policy(kind: Kind, options: &Options, handler: &HandlerFn, marker: &Ident) -> TokenStream {
    let private = options.runtime.private();
    let visibility = &handler.visibility;
    let cfgs: Vec<_> = handler.cfgs().collect();
    let defaults = match kind {
        Kind::Page => "PAGE",
        Kind::Api => "API",
    };
    let defaults = Ident::new(defaults, Span::mixed_site());
    let fields = fields(&defaults, options);
    let entry = report::entry(options, handler);
    quote_spanned! {Span::mixed_site()=>
        #(#cfgs)*
        #[doc(hidden)]
        #visibility struct #marker(());
        #(#cfgs)*
        impl #private::Guarded for #marker {
            const POLICY: &'static #private::Policy = &#private::Policy {
                #fields
                ..#private::Policy::#defaults
            };
            const HANDLER: &'static #private::GuardedHandler = &#entry;
        }
    }
}

/// Fields of a struct, as far as the guard sets them.
#[derive(Default)]
struct Fields {
    tokens: TokenStream,
    count: usize,
}

/// How many the runtime's `Requirement` has.
const REQUIREMENT_FIELDS: usize = 8;

impl Fields {
    fn set(&mut self, name: &str, value: &TokenStream) {
        let site = Span::mixed_site();
        let name = Ident::new(name, site);
        self.tokens.extend(quote_spanned!(site=> #name: #value,));
        self.count += 1;
    }

    fn set_some(&mut self, name: &str, value: &TokenStream) {
        self.set(
            name,
            &quote_spanned!(Span::mixed_site()=> ::core::option::Option::Some(#value)),
        );
    }
}

/// What the guard asks for, unless being signed in is enough.
fn requirement(defaults: &Ident, options: &Options) -> Option<TokenStream> {
    let site = Span::mixed_site();
    let private = options.runtime.private();
    let mut fields = Fields::default();
    if !options.groups.is_empty() {
        fields.set("groups", &group_names(options));
    }
    if let Some(match_all) = &options.match_all {
        fields.set_some("match_all", &quote!(#match_all));
    }
    if let Some(claim) = &options.groups_claim {
        fields.set_some("groups_claim", &quote!(#claim));
    }
    if let Some(csrf) = &options.csrf {
        fields.set("csrf", &quote!(#csrf));
    }
    if let Some(max_age) = &options.max_age {
        fields.set_some("max_age", &quote!(#max_age));
    }
    if !options.acr_values.is_empty() {
        let values = &options.acr_values;
        fields.set("acr_values", &quote_spanned!(site=> &[#(#values),*]));
    }
    if !options.scopes.is_empty() {
        let scopes = &options.scopes;
        fields.set("scopes", &quote_spanned!(site=> &[#(#scopes),*]));
    }
    if let Some(accept) = &options.accept {
        fields.set("accept", &accept.expand(&private));
    }
    let Fields { tokens, count } = fields;
    // Clippy has no use for a rest where nothing is left to it.
    let rest =
        (count < REQUIREMENT_FIELDS).then(|| quote_spanned!(site=> ..#private::Requirement::#defaults));
    (count > 0).then(|| quote_spanned!(site=> #private::Requirement { #tokens #rest }))
}

/// The fields of the policy that the guard sets.
fn fields(defaults: &Ident, options: &Options) -> TokenStream {
    let mut fields = Fields::default();
    if let Some(requirement) = requirement(defaults, options) {
        fields.set("requirement", &requirement);
    }
    if let Some(url) = &options.return_url {
        fields.set_some("return_url", &quote!(#url));
    }
    if let Some(params) = &options.auth_params {
        fields.set_some("auth_params", &params.expand(&options.runtime.private()));
    }
    if let Some(path) = &options.check {
        fields.set_some("check", &check(path, options));
    }
    if let Some(path) = &options.on_access_denied {
        fields.set_some("on_access_denied", &denied(path, options));
    }
    if let Some(path) = &options.on_group_access_denied {
        fields.set_some("on_group_access_denied", &denied(path, options));
    }
    fields.tokens
}

/// The names as a slice. With variants among them, the trait comes into scope that explains what is
/// no variant: a declared one has a method of that name by itself, which goes first.
fn group_names(options: &Options) -> TokenStream {
    let site = Span::mixed_site();
    let names = options.groups.iter().map(|group| group_name(group, options));
    let names = quote_spanned!(site=> &[#(#names),*]);
    if options
        .groups
        .iter()
        .all(|group| matches!(group, Group::Literal(_)))
    {
        return names;
    }
    let private = options.runtime.private();
    quote_spanned!(site=> { use #private::VariantName as _; #names })
}

/// A group's name as a `&'static str`. A literal goes through the checker that `monocloud_groups!`
/// made, which has the list of declared names; a variant is checked by the compiler.
fn group_name(group: &Group, options: &Options) -> TokenStream {
    match group {
        Group::Literal(literal) => {
            let at = literal.span();
            let checker = Ident::new(CHECKER, at);
            let private = options.runtime.private();
            let from = options
                .groups_from
                .as_ref()
                .map_or_else(|| quote_spanned!(at=> crate), ToTokens::to_token_stream);
            quote_spanned!(at=> #from::#checker!(#literal (#private::unknown_group)))
        }
        Group::Variant(path) => {
            let name = Ident::new(VARIANT_NAME, place_of_type(path));
            quote!(#path.#name())
        }
    }
}

/// Where the enum stands in `auth::Group::Admin`: a message about what is no group points there.
fn place_of_type(variant: &ExprPath) -> Span {
    let segments = &variant.path.segments;
    let of_type = segments.iter().rev().nth(1).or(segments.last());
    of_type.map_or_else(|| variant.span(), |segment| segment.ident.span())
}

/// A handler of refusals as a plain function pointer, all of it at the place of the path, so that a
/// wrong path or signature is reported there.
fn denied(path: &ExprPath, options: &Options) -> TokenStream {
    let at = Span::mixed_site().located_at(path.span());
    let private = options.runtime.private_at(at);
    quote_spanned!(at=> |denied| #private::denied(#path(denied)))
}

/// A question to the application as a plain function pointer, at the place of the path too.
fn check(path: &ExprPath, options: &Options) -> TokenStream {
    let at = Span::mixed_site().located_at(path.span());
    let private = options.runtime.private_at(at);
    quote_spanned!(at=> |access, request| #private::check(#path(access, request)))
}

/// Clippy counts the guard too. Who wrote seven arguments wrote no more than it accepts.
fn allow_one_more_argument(handler: &HandlerFn) -> Option<TokenStream> {
    (handler.arguments() == 7)
        .then(|| quote_spanned!(Span::mixed_site()=> #[allow(clippy::too_many_arguments)]))
}
