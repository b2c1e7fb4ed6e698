//! The `key = value` lists of the macros.

#[cfg(test)]
mod tests;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprPath, Lit, LitBool, LitStr, Token};

use crate::errors::Errors;
use crate::suggest::{did_you_mean, list, nearest};

pub(crate) const MISSING_COMMA: &str = "a `,` is missing before this";

/// What a macro understands.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// The macro as people write it, `#[protect]` or `monocloud_routes!`.
    pub(crate) owner: &'static str,
    /// The most usual key stands first: it is the example in messages.
    pub(crate) keys: &'static [Key],
    /// Keys that people will try, each with the reason why it is none.
    pub(crate) refused: &'static [(&'static str, &'static str)],
}

/// A key that a macro knows.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// What to write after `=`, for messages.
    pub(crate) example: &'static str,
}

/// A checked list: every key is known and stands once.
pub(crate) struct Arguments<'a> {
    given: Vec<Argument>,
    vocabulary: &'static Vocabulary,
    errors: &'a Errors,
}

/// One `key = value`. Without a value, what is wrong has been reported already.
pub(crate) struct Argument {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn parse(tokens: TokenStream, vocabulary: &'static Vocabulary, errors: &'a Errors) -> Self {
        let mut arguments = Self {
            given: Vec::new(),
            vocabulary,
            errors,
        };
        let parsed = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if arguments.parse_one(input).is_none() {
                    skip_to_comma(input);
                }
                arguments.parse_comma(input);
            }
            Ok(())
        };
        if let Err(error) = parsed.parse2(tokens) {
            errors.push(error);
        }
        arguments
    }

    /// The key of that name, as it was written.
    pub(crate) fn key(&self, name: &str) -> Option<&Ident> {
        let given = self.given.iter().find(|given| given.key == name);
        given.map(|given| &given.key)
    }

    /// Takes the argument of that name.
    pub(crate) fn take(&mut self, name: &str) -> Option<Argument> {
        let at = self.given.iter().position(|given| given.key == name)?;
        Some(self.given.remove(at))
    }

    /// Takes a value that is a string literal.
    pub(crate) fn take_string(&mut self, name: &str) -> Option<LitStr> {
        let value = self.take(name)?.value?;
        match ungrouped(&value) {
            Expr::Lit(literal) if let Lit::Str(string) = &literal.lit => Some(string.clone()),
            other => {
                self.wrong_kind(name, "a string literal", other);
                None
            }
        }
    }

    /// Takes a value that is `true` or `false`.
    pub(crate) fn take_bool(&mut self, name: &str) -> Option<LitBool> {
        let value = self.take(name)?.value?;
        match ungrouped(&value) {
            Expr::Lit(literal) if let Lit::Bool(boolean) = &literal.lit => Some(boolean.clone()),
            other => {
                self.wrong_kind(name, "`true` or `false`, without quotes", other);
                None
            }
        }
    }

    /// Takes a value that is a path. `what` says to what.
    pub(crate) fn take_path(&mut self, name: &str, what: &str) -> Option<ExprPath> {
        let value = self.take(name)?.value?;
        let (remark, example) = match ungrouped(&value) {
            Expr::Path(path) => return Some(path.clone()),
            Expr::Closure(_) => (", not a closure", None),
            Expr::Lit(literal) if let Lit::Str(path) = &literal.lit => {
                (", without quotes", path.parse::<ExprPath>().ok())
            }
            _ => ("", None),
        };
        let example = example.map_or_else(
            || self.example(name).to_owned(),
            |path| {
                let path = path.to_token_stream().to_string().replace(' ', "");
                let is_relative = name == "crate" && !path.starts_with("::");
                if is_relative { format!("::{path}") } else { path }
            },
        );
        self.errors.at(
            value,
            format!("`{name}` is the path of {what}{remark}; write `{name} = {example}`"),
        );
        None
    }

    /// Reports that a value is of another kind.
    pub(crate) fn wrong_kind(&self, name: &str, kind: &str, value: &Expr) {
        let example = self.example(name);
        self.errors
            .at(value, format!("`{name}` is {kind}; write `{name} = {example}`"));
    }

    fn parse_one(&mut self, input: ParseStream<'_>) -> Option<()> {
        if !input.peek(Ident::peek_any) {
            let Vocabulary { owner, keys, .. } = self.vocabulary;
            let (name, value) = (keys[0].name, keys[0].example);
            self.errors.at_span(
                input.span(),
                format!("options of `{owner}` have a name; for example `{name} = {value}`"),
            );
            return None;
        }
        let key = input.call(Ident::parse_any).ok()?;
        let known = self.known(&key);
        let value = self.parse_value(&key, known, input);
        let found = value.is_some();
        if known {
            self.keep(Argument { key, value });
        }
        found.then_some(())
    }

    /// Reads `= value`. Mistakes behind an unknown key are not worth a second report.
    fn parse_value(&self, key: &Ident, known: bool, input: ParseStream<'_>) -> Option<Expr> {
        let report = |error: syn::Error| {
            if known {
                self.errors.push(error);
            }
        };
        let example = self.example(&key.to_string());
        let equals: Option<Token![=]> = input.parse().ok()?;
        let wrong = if input.is_empty() || input.peek(Token![,]) {
            "needs a value"
        } else if equals.is_none() {
            "is followed by `=`"
        } else {
            return input.parse().map_err(report).ok();
        };
        report(syn::Error::new(
            key.span(),
            format!("`{key}` {wrong}; write `{key} = {example}`"),
        ));
        None
    }

    fn parse_comma(&self, input: ParseStream<'_>) {
        if !input.is_empty() && input.parse::<Token![,]>().is_err() {
            self.errors.at_span(input.span(), MISSING_COMMA);
            // A key may follow, and is read as one. Anything else would be a second report.
            if !input.peek(Ident::peek_any) {
                skip_to_comma(input);
                let _ = input.parse::<Token![,]>();
            }
        }
    }

    fn known(&self, key: &Ident) -> bool {
        let Vocabulary { owner, keys, refused } = self.vocabulary;
        let names = || keys.iter().map(|key| key.name);
        if names().any(|name| key == name) {
            return true;
        }
        if let Some((_, reason)) = refused.iter().find(|(name, _)| key == name) {
            self.errors.at(key, reason);
            return false;
        }
        let hint = did_you_mean(nearest(&key.to_string(), names()));
        self.errors.at(
            key,
            format!("unknown option `{key}`{hint}\n`{owner}` knows {}", list(names())),
        );
        false
    }

    fn keep(&mut self, argument: Argument) {
        let Argument { key, .. } = &argument;
        if self.given.iter().any(|given| given.key == *key) {
            self.errors
                .at(key, format!("`{key}` is given twice; keep one of the two"));
        } else {
            self.given.push(argument);
        }
    }

    fn example(&self, name: &str) -> &'static str {
        let key = self.vocabulary.keys.iter().find(|key| key.name == name);
        key.map_or("…", |key| key.example)
    }
}

/// What stands inside the invisible parentheses that a `macro_rules!` variable puts around a value.
pub(crate) fn ungrouped(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => ungrouped(&group.expr),
        other => other,
    }
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _ = input.parse::<TokenTree>();
    }
}
