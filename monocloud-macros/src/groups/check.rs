//! The message about a group that is not declared.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;
use syn::parse::{ParseStream, Parser};

use crate::code_points::{plain, remark, shown};
use crate::errors::{Errors, Expansion};
use crate::suggest::{did_you_mean, distance, nearest};

/// How many declared names a message shows.
const MOST_LISTED: usize = 12;

/// Reads `"admn" "Group" "Admin" "admin" "Editor" "editor"`: what a guard names, the enum, and its
/// variants with their names. Gives the literal back when it is declared after all, in another
/// spelling such as `r"admin"`.
pub(crate) fn unknown_group(input: TokenStream) -> Expansion {
    let errors = Errors::new();
    let tokens = match parse.parse2(input) {
        Ok(check) => check.tokens(&errors),
        Err(error) => {
            errors.push(error);
            TokenStream::new()
        }
    };
    (tokens, errors.finish())
}

struct Check {
    literal: LitStr,
    enumeration: String,
    declared: Vec<Declared>,
}

struct Declared {
    variant: String,
    name: String,
}

fn parse(input: ParseStream<'_>) -> syn::Result<Check> {
    let text = |input: ParseStream<'_>| input.parse::<LitStr>().map(|text| text.value());
    let literal = input.parse()?;
    let enumeration = text(input)?;
    let mut declared = Vec::new();
    while !input.is_empty() {
        declared.push(Declared {
            variant: text(input)?,
            name: text(input)?,
        });
    }
    Ok(Check {
        literal,
        enumeration,
        declared,
    })
}

impl Check {
    fn tokens(&self, errors: &Errors) -> TokenStream {
        let Self { literal, .. } = self;
        let value = literal.value();
        if self.declared.iter().any(|group| group.name == value) {
            return quote!(#literal);
        }
        let meant = self.meant(&value);
        if let Some(variant) = meant.as_ref().filter(|meant| meant.contains("::")) {
            errors.at(
                literal,
                format!(
                    "unknown group `{value}`; did you mean `{variant}`, without quotes?\ndeclared groups: {}",
                    self.list(&value)
                ),
            );
            return TokenStream::new();
        }
        errors.at(
            literal,
            format!(
                "unknown group `{}`{}{}\ndeclared groups: {}",
                shown(&value),
                did_you_mean(meant.as_deref()),
                remark(&value, self.declared_name(meant.as_deref())),
                self.list(&value)
            ),
        );
        TokenStream::new()
    }

    /// The declared name closest to `value`. Who wrote a variant's name is shown how that is
    /// written, and who wrote several names in one string, that they are several.
    fn meant(&self, value: &str) -> Option<String> {
        let plain_value = plain(value);
        let names = || self.declared.iter().map(|group| group.name.as_str());
        if let Some(name) = names().find(|name| plain(name) == plain_value) {
            return Some(name.to_owned());
        }
        if let Some(name) = nearest(&plain_value, names()) {
            return Some(name.to_owned());
        }
        let variants = self.declared.iter().map(|group| group.variant.as_str());
        let written = plain_value.rsplit("::").next().unwrap_or_default();
        if let Some(variant) = nearest(written, variants) {
            return Some(format!("{}::{variant}", self.enumeration));
        }
        let parts: Vec<&str> = value.split([',', ';', '|', ' ']).map(str::trim).collect();
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let all_known = parts.iter().all(|part| names().any(|name| name == *part));
        (parts.len() > 1 && all_known).then(|| format!("\"{}\"", parts.join("\", \"")))
    }

    /// `meant`, if it is a name and not a variant.
    fn declared_name<'a>(&self, meant: Option<&'a str>) -> Option<&'a str> {
        meant.filter(|meant| self.declared.iter().any(|group| group.name == *meant))
    }

    /// The declared names, sorted; of many, those that are nearest. Ids stand at the end, each with
    /// its variant.
    fn list(&self, value: &str) -> String {
        let mut declared: Vec<&Declared> = self.declared.iter().collect();
        let hidden = declared.len().saturating_sub(MOST_LISTED);
        if hidden > 0 {
            declared.sort_by_key(|group| distance(value, &group.name));
            declared.truncate(MOST_LISTED);
        }
        declared.sort_by_key(|group| (group.is_id(), &group.name));
        let names: Vec<String> = declared.into_iter().map(Declared::described).collect();
        let more = match hidden {
            0 => String::new(),
            _ => format!(" and {hidden} more"),
        };
        names.join(", ") + &more
    }
}

impl Declared {
    fn described(&self) -> String {
        let Self { variant, name } = self;
        if self.is_id() {
            format!("`{name}` ({variant})")
        } else {
            format!("`{name}`")
        }
    }

    /// Whether the name says nothing to a person, so that the variant has to. Ids are made of
    /// digits for a third or more, as `537e7c3d-…`.
    fn is_id(&self) -> bool {
        let digits = self.name.chars().filter(char::is_ascii_digit).count();
        digits * 3 >= self.name.chars().count()
    }
}
