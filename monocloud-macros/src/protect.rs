//! `#[protect]` and `#[protect_api]`: one description of a policy, two kinds of guard.

mod accept;
mod auth_params;
mod auth_params_rules;
mod expand;
mod groups_from;
mod groups_option;
mod kind;
mod options;
mod place;
mod report;
mod return_url;
mod step_up;
#[cfg(test)]
mod tests;
mod vocabulary;
mod words;

use proc_macro2::TokenStream;

use crate::errors::{Errors, Expansion};
use crate::handler_fn::HandlerFn;
pub(crate) use kind::Kind;
use options::Options;

/// Whether `item` is a closure, which is an expression and has to stay one.
pub(crate) fn is_expression(item: &TokenStream) -> bool {
    place::closure(item).is_some_and(|closure| closure.is_bare)
}

/// Puts a guard before `item`. When there is a mistake, the handler comes back as it was written.
pub(crate) fn protect(kind: Kind, args: TokenStream, item: TokenStream) -> Expansion {
    let errors = Errors::new();
    let options = Options::parse(kind, args, &errors);
    let tokens = match HandlerFn::parse(&item) {
        Ok(handler) => {
            place::check(&handler, kind.name(), &errors);
            if errors.is_empty() {
                expand::guarded(kind, &options, &handler)
            } else {
                expand::unguarded(&options, &handler)
            }
        }
        Err(error) => {
            errors.push(place::explain(&item, kind.name(), error));
            item
        }
    };
    (tokens, errors.finish())
}
