//! What stands first: `<AppState> auth`.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::{Expr, Ident, PathArguments, Token, Type};

use super::start;
use crate::errors::Errors;

/// The router's state, where it is said, and the client.
pub(super) struct Head {
    pub(super) state: Option<Type>,
    pub(super) auth: Expr,
}

impl Head {
    pub(super) fn parse(input: ParseStream<'_>, errors: &Errors) -> Option<Self> {
        let state = match parse_state(input, errors).ok()? {
            Some(state) => {
                check_no_comma(&state, input, errors);
                Some(state)
            }
            None => parse_state_without_brackets(input, errors),
        };
        let auth = parse_auth(input, errors)?;
        let state = state.or_else(|| parse_late_state(input, errors));
        Some(Self { state, auth })
    }
}

/// `<AppState>`, if it is there.
fn parse_state(input: ParseStream<'_>, errors: &Errors) -> Result<Option<Type>, ()> {
    let parse = |input: ParseStream<'_>| -> syn::Result<Type> {
        input.parse::<Token![<]>()?;
        let state = input.parse()?;
        input.parse::<Token![>]>()?;
        Ok(state)
    };
    if !input.peek(Token![<]) {
        return Ok(None);
    }
    parse(input).map(Some).map_err(|error| {
        errors.at_span(
            error.span(),
            "between `<` and `>` stands the type of the router's state; write `monocloud_routes!(<AppState> auth)`",
        );
    })
}

/// `<AppState>, auth`: the client follows without a comma.
fn check_no_comma(state: &Type, input: ParseStream<'_>, errors: &Errors) {
    if input.peek(Token![,]) && !follows_client(input) {
        let comma = input.parse::<Token![,]>().ok();
        errors.at(
            comma,
            format!(
                "no `,` stands between the router's state and the client; write `monocloud_routes!(<{}> auth)`",
                spelled(state)
            ),
        );
    }
}

/// `AppState, auth` and `AppState auth`: a type, and then something else than options.
fn parse_state_without_brackets(input: ParseStream<'_>, errors: &Errors) -> Option<Type> {
    let ahead = input.fork();
    let state = ahead.parse().ok().filter(is_type_name)?;
    if ahead.is_empty() || follows_client(&ahead) {
        return None;
    }
    if ahead.parse::<Token![,]>().is_err() && !ahead.peek(Ident::peek_any) && !ahead.peek(Token![&]) {
        return None;
    }
    input.advance_to(&ahead);
    report_state(&state, errors);
    Some(state)
}

/// `auth, AppState` and `auth, <AppState>`: all parts, in the wrong order.
fn parse_late_state(input: ParseStream<'_>, errors: &Errors) -> Option<Type> {
    let ahead = input.fork();
    ahead.parse::<Token![,]>().ok()?;
    let in_brackets = ahead.parse::<Option<Token![<]>>().ok()?.is_some();
    let state: Type = ahead.parse().ok()?;
    if in_brackets {
        ahead.parse::<Token![>]>().ok()?;
    } else if !is_type_name(&state) {
        return None;
    }
    if !ahead.is_empty() && !ahead.peek(Token![,]) {
        return None;
    }
    input.advance_to(&ahead);
    report_state(&state, errors);
    Some(state)
}

fn report_state(state: &Type, errors: &Errors) {
    errors.at(
        state,
        format!(
            "the type of the router's state stands first, in `<` and `>`; write `monocloud_routes!(<{}> auth)`",
            spelled(state)
        ),
    );
}

/// Whether these are options or lines: `, on_error = …`, `, GET "/" => home`, or nothing any more.
fn follows_client(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if ahead.parse::<Token![,]>().is_err() {
        return false;
    }
    ahead.is_empty() || start::is_line(&ahead) || ahead.peek(Ident::peek_any) && ahead.peek2(Token![=])
}

/// Whether it is written as types are: `AppState`, `Arc<AppState>`, and not `auth`, `AUTH` or
/// `Client(auth)`.
fn is_type_name(state: &Type) -> bool {
    let Type::Path(path) = state else {
        return false;
    };
    path.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        name.starts_with(char::is_uppercase)
            && name.contains(char::is_lowercase)
            && !matches!(last.arguments, PathArguments::Parenthesized(_))
    })
}

fn spelled(state: &Type) -> String {
    state.to_token_stream().to_string().replace(' ', "")
}

/// The `MonoCloud` that was built.
fn parse_auth(input: ParseStream<'_>, errors: &Errors) -> Option<Expr> {
    const MISSING: &str = "the routes need the `MonoCloud` that was built; write `monocloud_routes!(auth)`, with `let auth = MonoCloud::from_env()?;` before";
    if input.is_empty() || input.peek(Token![,]) || start::is_line(input) {
        errors.at_span(input.span(), MISSING);
        return None;
    }
    let state = input.fork().parse().ok().filter(is_type_name);
    match input.parse() {
        Ok(Expr::Assign(assignment)) => errors.at(assignment.left, MISSING),
        Ok(name @ Expr::Path(_)) if state.is_some() => errors.at(name, MISSING),
        Ok(auth) => return Some(auth),
        Err(error) => errors.at_span(
            error.span(),
            format!("{error}; write `monocloud_routes!(auth)`, or `monocloud_routes!(<AppState> auth)`"),
        ),
    }
    None
}
