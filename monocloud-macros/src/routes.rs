//! `monocloud_routes!`: the library's own routes, and those of the application.

mod cfgs;
mod expand;
mod handler;
mod head;
mod line;
mod method;
mod options;
mod path;
mod path_rules;
mod start;
mod table;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};

use crate::errors::{Errors, Expansion};
use head::Head;
use options::Options;
use table::Table;

/// A router with the library's own routes and those of the application, as an expression.
pub(crate) fn routes(input: TokenStream) -> Expansion {
    let errors = Errors::new();
    let parser = |input: ParseStream<'_>| Ok(Routes::parse(input, &errors));
    let routes = parser.parse2(input).ok().flatten();
    let tokens = routes.map_or_else(TokenStream::new, |routes| expand::expand(&routes));
    (tokens, errors.finish())
}

/// `<AppState> auth, on_error = handler, GET "/" => home`
struct Routes {
    head: Head,
    options: Options,
    table: Table,
}

impl Routes {
    fn parse(input: ParseStream<'_>, errors: &Errors) -> Option<Self> {
        let head = Head::parse(input, errors);
        if head.is_none() {
            // What follows is not worth a report of its own.
            let _ = input.parse::<TokenStream>();
        }
        let head = head?;
        let options = Options::parse(input, errors);
        let table = Table::parse(input, errors);
        Some(Self { head, options, table })
    }
}
