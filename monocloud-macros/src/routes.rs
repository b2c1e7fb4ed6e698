//! `monocloud_routes!`.

#[cfg(test)]
mod tests;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprPath, Ident, PathArguments, Token, Type};

use crate::arguments::{Arguments, Key, Vocabulary};
use crate::errors::{Errors, Expansion};
use crate::punctuation::MISSING_COMMA;
use crate::runtime_path::RuntimePath;

const OPTIONS: Vocabulary = Vocabulary {
    owner: "monocloud_routes!",
    keys: &[
        Key {
            name: "on_error",
            example: "show_error",
        },
        Key {
            name: "crate",
            example: "::my_runtime",
        },
    ],
    synonyms: &[("error_handler", "on_error"), ("on_failure", "on_error")],
    refused: &[],
};

/// The router with the library's own routes, as an expression.
pub(crate) fn routes(input: TokenStream) -> Expansion {
    let errors = Errors::new();
    let parser = |input: ParseStream<'_>| Ok(Routes::parse(input, &errors));
    let routes = parser.parse2(input).ok().flatten();
    let tokens = routes.map_or_else(TokenStream::new, |routes| routes.expand());
    (tokens, errors.finish())
}

struct Routes {
    runtime: RuntimePath,
    state: Option<Type>,
    auth: Expr,
    on_error: Option<ExprPath>,
}

impl Routes {
    /// `<AppState> auth, on_error = handler, crate = ::path`
    fn parse(input: ParseStream<'_>, errors: &Errors) -> Option<Self> {
        let understood = Self::parse_parts(input, errors);
        // What follows a mistake is not worth a report of its own.
        let _ = input.parse::<TokenStream>();
        understood
    }

    fn parse_parts(input: ParseStream<'_>, errors: &Errors) -> Option<Self> {
        let state = match parse_state(input, errors).ok()? {
            Some(state) => {
                check_no_comma(&state, input, errors);
                Some(state)
            }
            None => parse_state_without_brackets(input, errors),
        };
        let auth = parse_auth(input, errors)?;
        let state = state.or_else(|| parse_late_state(input, errors));
        let options = if input.is_empty() {
            TokenStream::new()
        } else if input.parse::<Token![,]>().is_ok() {
            input.parse().unwrap_or_default()
        } else {
            errors.at_span(input.span(), MISSING_COMMA);
            TokenStream::new()
        };
        let mut options = Arguments::parse(options, &OPTIONS, errors);
        let runtime = options.take_path("crate", "the runtime crate");
        Some(Self {
            runtime: RuntimePath::new(runtime.map(|path| path.path), errors),
            state,
            auth,
            on_error: options.take_path("on_error", "an `async fn(Failure) -> impl IntoResponse`"),
        })
    }

    fn expand(&self) -> TokenStream {
        let private = self.runtime.private();
        let auth = &self.auth;
        let state = self.state.as_ref().map(|state| quote!(::<#state>));
        let auth = quote_spanned!(Span::mixed_site().located_at(auth.span())=> &#auth);
        match &self.on_error {
            None => quote_spanned!(Span::mixed_site()=> #private::routes #state(#auth)),
            Some(path) => {
                let at = Span::mixed_site().located_at(path.span());
                let private_at = self.runtime.private_at(at);
                let handler = quote_spanned! {at=>
                    |failure| #private_at::denied(#path(failure))
                };
                quote_spanned! {Span::mixed_site()=>
                    #private::routes_with_on_error #state(#auth, #handler)
                }
            }
        }
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
    if input.peek(Token![,]) && !is_option(input) {
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
    if ahead.is_empty() || is_option(&ahead) {
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

/// Whether these are the options: `, on_error = …`, or nothing any more.
fn is_option(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if ahead.parse::<Token![,]>().is_err() {
        return false;
    }
    ahead.is_empty() || ahead.peek(Ident::peek_any) && ahead.peek2(Token![=])
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
    if input.is_empty() || input.peek(Token![,]) {
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
