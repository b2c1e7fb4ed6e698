//! `max_age` and `acr_values`: when, and how, somebody must have proved who they are.

use std::collections::HashSet;

use syn::{Expr, Lit, LitInt, LitStr};

use crate::arguments::{Arguments, ungrouped};
use crate::errors::Errors;

/// Less, and whoever signs in would be asked again while they are still on the way back.
const LEAST_SECONDS: u32 = 30;
/// 400 days, as long as any session.
pub(super) const MOST_SECONDS: u32 = 400 * 86_400;

/// Takes `max_age`, in seconds.
pub(super) fn take_max_age(arguments: &mut Arguments<'_>, errors: &Errors) -> Option<LitInt> {
    let (literal, seconds) = arguments.take_number("max_age", "seconds")?;
    if seconds < LEAST_SECONDS {
        errors.at(
            &literal,
            format!(
                "`max_age` is at least {LEAST_SECONDS} seconds, since a sign-in takes some; write `max_age = {LEAST_SECONDS}`, or more"
            ),
        );
    }
    check_most(&literal, seconds, errors);
    Some(literal)
}

pub(super) fn check_most(literal: &LitInt, seconds: u32, errors: &Errors) {
    if seconds > MOST_SECONDS {
        errors.at(
            literal,
            format!(
                "`max_age` is at most {MOST_SECONDS} seconds, which are 400 days; write less, or remove it"
            ),
        );
    }
}

/// Takes `acr_values`: not empty, none twice, each one word.
pub(super) fn take_acr_values(arguments: &mut Arguments<'_>, errors: &Errors) -> Vec<LitStr> {
    let Some(argument) = arguments.take("acr_values") else {
        return Vec::new();
    };
    let Some(value) = argument.value else {
        return Vec::new();
    };
    let Expr::Array(list) = ungrouped(&value) else {
        errors.at(&value, not_a_list(&value, &argument.rest));
        return Vec::new();
    };
    if list.elems.is_empty() {
        errors.at(
            list,
            "`acr_values` is empty, so it would admit nobody; name a class of authentication, `acr_values = [\"urn:example:mfa\"]`, or remove it",
        );
    }
    let mut seen = HashSet::new();
    let values = list.elems.iter().filter_map(|entry| {
        let Some(value) = text(entry) else {
            errors.at(
                entry,
                "a class of authentication is a string literal, as the issuer calls it; write `\"urn:example:mfa\"`",
            );
            return None;
        };
        if let Some(problem) = wrong(&value.value()) {
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

fn text(entry: &Expr) -> Option<LitStr> {
    match ungrouped(entry) {
        Expr::Lit(literal) if let Lit::Str(text) = &literal.lit => Some(text.clone()),
        _ => None,
    }
}

/// Says how a list is written, with the values that were meant.
fn not_a_list(value: &Expr, rest: &[Expr]) -> String {
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
        "\"urn:example:mfa\"".to_owned()
    } else {
        words.join(", ")
    };
    format!("`acr_values` is a list; write `acr_values = [{list}]`")
}

/// They are sent with spaces between them, and stand between quotes in the challenge of an API.
fn wrong(value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("a class of authentication cannot be empty".to_owned());
    }
    let words: Vec<String> = value
        .split_whitespace()
        .map(|word| format!("\"{word}\""))
        .collect();
    if value.contains(char::is_whitespace) {
        return Some(format!(
            "each class of authentication is a string of its own; write `acr_values = [{}]`",
            words.join(", ")
        ));
    }
    let is_plain = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    (!value.bytes().all(is_plain)).then(|| {
        "a class of authentication has visible ASCII characters only, and neither `\"` nor `\\`; write it as the issuer does"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn a_class_is_one_word() {
        for value in [
            "urn:mace:incommon:iap:silver",
            "0",
            "https://example.com/mfa?x=1#y",
            "phrh",
        ] {
            assert_eq!(wrong(value), None, "{value}");
        }
        for value in ["", " ", "a b", "a\tb", "a\"b", "a\\b", "ü", "\u{7f}", "a\u{200b}"] {
            assert!(wrong(value).is_some(), "{value:?}");
        }
    }
}
