//! The handler of a line.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, ExprCall, Ident, Token};

use super::method::is_in_any_case;
use crate::arguments::ungrouped;
use crate::errors::Errors;
use crate::punctuation::Equals;

/// Reads `=> handler`. `route` is what stands before it, for messages.
pub(super) fn parse(route: &str, input: ParseStream<'_>, errors: &Errors) -> Option<Expr> {
    if input.is_empty() || input.peek(Token![,]) || input.peek(Token![;]) {
        errors.at_span(
            input.span(),
            format!("a handler stands behind the path; write `{route} => home`"),
        );
        return None;
    }
    parse_arrow(route, input, errors)?;
    if input.is_empty() || input.peek(Token![,]) || input.peek(Token![;]) {
        errors.at_span(
            input.span(),
            format!("a handler stands behind `=>`; write `{route} => home`"),
        );
        return None;
    }
    if input
        .fork()
        .call(Ident::parse_any)
        .is_ok_and(|word| word == "public")
        && input.peek2(Ident::peek_any)
    {
        errors.at_span(
            input.span(),
            format!("`public` stands first on its line; write `public {route} => home`"),
        );
        return None;
    }
    match input.parse() {
        Ok(handler) => Some(handler),
        Err(error) => {
            errors.at_span(error.span(), format!("{error}; write `{route} => home`"));
            None
        }
    }
}

fn parse_arrow(route: &str, input: ParseStream<'_>, errors: &Errors) -> Option<()> {
    let message = || format!("`=>` stands between a path and its handler; write `{route} => home`");
    let at = input.span();
    match input.parse().ok()? {
        Equals::InOtherWords(arrow) if arrow.to_string().replace(' ', "") == "=>" => {}
        Equals::InOtherWords(other) => errors.at(other, message()),
        Equals::Written | Equals::Missing => errors.at_span(at, message()),
    }
    Some(())
}

/// Reports what is a handler elsewhere, and is none here.
pub(super) fn is_one(handler: &Expr, route: &str, errors: &Errors) -> bool {
    let Some(call) = innermost_call(handler) else {
        return true;
    };
    if let Some(handlers) = method_router(call) {
        errors.at(
            &call.func,
            format!("the method stands before the path; write `{route} => {handlers}`"),
        );
    } else if let Some(Expr::Assign(option)) = call.args.iter().map(ungrouped).find(|arg| is_option(arg)) {
        let (handler, option) = (call.func.to_token_stream(), option.left.to_token_stream());
        errors.at(
            &option,
            format!(
                "what a guard asks for stands on the handler; write `#[protect({option} = …)]` above `{handler}`, and its name alone here"
            ),
        );
    } else {
        return true;
    }
    false
}

/// `get(home)` of `get(home).post(save)`.
fn innermost_call(handler: &Expr) -> Option<&ExprCall> {
    match ungrouped(handler) {
        Expr::MethodCall(call) => innermost_call(&call.receiver),
        Expr::Call(call) => Some(call),
        _ => None,
    }
}

/// What axum's `get(…)` and its like hold.
fn method_router(call: &ExprCall) -> Option<String> {
    let Expr::Path(function) = ungrouped(&call.func) else {
        return None;
    };
    let mut names = function
        .path
        .segments
        .iter()
        .rev()
        .map(|segment| segment.ident.to_string());
    let name = names.next()?;
    let is_lower_case = name.chars().all(char::is_lowercase);
    let of_axum = names.next().is_none_or(|module| module == "routing");
    let mut arguments = call.args.iter();
    let (Some(handler @ Expr::Path(_)), None) = (arguments.next(), arguments.next()) else {
        return None;
    };
    (is_lower_case && of_axum && is_in_any_case(&name))
        .then(|| handler.to_token_stream().to_string().replace(' ', ""))
}

fn is_option(argument: &Expr) -> bool {
    matches!(argument, Expr::Assign(option) if matches!(ungrouped(&option.left), Expr::Path(_)))
}
