//! Collects what is wrong, so that one build shows every mistake.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

/// What a macro gives back: the tokens, and the mistakes found on the way.
pub(crate) type Expansion = (TokenStream, Vec<syn::Error>);

/// Mistakes, each at the tokens at fault.
///
/// Must be read with [`Errors::finish`]. A collector that is dropped unread panics: a mistake that
/// nobody reports would be a guard that silently does something else than what was written.
#[derive(Debug)]
pub(crate) struct Errors {
    found: RefCell<Option<Vec<syn::Error>>>,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self {
            found: RefCell::new(Some(Vec::new())),
        }
    }

    /// Adds a mistake that spans `tokens`.
    pub(crate) fn at(&self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds a mistake at one place.
    pub(crate) fn at_span(&self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Adds a mistake that a parser found.
    pub(crate) fn push(&self, error: syn::Error) {
        if let Some(found) = self.found.borrow_mut().as_mut() {
            found.push(error);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.borrow().as_ref().is_none_or(Vec::is_empty)
    }

    /// Hands out what was found, in the order in which it was found.
    pub(crate) fn finish(self) -> Vec<syn::Error> {
        self.found.take().unwrap_or_default()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        assert!(
            self.found.borrow().is_none() || std::thread::panicking(),
            "errors were collected and never read"
        );
    }
}

/// An expansion as items: the user's first, and then the mistakes.
pub(crate) fn as_items((mut tokens, errors): Expansion) -> TokenStream {
    tokens.extend(compile_errors(&errors));
    tokens
}

/// An expansion as one expression: mistakes first, then what was understood.
pub(crate) fn as_expression((tokens, errors): Expansion) -> TokenStream {
    if errors.is_empty() {
        return tokens;
    }
    let errors = compile_errors(&errors);
    quote!({ #errors #tokens })
}

/// The tokens that make the compiler report each of `errors`.
fn compile_errors(errors: &[syn::Error]) -> TokenStream {
    errors.iter().map(syn::Error::to_compile_error).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_error_in_order() {
        let errors = Errors::new();
        assert!(errors.is_empty());
        errors.at_span(Span::call_site(), "first");
        errors.at_span(Span::call_site(), "second");
        assert!(!errors.is_empty());
        let messages: Vec<String> = errors.finish().iter().map(ToString::to_string).collect();
        assert_eq!(messages, ["first", "second"]);
    }

    #[test]
    #[should_panic(expected = "never read")]
    fn panics_when_dropped_unread() {
        drop(Errors::new());
    }
}
