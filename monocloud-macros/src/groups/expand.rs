//! What `monocloud_groups!` expands to: the enum, its conversions, and the macro that knows the
//! declared names.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, LitStr, Visibility};

use super::declaration::{Declaration, Group};
use super::names::{CHECKER, VARIANT_NAME};

pub(super) fn declared(declaration: &Declaration, is_correct: bool) -> TokenStream {
    let spelled = Spelled::new(declaration);
    let mut tokens = enumeration(declaration, &spelled);
    tokens.extend(inherent(declaration, &spelled));
    tokens.extend(conversions(&spelled));
    tokens.extend(parse_error(declaration, &spelled));
    tokens.extend(checker(declaration, is_correct));
    tokens
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

fn at_macro(name: &LitStr) -> LitStr {
    let mut name = name.clone();
    name.set_span(Span::mixed_site().located_at(name.span()));
    name
}

fn enumeration(declaration: &Declaration, spelled: &Spelled) -> TokenStream {
    let Declaration {
        attributes,
        visibility,
        groups,
        ..
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

fn inherent(declaration: &Declaration, spelled: &Spelled) -> TokenStream {
    let visibility = &declaration.visibility;
    let Spelled {
        group,
        variants,
        literals,
        ..
    } = spelled;
    let variant_name = Ident::new(VARIANT_NAME, Span::mixed_site());
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
            #visibility const fn #variant_name(self) -> &'static ::core::primitive::str {
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

fn parse_error(declaration: &Declaration, spelled: &Spelled) -> TokenStream {
    let visibility = &declaration.visibility;
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

/// A `macro_rules!` that gives a declared literal back. Anything else goes, with the list, to the
/// macro that explains, which the guard names: so a declaration needs nothing of the runtime.
fn checker(declaration: &Declaration, is_correct: bool) -> TokenStream {
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
    let (export, reach) = match &declaration.visibility {
        Visibility::Public(_) => (Some(quote!(#[macro_export])), quote!(pub)),
        _ => (None, quote!(pub(crate))),
    };
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
