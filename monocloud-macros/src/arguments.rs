//! The `key = value` lists of the macros.

#[cfg(test)]
mod tests;
mod value;
mod vocabulary;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprPath, Lit, LitBool, LitInt, LitStr, Token, parenthesized, token};

use crate::errors::Errors;
use crate::punctuation::{EXTRA_COMMA, Equals, MISSING_COMMA, skip_to_comma};
pub(crate) use vocabulary::{Key, Vocabulary};
use vocabulary::{Meant, WrittenKey};

/// A checked list: every key is known and stands once.
pub(crate) struct Arguments<'a> {
    given: Vec<Argument>,
    /// Reported once, because one follows another.
    has_value_without_key: bool,
    vocabulary: &'static Vocabulary,
    errors: &'a Errors,
}

/// One `key = value`. Without a value, what is wrong has been reported already.
pub(crate) struct Argument {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
    /// What follows a list without its brackets: the rest of `groups = "admin", "editor"`.
    pub(crate) rest: Vec<Expr>,
    /// Another key was written, and this one was probably meant.
    is_guess: bool,
}

impl<'a> Arguments<'a> {
    pub(crate) fn parse(tokens: TokenStream, vocabulary: &'static Vocabulary, errors: &'a Errors) -> Self {
        let mut arguments = Self {
            given: Vec::new(),
            has_value_without_key: false,
            vocabulary,
            errors,
        };
        let parsed = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if input.peek(Token![,]) {
                    errors.at_span(input.span(), EXTRA_COMMA);
                } else if arguments.parse_one(input).is_none() {
                    skip_to_comma(input);
                }
                arguments.parse_comma(input);
            }
            Ok(())
        };
        if let Err(error) = parsed.parse2(tokens)
            && errors.is_empty()
        {
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

    /// Takes a value that is a whole number. `what` says of what.
    pub(crate) fn take_number(&mut self, name: &str, what: &str) -> Option<(LitInt, u32)> {
        let value = self.take(name)?.value?;
        let number = match ungrouped(&value) {
            Expr::Lit(literal) if let Lit::Int(number) = &literal.lit => number
                .base10_parse()
                .ok()
                .filter(|_| matches!(number.suffix(), "" | "u32"))
                .map(|parsed| (number.clone(), parsed)),
            _ => None,
        };
        if number.is_none() {
            self.wrong_kind(name, &format!("a whole number of {what}, without quotes"), &value);
        }
        number
    }

    /// Takes what stands in parentheses behind the name.
    pub(crate) fn take_nested(&mut self, name: &str) -> Option<(Ident, TokenStream)> {
        let argument = self.take(name)?;
        match argument.value? {
            Expr::Verbatim(tokens) => Some((argument.key, tokens)),
            _ => None,
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
            || self.vocabulary.example(name).to_owned(),
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
        let write = self.vocabulary.written(name);
        self.errors
            .at(value, format!("`{name}` is {kind}; write `{write}`"));
    }

    fn parse_one(&mut self, input: ParseStream<'_>) -> Option<()> {
        if !input.peek(Ident::peek_any) || input.peek2(Token![::]) {
            return self.parse_without_key(input);
        }
        let key = parse_key(input).ok()?;
        let has_value = !input.is_empty() && !input.peek(Token![,]);
        let meant = self.vocabulary.find(&key, has_value, self.errors);
        let value = self.parse_value(&key, &meant, input);
        let found = value.is_some();
        self.keep(&key, &meant, value);
        found.then_some(())
    }

    fn parse_without_key(&mut self, input: ParseStream<'_>) -> Option<()> {
        let vocabulary = self.vocabulary;
        let list = self.given.last_mut().filter(|last| {
            let is_list = |value: &Expr| matches!(ungrouped(value), Expr::Array(_));
            last.value.as_ref().is_some_and(|value| !is_list(value))
                && vocabulary.example(&last.key.to_string()).starts_with('[')
        });
        if let Some(list) = list
            && let Ok(entry) = input.parse()
        {
            list.rest.push(entry);
            return Some(());
        }
        if !self.has_value_without_key {
            self.errors.at_span(input.span(), vocabulary.has_no_name());
        }
        self.has_value_without_key = true;
        None
    }

    /// Reads `= value`. Mistakes behind an unknown key are not worth a second report.
    fn parse_value(&self, key: &WrittenKey, meant: &Meant, input: ParseStream<'_>) -> Option<Expr> {
        let (Meant::Exactly(name) | Meant::Probably(name)) = meant else {
            return None;
        };
        // What was guessed has been reported.
        let report = |error: syn::Error| {
            if matches!(meant, Meant::Exactly(_)) {
                self.errors.push(error);
            }
        };
        let write = format!("write `{}`", self.vocabulary.written(name));
        if self.vocabulary.is_nested(name) {
            if input.peek(token::Paren) {
                return nested(input).map(Expr::Verbatim).ok();
            }
            report(syn::Error::new(
                key.first.span(),
                format!("`{name}` takes its parameters in parentheses; {write}"),
            ));
            return None;
        }
        let equals: Equals = input.parse().ok()?;
        if input.is_empty() || input.peek(Token![,]) {
            report(syn::Error::new(
                key.first.span(),
                format!("`{name}` needs a value; {write}"),
            ));
            return None;
        }
        let follows = format!("`{name}` is followed by `=`; {write}");
        match equals {
            Equals::Written => {}
            Equals::InOtherWords(other) => report(syn::Error::new_spanned(other, follows)),
            Equals::Missing => {
                report(syn::Error::new(key.first.span(), follows));
                return None;
            }
        }
        value::parse(input, &report)
            .map_err(|error| report(syn::Error::new(error.span(), format!("{error}; {write}"))))
            .ok()
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

    fn keep(&mut self, written: &WrittenKey, meant: &Meant, value: Option<Expr>) {
        let (name, is_guess) = match meant {
            Meant::Exactly(name) => (*name, false),
            Meant::Probably(name) => (*name, true),
            Meant::Nothing => return,
        };
        let argument = Argument {
            key: Ident::new(name, written.first.span()),
            value,
            rest: Vec::new(),
            is_guess,
        };
        match self.given.iter_mut().find(|given| given.key == name) {
            None => self.given.push(argument),
            // What was guessed has been reported, and gives way.
            Some(given) if given.is_guess => *given = argument,
            Some(_) if is_guess => {}
            Some(_) => self.errors.at(
                argument.key,
                format!("`{name}` is given twice; keep one of the two"),
            ),
        }
    }
}

/// What stands in parentheses.
fn nested(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let content;
    parenthesized!(content in input);
    content.parse()
}

/// A name, also with hyphens.
fn parse_key(input: ParseStream<'_>) -> syn::Result<WrittenKey> {
    let first = input.call(Ident::parse_any)?;
    let mut tokens = first.to_token_stream();
    while input.peek(Token![-]) && input.peek2(Ident::peek_any) {
        input.parse::<Token![-]>()?.to_tokens(&mut tokens);
        input.call(Ident::parse_any)?.to_tokens(&mut tokens);
    }
    Ok(WrittenKey { first, tokens })
}

/// What stands inside the invisible parentheses that a `macro_rules!` variable puts around a value.
pub(crate) fn ungrouped(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => ungrouped(&group.expr),
        other => other,
    }
}
