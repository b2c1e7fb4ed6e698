//! `#[protect]` and `#[protect_api]`: one description of a policy, two kinds of guard.

mod expand;
mod options;
mod return_url;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use crate::errors::{Errors, Expansion};
use crate::handler_fn::HandlerFn;
use options::Options;

/// What a guard answers with: a page sends the browser to sign in, an API says 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Page,
    Api,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Page => "protect",
            Self::Api => "protect_api",
        }
    }
}

/// Puts a guard before `item`. When there is a mistake, the handler comes back as it was written.
pub(crate) fn protect(kind: Kind, args: TokenStream, item: TokenStream) -> Expansion {
    let errors = Errors::new();
    let options = Options::parse(kind, args, &errors);
    let handler = HandlerFn::parse(&item, kind.name(), &errors);
    let tokens = match &handler {
        Some(handler) if errors.is_empty() => expand::guarded(kind, &options, handler),
        Some(handler) => expand::unguarded(&options, handler),
        None => item,
    };
    (tokens, errors.finish())
}
