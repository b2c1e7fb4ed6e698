//! One group of a declaration: `Admin = "admin"`.

use proc_macro2::{Ident, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, Lit, LitStr, Token, token};

use crate::arguments::ungrouped;
use crate::code_points::{described, is_invisible};
use crate::errors::Errors;
use crate::punctuation::{Equals, skip_to_comma};

/// `Admin = "admin"`.
pub(super) struct Group {
    pub(super) attributes: Vec<Attribute>,
    pub(super) variant: Ident,
    pub(super) name: LitStr,
}

impl Group {
    /// Reads up to the next comma. After a mistake the variant is there all the same if it can be
    /// told, so that what uses it does not report another.
    pub(super) fn parse(input: ParseStream<'_>, errors: &Errors) -> Option<Self> {
        let attributes = input
            .call(Attribute::parse_outer)
            .map_err(|error| errors.push(error))
            .ok();
        let group = attributes.and_then(|attributes| {
            let variant = parse_variant(input, errors)?;
            let name = parse_name(&variant, input, errors);
            Some(Self {
                attributes,
                name: name.unwrap_or_else(|| LitStr::new(&name_for(&variant), variant.span())),
                variant,
            })
        });
        if group.is_none() {
            skip_to_comma(input);
        }
        group
    }
}

fn parse_variant(input: ParseStream<'_>, errors: &Errors) -> Option<Ident> {
    let example = || literal_ahead(input).unwrap_or_else(|| "admin".to_owned());
    if !input.peek(Ident::peek_any) {
        let name = example();
        let message = format!(
            "a group has a name in the program and one in the token; write `{} = \"{name}\"`",
            variant_for(&name)
        );
        errors.at_span(input.span(), message);
        return None;
    }
    let is_keyword = !input.peek(syn::Ident);
    let word = input.call(Ident::parse_any).ok()?;
    if input.peek(Token![-]) && !input.peek(Token![->]) || input.peek(Token![::]) {
        let mut written = word.to_token_stream();
        while !input.is_empty() && !input.peek(Token![=]) && !input.peek(Token![,]) {
            input.parse::<TokenTree>().ok()?.to_tokens(&mut written);
        }
        let text = written.to_string().replace(' ', "");
        let variant = variant_for(text.rsplit("::").next().unwrap_or_default());
        let name = example();
        errors.at(
            &written,
            format!("the name of a group in the program is one word; write `{variant} = \"{name}\"`"),
        );
        return Some(Ident::new(&variant, word.span()));
    }
    if word == "_" {
        let name = example();
        let variant = variant_for(&name);
        let message = format!("`_` is no name; write `{variant} = \"{name}\"`");
        errors.at(&word, message);
        return Some(Ident::new(&variant, word.span()));
    }
    let reason = if is_keyword {
        "a word of Rust's own"
    } else if word == "ALL" {
        "the list of all groups"
    } else {
        return Some(word);
    };
    let variant = match variant_for(&word.to_string().to_lowercase()) {
        keyword if keyword == "Self" => "SelfGroup".to_owned(),
        variant => variant,
    };
    let name = example();
    errors.at(
        &word,
        format!(
            "`{word}` is {reason} and cannot be a group's name in the program; write `{variant} = \"{name}\"`"
        ),
    );
    Some(Ident::new(&variant, word.span()))
}

fn parse_name(variant: &Ident, input: ParseStream<'_>, errors: &Errors) -> Option<LitStr> {
    let guess = name_for(variant);
    if input.peek(token::Paren) || input.peek(token::Brace) {
        let name = literal_ahead(input).unwrap_or(guess);
        errors.at_span(
            input.span(),
            format!("a group has no fields; write `{variant} = \"{name}\"`"),
        );
        skip_to_comma(input);
        return None;
    }
    match input.parse().ok()? {
        Equals::Written => {}
        Equals::InOtherWords(other) => {
            let name = literal_ahead(input).unwrap_or_else(|| guess.clone());
            errors.at(
                other,
                format!("`{variant}` is followed by `=`; write `{variant} = \"{name}\"`"),
            );
        }
        Equals::Missing => {
            errors.at(
                variant,
                format!("`{variant}` needs the group's name or id; write `{variant} = \"{guess}\"`"),
            );
            // `Admin "admin"` lacks no more than the sign.
            if input.peek(LitStr) {
                return input.parse().ok();
            }
            return None;
        }
    }
    match input.parse::<Expr>() {
        Ok(value) => checked(variant, &value, errors),
        Err(error) => {
            errors.at_span(
                error.span(),
                format!("the group's name or id is missing; write `{variant} = \"{guess}\"`"),
            );
            skip_to_comma(input);
            None
        }
    }
}

/// A group's name is a string literal with something in it, no white space around it, and nothing
/// that nobody sees.
fn checked(variant: &Ident, value: &Expr, errors: &Errors) -> Option<LitStr> {
    let name = match ungrouped(value) {
        Expr::Lit(literal) if let Lit::Str(name) = &literal.lit => name.clone(),
        other => {
            let guess = name_for(variant);
            errors.at(
                other,
                format!("a group's name or id is a string literal; write `{variant} = \"{guess}\"`"),
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
        let message = format!(
            "there is white space around this name; write `\"{}\"`",
            text.trim()
        );
        errors.at(&name, message);
    } else if text.contains(is_invisible) && !name.token().to_string().contains('\\') {
        let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        let hidden: String = text.chars().filter(|c| is_invisible(*c)).collect();
        let message = format!(
            "this name has {}; write `\"{visible}\"`, or its escape, `\\u{{…}}`, if it is meant",
            described(&hidden, "")
        );
        errors.at(&name, message);
    }
    Some(name)
}

/// The first string before the next comma, for advice.
fn literal_ahead(input: ParseStream<'_>) -> Option<String> {
    let ahead = input.fork();
    while !ahead.is_empty() && !ahead.peek(Token![,]) {
        if let Ok(literal) = ahead.parse::<LitStr>() {
            return Some(literal.value());
        }
        let _ = ahead.parse::<TokenTree>();
    }
    None
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
