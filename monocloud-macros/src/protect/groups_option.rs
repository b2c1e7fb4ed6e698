//! `groups`: a list of names and variants.

use std::collections::HashSet;

use quote::ToTokens;
use syn::{Expr, ExprPath, Lit, LitStr};

use crate::arguments::{Arguments, ungrouped};
use crate::errors::Errors;

/// One entry of `groups`.
pub(super) enum Group {
    /// A group's name or id: `"admin"`.
    Literal(LitStr),
    /// A variant of a declared enum: `Group::Admin`.
    Variant(ExprPath),
}

/// Takes the list: not empty, no group twice.
pub(super) fn take(arguments: &mut Arguments<'_>, errors: &Errors) -> Vec<Group> {
    let Some(argument) = arguments.take("groups") else {
        return Vec::new();
    };
    let Some(value) = argument.value else {
        return Vec::new();
    };
    let entries = match ungrouped(&value) {
        Expr::Array(list) => {
            if list.elems.is_empty() {
                errors.at(
                    list,
                    "`groups` is empty, so it would admit nobody; name a group, `groups = [\"admin\"]`, or remove `groups` to admit everyone who is signed in",
                );
            }
            list.elems.iter().cloned().collect()
        }
        other => {
            let mut entries = Vec::new();
            collect(other, &mut entries);
            argument.rest.iter().for_each(|rest| collect(rest, &mut entries));
            report_no_list(other, &entries, errors);
            // Those that can be told are checked all the same, unless they have been reported.
            entries.retain(|entry| matches!(entry, Expr::Lit(_)));
            entries
        }
    };
    let mut seen = HashSet::new();
    let groups = entries.iter().filter_map(|entry| {
        let group = group(entry, errors)?;
        let written = match &group {
            Group::Literal(literal) => literal.value(),
            Group::Variant(path) => spelled(path),
        };
        if seen.insert(written.clone()) {
            return Some(group);
        }
        errors.at(
            entry,
            format!("group `{written}` is listed twice; remove one of the two"),
        );
        None
    });
    groups.collect()
}

/// A group is a string literal or a variant of the declared enum.
fn group(entry: &Expr, errors: &Errors) -> Option<Group> {
    match ungrouped(entry) {
        Expr::Lit(literal) if let Lit::Str(name) = &literal.lit => {
            if name.value().is_empty() {
                errors.at(name, "a group's name cannot be empty");
                return None;
            }
            Some(Group::Literal(name.clone()))
        }
        Expr::Path(path) if let Some(name) = lower_case_word(path) => {
            errors.at(
                path,
                format!("a group is a string or a variant; write `\"{name}\"`"),
            );
            None
        }
        Expr::Path(path) if is_all(path) => {
            errors.at(path, all_is_no_group(path));
            None
        }
        Expr::Path(path) => Some(Group::Variant(path.clone())),
        Expr::Range(range) if let Some(Expr::Path(path)) = range.end.as_deref().map(ungrouped) => {
            errors.at(range, all_is_no_group(path));
            None
        }
        other => {
            let written = inside(other).map_or_else(
                || "`\"admin\"` or `Group::Admin`".to_owned(),
                |inside| format!("`{}`", spelled(inside)),
            );
            errors.at(
                other,
                format!("a group is a string literal or a variant of the declared groups; write {written}"),
            );
            None
        }
    }
}

/// Says how a list is written, with the groups that were meant.
fn report_no_list(value: &Expr, entries: &[Expr], errors: &Errors) {
    if let Expr::Path(path) = value
        && is_all(path)
    {
        errors.at(path, all_is_no_group(path));
        return;
    }
    if let Expr::Path(path) = value
        && is_constant(path)
    {
        let path = spelled(path);
        errors.at(
            value,
            format!(
                "`groups` is a list that is checked when the program is compiled, and `{path}` is a constant; write its groups here, as in `groups = [\"admin\", \"editor\"]`"
            ),
        );
        return;
    }
    let entries: Vec<String> = entries.iter().filter_map(written_as_entry).collect();
    let list = if entries.is_empty() {
        "\"admin\"".to_owned()
    } else {
        entries.join(", ")
    };
    errors.at(value, format!("`groups` is a list; write `groups = [{list}]`"));
}

fn all_is_no_group(path: &ExprPath) -> String {
    format!(
        "`{}` is a list and no group; name each group that is let in, as in `groups = [\"admin\", \"editor\"]`, or remove `groups` to admit everyone who is signed in",
        spelled(path)
    )
}

/// The groups in what is no list: `&["admin"]`, `vec!["admin"]`, `("admin", "editor")`,
/// `"admin" | "editor"`, `"admin, editor"`.
fn collect(value: &Expr, entries: &mut Vec<Expr>) {
    match ungrouped(value) {
        Expr::Array(list) => list.elems.iter().for_each(|entry| collect(entry, entries)),
        Expr::Tuple(tuple) => tuple.elems.iter().for_each(|entry| collect(entry, entries)),
        Expr::Paren(inner) => collect(&inner.expr, entries),
        Expr::Reference(inner) => collect(&inner.expr, entries),
        Expr::Binary(both) => {
            collect(&both.left, entries);
            collect(&both.right, entries);
        }
        Expr::Macro(call) if call.mac.path.is_ident("vec") => {
            let tokens = &call.mac.tokens;
            if let Ok(list) = syn::parse2(quote::quote!([#tokens])) {
                collect(&list, entries);
            }
        }
        Expr::Lit(literal) if let Lit::Str(text) = &literal.lit => {
            for name in text.value().split(',').map(str::trim) {
                let name = LitStr::new(name, text.span());
                entries.push(syn::parse_quote!(#name));
            }
        }
        other => entries.push(other.clone()),
    }
}

fn written_as_entry(entry: &Expr) -> Option<String> {
    match entry {
        Expr::Path(path) => {
            Some(lower_case_word(path).map_or_else(|| spelled(path), |word| format!("\"{word}\"")))
        }
        Expr::Lit(_) => Some(spelled(entry)),
        _ => None,
    }
}

/// The group in `Group::Admin.as_str()`, `"admin".into()`, `&"admin"`.
fn inside(entry: &Expr) -> Option<&Expr> {
    match ungrouped(entry) {
        Expr::MethodCall(call) => inside(&call.receiver),
        Expr::Reference(inner) => inside(&inner.expr),
        Expr::Paren(inner) => inside(&inner.expr),
        Expr::Unary(inner) => inside(&inner.expr),
        Expr::Lit(literal) => matches!(literal.lit, Lit::Str(_)).then_some(entry),
        Expr::Path(path) => (path.path.segments.len() > 1 && !is_all(path)).then_some(entry),
        _ => None,
    }
}

/// A single name that cannot be a variant: somebody forgot the quotes.
fn lower_case_word(path: &ExprPath) -> Option<String> {
    let name = path.path.get_ident()?.to_string();
    name.starts_with(char::is_lowercase).then_some(name)
}

/// `Group::ALL`, which every declared enum has.
fn is_all(path: &ExprPath) -> bool {
    let segments = &path.path.segments;
    segments.len() > 1 && segments.last().is_some_and(|last| last.ident == "ALL")
}

/// A name in capitals, or in a module and in small letters. A variant can be as short as `QA`.
fn is_constant(path: &ExprPath) -> bool {
    path.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        let is_upper = !name.contains(char::is_lowercase) && name.chars().count() > 3;
        is_upper || path.path.segments.len() > 1 && name.starts_with(char::is_lowercase)
    })
}

fn spelled(tokens: impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(" :: ", "::")
}
