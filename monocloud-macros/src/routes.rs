//! `monocloud_routes!`.

#[cfg(test)]
mod tests;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprPath, Token, Type};

use crate::arguments::{Arguments, Key, MISSING_COMMA, Vocabulary};
use crate::errors::{Errors, Expansion};
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
        let state = parse_state(input, errors).ok()?;
        let auth = parse_auth(input, errors)?;
        check_state_is_first(input, errors)?;
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
            on_error: options.take_path(
                "on_error",
                "an `async fn(Error, http::request::Parts) -> impl IntoResponse`",
            ),
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
                    |error, request| #private_at::denied(#path(error, request))
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

/// The `MonoCloud` that was built.
fn parse_auth(input: ParseStream<'_>, errors: &Errors) -> Option<Expr> {
    const MISSING: &str = "the routes need the `MonoCloud` that was built; write `monocloud_routes!(auth)`, with `let auth = MonoCloud::from_env()?;` before";
    if input.is_empty() || input.peek(Token![,]) {
        errors.at_span(input.span(), MISSING);
        return None;
    }
    match input.parse() {
        Ok(Expr::Assign(assignment)) => {
            errors.at(assignment.left, MISSING);
            None
        }
        Ok(auth) => Some(auth),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

/// `monocloud_routes!(auth, AppState)` has all its parts, in the wrong order.
fn check_state_is_first(input: ParseStream<'_>, errors: &Errors) -> Option<()> {
    let ahead = input.fork();
    let state = ahead.parse::<Token![,]>().and_then(|_| ahead.parse::<Type>());
    let (Ok(state @ Type::Path(_)), true) = (state, ahead.is_empty() || ahead.peek(Token![,])) else {
        return Some(());
    };
    let written = state.to_token_stream().to_string().replace(' ', "");
    if written.starts_with(char::is_lowercase) {
        return Some(());
    }
    errors.at(
        state,
        format!("the type of the router's state stands first; write `monocloud_routes!(<{written}> auth)`"),
    );
    None
}
