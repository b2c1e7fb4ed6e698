//! What stands inside `monocloud_groups!`, checked.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, LitStr, Token, Visibility, braced};

use super::derives;
use super::entry::Group;
use crate::errors::Errors;
use crate::punctuation::{EXTRA_COMMA, MISSING_COMMA};

/// The enum and its groups.
pub(super) struct Declaration {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) groups: Vec<Group>,
}

const EXAMPLE: &str = "write `monocloud_groups! { Admin = \"admin\", Editor = \"editor\" }`";

impl Declaration {
    /// `None` when nothing of use was understood.
    pub(super) fn parse(input: TokenStream, errors: &Errors) -> Option<Self> {
        let parser = |input: ParseStream<'_>| {
            let declaration = Self::parse_form(input, errors);
            // What follows a mistake is not worth a report of its own.
            skip(input, |_| false);
            Ok(declaration)
        };
        parser.parse2(input).ok().flatten()
    }

    fn parse_form(input: ParseStream<'_>, errors: &Errors) -> Option<Self> {
        let declaration = if is_long_form(input) {
            Self::parse_long(input, errors)?
        } else {
            Self {
                attributes: Vec::new(),
                visibility: syn::parse_quote!(pub(crate)),
                name: Ident::new("Group", proc_macro2::Span::mixed_site()),
                groups: parse_groups(input, errors),
            }
        };
        if !declaration.groups.is_empty() {
            check_unique(&declaration.groups, errors);
            return Some(declaration);
        }
        if errors.is_empty() {
            errors.at_span(
                declaration.name.span(),
                format!("no group is declared; {EXAMPLE}"),
            );
        }
        None
    }

    /// `#[…] pub enum Team { … }`
    fn parse_long(input: ParseStream<'_>, errors: &Errors) -> Option<Self> {
        let header = |input: ParseStream<'_>| -> syn::Result<_> {
            let attributes = input.call(Attribute::parse_outer)?;
            let visibility: Visibility = input.parse()?;
            input.parse::<Token![enum]>()?;
            let name: Ident = input.parse()?;
            let content;
            braced!(content in input);
            Ok((attributes, visibility, name, parse_groups(&content, errors)))
        };
        match header(input) {
            Ok((attributes, visibility, name, groups)) => {
                if !input.is_empty() {
                    errors.at_span(
                        input.span(),
                        "one `monocloud_groups!` declares one enum; remove what follows it",
                    );
                }
                Some(Self {
                    attributes: derives::without_what_is_there(attributes, errors),
                    visibility,
                    name,
                    groups,
                })
            }
            Err(error) => {
                errors.at_span(
                    error.span(),
                    format!("{error}; write `monocloud_groups! {{ pub enum Team {{ Admin = \"admin\" }} }}`"),
                );
                None
            }
        }
    }
}

/// Whether an enum is spelled out. Short forms begin with a variant's name, and `enum = "enum"` is
/// an attempt at one.
fn is_long_form(input: ParseStream<'_>) -> bool {
    if input.peek(Token![#]) {
        return !attributes_lead_to_a_group(input);
    }
    let begins = input.peek(Token![pub]) || input.peek(Token![enum]) || input.peek(Token![struct]);
    begins && !input.peek2(Token![=])
}

fn attributes_lead_to_a_group(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.call(Attribute::parse_outer).is_ok() && !ahead.peek(Token![pub]) && !ahead.peek(Token![enum])
}

/// Reads to the end, and goes on after a mistake at the next comma.
fn parse_groups(input: ParseStream<'_>, errors: &Errors) -> Vec<Group> {
    let mut groups = Vec::new();
    while !input.is_empty() {
        if input.peek(Token![,]) {
            errors.at_span(input.span(), EXTRA_COMMA);
            let _ = input.parse::<Token![,]>();
            continue;
        }
        groups.extend(Group::parse(input, errors));
        if !input.is_empty() && input.parse::<Token![,]>().is_err() {
            if let Ok(Some(semicolon)) = input.parse::<Option<Token![;]>>() {
                errors.at(semicolon, "between groups stands a `,`");
                continue;
            }
            errors.at_span(input.span(), MISSING_COMMA);
            skip(input, |input| input.peek(Token![,]) || input.peek(syn::Ident));
            let _ = input.parse::<Option<Token![,]>>();
        }
    }
    groups
}

/// No variant and no name stands twice.
fn check_unique(groups: &[Group], errors: &Errors) {
    for (at, group) in groups.iter().enumerate() {
        let earlier = &groups[..at];
        if earlier.iter().any(|other| other.variant == group.variant) {
            errors.at(
                &group.variant,
                format!(
                    "`{}` is declared twice; remove or rename one of the two",
                    group.variant
                ),
            );
        } else if let Some(other) = earlier
            .iter()
            .find(|other| other.name.value() == group.name.value())
        {
            errors.at(
                &group.name,
                format!("`{}` has the name {} already", other.variant, quoted(&group.name)),
            );
        }
    }
}

fn quoted(name: &LitStr) -> String {
    format!("`{}`", name.value())
}

fn skip(input: ParseStream<'_>, until: impl Fn(ParseStream<'_>) -> bool) {
    while !input.is_empty() && !until(input) {
        let _ = input.parse::<TokenTree>();
    }
}
