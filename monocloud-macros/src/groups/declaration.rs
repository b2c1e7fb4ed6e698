//! What stands inside `monocloud_groups!`, checked.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Lit, LitStr, Token, Visibility, braced, token};

use crate::arguments::{MISSING_COMMA, ungrouped};
use crate::errors::Errors;

/// The enum and its groups.
pub(super) struct Declaration {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) groups: Vec<Group>,
}

/// `Admin = "admin"`.
pub(super) struct Group {
    pub(super) attributes: Vec<Attribute>,
    pub(super) variant: Ident,
    pub(super) name: LitStr,
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
                    attributes,
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

/// Whether an enum is spelled out. Short forms begin with a variant's name.
fn is_long_form(input: ParseStream<'_>) -> bool {
    input.peek(Token![#]) && !attributes_lead_to_a_group(input)
        || input.peek(Token![pub])
        || input.peek(Token![enum])
        || input.peek(Token![struct])
}

fn attributes_lead_to_a_group(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.call(Attribute::parse_outer).is_ok() && !ahead.peek(Token![pub]) && !ahead.peek(Token![enum])
}

/// Reads to the end, and goes on after a mistake at the next comma.
fn parse_groups(input: ParseStream<'_>, errors: &Errors) -> Vec<Group> {
    let mut groups = Vec::new();
    while !input.is_empty() {
        match parse_group(input) {
            Ok(group) => groups.extend(checked(group, errors)),
            Err(error) => {
                errors.push(error);
                skip(input, |input| input.peek(Token![,]));
            }
        }
        if !input.is_empty() && input.parse::<Token![,]>().is_err() {
            errors.at_span(input.span(), MISSING_COMMA);
            skip(input, |input| input.peek(Token![,]) || input.peek(syn::Ident));
            let _ = input.parse::<Option<Token![,]>>();
        }
    }
    groups
}

fn parse_group(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, Ident, Expr)> {
    let attributes = input.call(Attribute::parse_outer)?;
    if !input.peek(syn::Ident) {
        let literal = input.fork().parse::<LitStr>().ok();
        let name = literal.map_or_else(|| "admin".to_owned(), |literal| literal.value());
        let message = format!(
            "a group has a name in the program and one in the token; write `{} = \"{name}\"`",
            variant_for(&name)
        );
        return Err(syn::Error::new(input.span(), message));
    }
    let variant: Ident = input.parse()?;
    if input.peek(token::Paren) || input.peek(token::Brace) {
        return Err(syn::Error::new(
            input.span(),
            format!("a group has no fields; write `{variant} = \"…\"`"),
        ));
    }
    if !input.peek(Token![=]) {
        let guess = name_for(&variant);
        return Err(syn::Error::new(
            variant.span(),
            format!("`{variant}` needs the group's name or id; write `{variant} = \"{guess}\"`"),
        ));
    }
    input.parse::<Token![=]>()?;
    let value = input.parse::<Expr>().map_err(|error| {
        syn::Error::new(
            error.span(),
            format!("the group's name or id is missing; write `{variant} = \"…\"`"),
        )
    })?;
    Ok((attributes, variant, value))
}

/// A group's name is a string literal with something in it and no white space around it.
fn checked(group: (Vec<Attribute>, Ident, Expr), errors: &Errors) -> Option<Group> {
    let (attributes, variant, value) = group;
    let name = match ungrouped(&value) {
        Expr::Lit(literal) if let Lit::Str(name) = &literal.lit => name.clone(),
        other => {
            errors.at(
                other,
                format!("a group's name or id is a string literal; write `{variant} = \"…\"`"),
            );
            return None;
        }
    };
    let text = name.value();
    if text.trim().is_empty() {
        errors.at(&name, format!("the name of `{variant}` is empty"));
        return None;
    }
    if text.trim() != text {
        errors.at(
            &name,
            format!(
                "there is white space around this name; write `\"{}\"`",
                text.trim()
            ),
        );
    }
    Some(Group {
        attributes,
        variant,
        name,
    })
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

/// A group's name made of a variant's: `SiteAdmin` gives `site-admin`.
fn name_for(variant: &Ident) -> String {
    let mut name = String::new();
    for letter in variant.unraw().to_string().chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// A variant's name made of a group's: `site-admin` gives `SiteAdmin`.
fn variant_for(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let camel: String = words
        .filter(|word| !word.is_empty())
        .map(|word| {
            let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
            first.to_uppercase() + rest
        })
        .collect();
    match camel.chars().next() {
        Some(first) if first.is_alphabetic() => camel,
        _ => "Admin".to_owned(),
    }
}

fn skip(input: ParseStream<'_>, until: impl Fn(ParseStream<'_>) -> bool) {
    while !input.is_empty() && !until(input) {
        let _ = input.parse::<TokenTree>();
    }
}
