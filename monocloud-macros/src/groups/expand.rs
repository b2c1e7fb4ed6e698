//! What `monocloud_groups!` expands to: the enum, its conversions, and the macro that knows the
//! declared names.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, LitStr, Visibility};

use super::checker::{at_macro, checker, reach};
use super::declaration::Declaration;
use super::entry::Group;
use super::names::{CHECKER, VARIANT_NAME};

/// The enum and all that belongs to it stand in a module of their own: so a name that exists already
/// is one message about that name, and not one about everything that is implemented for it.
pub(super) fn declared(declaration: &Declaration, is_correct: bool) -> TokenStream {
    let spelled = Spelled::new(declaration);
    let visibility = &declaration.visibility;
    let (group, error) = (&spelled.group, &spelled.parse_error);
    let module = format_ident!(
        "__declaration_of_{}",
        declaration.name.unraw(),
        span = Span::mixed_site()
    );
    let alias = Ident::new(CHECKER, Span::mixed_site());
    let reach = reach(visibility);
    let inner = from_inside(visibility);
    let enumeration = enumeration(declaration, &inner, &spelled);
    let inherent = inherent(&inner, &spelled);
    let conversions = conversions(&spelled);
    let parse_error = parse_error(declaration, &inner, &spelled);
    let checker = checker(declaration, is_correct);
    // What the user's attributes name is in scope where they stand.
    let scope = (!declaration.attributes.is_empty()
        || declaration
            .groups
            .iter()
            .any(|group| !group.attributes.is_empty()))
    .then(|| quote_spanned!(Span::mixed_site()=> use super::*;));
    quote_spanned! {Span::mixed_site()=>
        #[doc(hidden)]
        mod #module {
            #scope
            #enumeration
            #inherent
            #conversions
            #parse_error
            #checker
        }
        #visibility use #module::#group;
        #visibility use #module::#error;
        #[doc(hidden)]
        #reach use #module::#alias;
    }
}

