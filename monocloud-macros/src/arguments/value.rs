//! The value of an option.

use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::{Expr, ExprArray, Token, bracketed, token};

use crate::punctuation::{EXTRA_COMMA, MISSING_COMMA, skip_to_comma};

/// Reads an expression. A list with mistakes gives those of its entries that can be read, and each
/// mistake to `report`.
pub(super) fn parse(input: ParseStream<'_>, report: &dyn Fn(syn::Error)) -> syn::Result<Expr> {
    if !input.peek(token::Bracket) {
        return input.parse();
    }
    let ahead = input.fork();
    if let Ok(value) = ahead.parse() {
        input.advance_to(&ahead);
        return Ok(value);
    }
    let content;
    let bracket_token = bracketed!(content in input);
    let mut entries: Vec<Expr> = Vec::new();
    let mut follows_mistake = false;
    while !content.is_empty() {
        if content.peek(Token![,]) {
            report(syn::Error::new(content.span(), EXTRA_COMMA));
            content.parse::<Token![,]>()?;
            continue;
        }
        match content.parse() {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                if !follows_mistake {
                    report(error);
                }
                skip_to_comma(&content);
            }
        }
        follows_mistake = !content.is_empty() && content.parse::<Token![,]>().is_err();
        if follows_mistake {
            report(syn::Error::new(content.span(), MISSING_COMMA));
        }
    }
    Ok(Expr::Array(ExprArray {
        attrs: Vec::new(),
        bracket_token,
        elems: entries.into_iter().collect(),
    }))
}
