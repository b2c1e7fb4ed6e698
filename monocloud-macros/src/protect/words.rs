//! Options that list words of a specification: `acr_values`, and `scopes`.

use std::collections::HashSet;

use syn::{Expr, Lit, LitStr};

use crate::arguments::{Arguments, ungrouped};
use crate::errors::Errors;

/// An option of that kind.
pub(super) struct Words {
    name: &'static str,
    /// What one of them is called, with its article.
    one: &'static str,
    example: &'static str,
    /// What an empty list would do.
    empty: &'static str,
}

/// Classes of authentication (OIDC Core 2).
pub(super) const ACR_VALUES: Words = Words {
    name: "acr_values",
    one: "a class of authentication",
    example: "urn:example:mfa",
    empty: "it would admit nobody",
};

/// Scopes of an access token (RFC 6749 §3.3).
pub(super) const SCOPES: Words = Words {
    name: "scopes",
    one: "a scope",
    example: "orders:write",
    empty: "it would ask for nothing",
};

impl Words {
    /// Takes the list: not empty, none twice, each one word.
    pub(super) fn take(&self, arguments: &mut Arguments<'_>, errors: &Errors) -> Vec<LitStr> {
        let Self {
            name,
            one,
            example,
            empty,
        } = self;
        let Some(argument) = arguments.take(name) else {
            return Vec::new();
        };
        let Some(value) = argument.value else {
            return Vec::new();
        };
        let Expr::Array(list) = ungrouped(&value) else {
            errors.at(&value, self.not_a_list(&value, &argument.rest));
            return Vec::new();
        };
        if list.elems.is_empty() {
            errors.at(
                list,
                format!(
                    "`{name}` is empty, so {empty}; name {one}, `{name} = [\"{example}\"]`, or remove it"
                ),
            );
        }
        let mut seen = HashSet::new();
        let values = list.elems.iter().filter_map(|entry| {
            let Some(value) = text(entry) else {
                errors.at(
                    entry,
                    format!("{one} is a string literal, as the issuer calls it; write `\"{example}\"`"),
                );
                return None;
            };
            if let Some(problem) = self.wrong(&value.value()) {
                errors.at(&value, problem);
                return None;
            }
            if !seen.insert(value.value()) {
                errors.at(
                    &value,
                    format!("`{}` is listed twice; remove one of the two", value.value()),
                );
                return None;
            }
            Some(value)
        });
        values.collect()
    }

    /// Says how a list is written, with the values that were meant.
    fn not_a_list(&self, value: &Expr, rest: &[Expr]) -> String {
        let Self { name, example, .. } = self;
        let words: Vec<String> = std::iter::once(value)
            .chain(rest)
            .filter_map(text)
            .flat_map(|text| {
                let words = text.value();
                words
                    .split([' ', ','])
                    .filter(|word| !word.is_empty())
                    .map(|word| format!("\"{word}\""))
                    .collect::<Vec<_>>()
            })
            .collect();
        let list = if words.is_empty() {
            format!("\"{example}\"")
        } else {
            words.join(", ")
        };
        format!("`{name}` is a list; write `{name} = [{list}]`")
    }

    /// They are sent with spaces between them, and stand between quotes in the challenge of an API.
    fn wrong(&self, value: &str) -> Option<String> {
        let Self { name, one, .. } = self;
        if value.is_empty() {
            return Some(format!("{one} cannot be empty"));
        }
        let words: Vec<String> = value
            .split_whitespace()
            .map(|word| format!("\"{word}\""))
            .collect();
        if value.contains(char::is_whitespace) {
            let each = one.strip_prefix("a ").unwrap_or(one);
            return Some(format!(
                "each {each} is a string of its own; write `{name} = [{}]`",
                words.join(", ")
            ));
        }
        let is_plain = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        (!value.bytes().all(is_plain)).then(|| {
            format!(
                "{one} has visible ASCII characters only, and neither `\"` nor `\\`; write it as the issuer does"
            )
        })
    }
}

fn text(entry: &Expr) -> Option<LitStr> {
    match ungrouped(entry) {
        Expr::Lit(literal) if let Lit::Str(text) = &literal.lit => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{ACR_VALUES, SCOPES};

    #[test]
    fn each_is_one_word() {
        for value in [
            "urn:mace:incommon:iap:silver",
            "0",
            "https://example.com/mfa?x=1#y",
            "orders:write",
        ] {
            assert_eq!(ACR_VALUES.wrong(value), None, "{value}");
            assert_eq!(SCOPES.wrong(value), None, "{value}");
        }
        for value in ["", " ", "a b", "a\tb", "a\"b", "a\\b", "ü", "\u{7f}", "a\u{200b}"] {
            assert!(ACR_VALUES.wrong(value).is_some(), "{value:?}");
            assert!(SCOPES.wrong(value).is_some(), "{value:?}");
        }
    }
}