/// A visibility as it is written one module further in.
fn from_inside(visibility: &Visibility) -> TokenStream {
    let site = Span::mixed_site();
    match visibility {
        Visibility::Inherited => quote_spanned!(site=> pub(super)),
        Visibility::Restricted(restricted) => {
            let path = &restricted.path;
            let first = path.segments.first().map(|segment| segment.ident.to_string());
            match first.as_deref() {
                Some("self") if path.segments.len() == 1 => quote_spanned!(site=> pub(super)),
                Some("super") => quote_spanned!(site=> pub(in super::#path)),
                Some("self") => {
                    let rest = path.segments.iter().skip(1);
                    quote_spanned!(site=> pub(in super #(::#rest)*))
                }
                _ => visibility.to_token_stream(),
            }
        }
        Visibility::Public(_) => visibility.to_token_stream(),
    }
}

/// Identifiers and literals at the user's places, with the hygiene of the macro: so lints that
/// judge unused code leave groups alone that no guard names yet.
struct Spelled {
    group: Ident,
    parse_error: Ident,
    variants: Vec<Ident>,
    literals: Vec<LitStr>,
}

impl Spelled {
    fn new(declaration: &Declaration) -> Self {
        let at = |ident: &Ident| {
            let mut ident = ident.clone();
            ident.set_span(Span::mixed_site().located_at(ident.span()));
            ident
        };
        let mut variants: Vec<Ident> = Vec::new();
        let mut literals = Vec::new();
        for group in &declaration.groups {
            // Twice is a mistake that has been reported.
            if variants.contains(&group.variant) {
                continue;
            }
            variants.push(at(&group.variant));
            literals.push(at_macro(&group.name));
        }
        Self {
            group: at(&declaration.name),
            parse_error: format_ident!(
                "Parse{}Error",
                declaration.name.unraw(),
                span = Span::mixed_site()
            ),
            variants,
            literals,
        }
    }
}

fn enumeration(declaration: &Declaration, visibility: &TokenStream, spelled: &Spelled) -> TokenStream {
    let Declaration {
        attributes, groups, ..
    } = declaration;
    let Spelled { group, variants, .. } = spelled;
    let doc = (!is_documented(attributes)).then(|| quote!(#[doc = " The groups of this application."]));
    let variants = variants.iter().map(|variant| {
        let declared = groups.iter().find(|group| group.variant == *variant);
        let doc = declared.map(variant_doc);
        quote!(#doc #variant,)
    });
    quote_spanned! {Span::mixed_site()=>
        #doc
        #(#attributes)*
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::hash::Hash,
        )]
        #visibility enum #group {
            #(#variants)*
        }
    }
}

fn variant_doc(group: &Group) -> TokenStream {
    let attributes = &group.attributes;
    let doc = (!is_documented(attributes)).then(|| {
        let text = format!(" The group `{}`.", group.name.value());
        quote!(#[doc = #text])
    });
    quote!(#doc #(#attributes)*)
}

/// Whether there is a doc comment: `#[doc(alias = "…")]` is none.
fn is_documented(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("doc") && attribute.meta.require_name_value().is_ok())
}

fn inherent(visibility: &TokenStream, spelled: &Spelled) -> TokenStream {
    let Spelled {
        group,
        variants,
        literals,
        ..
    } = spelled;
    let variant_name = Ident::new(VARIANT_NAME, Span::mixed_site());
    // The method is `pub` whatever the enum is: that the enum is not, the compiler says by itself.
    quote_spanned! {Span::mixed_site()=>
        impl #group {
            /// Every declared group, in the order of declaration.
            #visibility const ALL: &'static [Self] = &[#(Self::#variants),*];

            /// The group's name or id, as it stands in the claim.
            #[must_use]
            #visibility const fn as_str(self) -> &'static ::core::primitive::str {
                match self {
                    #(Self::#variants => #literals,)*
                }
            }

            #[doc(hidden)]
            #[must_use]
            pub const fn #variant_name(self) -> &'static ::core::primitive::str {
                self.as_str()
            }
        }
    }
}

fn conversions(spelled: &Spelled) -> TokenStream {
    let Spelled {
        group,
        parse_error,
        variants,
        literals,
    } = spelled;
    quote_spanned! {Span::mixed_site()=>
        impl ::core::fmt::Display for #group {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl ::core::convert::AsRef<::core::primitive::str> for #group {
            fn as_ref(&self) -> &::core::primitive::str {
                self.as_str()
            }
        }

        impl ::core::str::FromStr for #group {
            type Err = #parse_error;

            fn from_str(
                name: &::core::primitive::str,
            ) -> ::core::result::Result<Self, #parse_error> {
                match name {
                    #(#literals => ::core::result::Result::Ok(Self::#variants),)*
                    _ => ::core::result::Result::Err(#parse_error {
                        name: ::core::convert::From::from(name),
                    }),
                }
            }
        }
    }
}

fn parse_error(declaration: &Declaration, visibility: &TokenStream, spelled: &Spelled) -> TokenStream {
    let Spelled {
        group, parse_error, ..
    } = spelled;
    let doc = format!(" A name that no [`{group}`] has.");
    let known: Vec<String> = declaration
        .groups
        .iter()
        .map(|group| group.name.value())
        .collect();
    let message = format!(
        "unknown group `{{}}`; known groups: {}",
        crate::suggest::list(known.iter().map(String::as_str))
            .replace('{', "{{")
            .replace('}', "}}")
    );
    quote_spanned! {Span::mixed_site()=>
        #[doc = #doc]
        #[derive(
            ::core::clone::Clone,
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
        )]
        #visibility struct #parse_error {
            name: ::std::string::String,
        }

        impl #parse_error {
            /// The name that is not declared.
            #[must_use]
            #visibility fn name(&self) -> &::core::primitive::str {
                &self.name
            }
        }

        impl ::core::fmt::Display for #parse_error {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::write!(formatter, #message, self.name)
            }
        }

        impl ::core::error::Error for #parse_error {}
    }
}
