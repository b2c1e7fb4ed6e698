//! What stands between the client and the lines: `on_error = handler, crate = ::path`.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::{ExprPath, Token};

use super::start;
use crate::arguments::{Arguments, Key, Vocabulary};
use crate::errors::Errors;
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

pub(super) struct Options {
    pub(super) runtime: RuntimePath,
    pub(super) on_error: Option<ExprPath>,
}

impl Options {
    /// Reads up to the first line.
    pub(super) fn parse(input: ParseStream<'_>, errors: &Errors) -> Self {
        let is_separated = input.is_empty() || input.parse::<Token![,]>().is_ok();
        if !is_separated {
            errors.at_span(input.span(), MISSING_COMMA);
        }
        let (mut given, ends_in_comma) = up_to_line(input);
        if !is_separated {
            // What follows a mistake is not worth a report of its own.
            given = TokenStream::new();
        } else if !ends_in_comma && !input.is_empty() {
            errors.at_span(input.span(), MISSING_COMMA);
        }
        let mut options = Arguments::parse(given, &OPTIONS, errors);
        let runtime = options.take_path("crate", "the runtime crate");
        Self {
            runtime: RuntimePath::new(runtime.map(|path| path.path), errors),
            on_error: options.take_path("on_error", "an `async fn(Failure) -> impl IntoResponse`"),
        }
    }
}

/// What stands before the first line, and whether nothing is missing between the two.
fn up_to_line(input: ParseStream<'_>) -> (TokenStream, bool) {
    let mut given = TokenStream::new();
    let mut ends_in_comma = true;
    while !start::is_line(input) {
        let Ok(token) = input.parse::<TokenTree>() else {
            break;
        };
        ends_in_comma = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',');
        given.extend([token]);
    }
    (given, ends_in_comma)
}
