//! Where a guard may stand: on a free function that axum takes for a handler.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, PathArguments, Safety, Type};

use crate::errors::Errors;
use crate::handler_fn::{HandlerFn, MARKER_PREFIX};
use crate::surroundings::block_around;

/// axum takes 16 extractors, and the guard is one of them.
const MOST_ARGUMENTS: usize = 15;

/// Reports whatever keeps `guard` from standing on this handler.
pub(super) fn check(handler: &HandlerFn, guard: &str, errors: &Errors) {
    if is_main(handler) {
        errors.at(
            &handler.signature.ident,
            format!(
                "`main` starts the program and is no handler; put `#[{guard}]` on the functions that the router calls, as in `.route(\"/\", get(home))`"
            ),
        );
        return;
    }
    check_only_guard(handler, guard, errors);
    check_free(handler, guard, errors);
    check_qualifiers(handler, guard, errors);
    check_number_of_arguments(handler, errors);
    check_returns_future(handler, errors);
    check_body(handler, guard, errors);
}

/// Whether this starts the program: the attribute of an asynchronous runtime says so, or that nothing
/// is answered. Elsewhere than in the crate root a handler can have the name.
pub(super) fn is_main(handler: &HandlerFn) -> bool {
    let starts_runtime = handler.attributes.iter().any(|attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|last| last.ident == "main")
    });
    let answers_nothing = handler.arguments() == 0 && handler.answers_nothing();
    handler.name() == "main" && (starts_runtime || handler.lacks_async() || answers_nothing)
}

/// Whether other items can stand beside it, as far as can be seen: not so in `impl` and `trait`.
pub(super) fn is_free(handler: &HandlerFn) -> bool {
    let signature = &handler.signature;
    // What `#[async_trait]` leaves.
    let is_of_async_trait = signature
        .generics
        .lifetimes()
        .any(|parameter| parameter.lifetime.ident == "async_trait");
    signature.receiver().is_none()
        && !is_of_async_trait
        && !names_self(signature.to_token_stream())
        && block_around(Span::call_site()).is_none()
}

/// Says what `item` is instead of a handler, or what is wrong with its signature.
pub(super) fn explain(item: &TokenStream, guard: &str, error: syn::Error) -> syn::Error {
    const ITEMS: [&str; 12] = [
        "struct", "enum", "union", "trait", "impl", "mod", "use", "static", "type", "const", "extern", "let",
    ];
    let message =
        |what: &str| format!("`#[{guard}]` stands on a handler, `async fn name(…) {{ … }}`, not on {what}");
    if let Some(closure) = closure(item) {
        return syn::Error::new(
            closure.begins,
            message("a closure; write a function with a name, and put the guard on it"),
        );
    }
    let words = item.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    });
    let mut kind = None;
    for word in words {
        if word == "fn" {
            return error;
        }
        if kind.is_none() && ITEMS.iter().any(|item| word == item) {
            kind = Some(word);
        }
    }
    match kind {
        Some(kind) if kind == "impl" || kind == "mod" || kind == "trait" => syn::Error::new(
            kind.span(),
            message(&format!("a whole `{kind}`; put it on each handler")),
        ),
        Some(kind) => syn::Error::new(kind.span(), message(&format!("a `{kind}`"))),
        None => syn::Error::new(error.span(), message("this")),
    }
}

/// A closure that a guard was put on.
pub(super) struct Closure {
    begins: Span,
    /// Without `let` before it.
    pub(super) is_bare: bool,
}

/// The closure that `item` is, or that it gives a name with `let`.
pub(super) fn closure(item: &TokenStream) -> Option<Closure> {
    let mut tokens = item.clone().into_iter().peekable();
    while matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#') {
        tokens.nth(1); // an attribute
    }
    let is_bare = !matches!(tokens.peek(), Some(TokenTree::Ident(word)) if word == "let");
    if !is_bare {
        tokens.find(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '='));
    }
    let begins = tokens.peek()?.span();
    let bar = tokens.find(|token| {
        !matches!(token, TokenTree::Ident(word) if word == "async" || word == "move" || word == "static")
    });
    let is_closure = matches!(bar, Some(TokenTree::Punct(punct)) if punct.as_char() == '|');
    is_closure.then_some(Closure { begins, is_bare })
}

// One rule each.

/// A handler has one guard. The other one stays where it is and guards.
fn check_only_guard(handler: &HandlerFn, guard: &str, errors: &Errors) {
    for attribute in &handler.attributes {
        let Some(last) = attribute.path().segments.last() else {
            continue;
        };
        let other = last.ident.to_string();
        if matches!(other.as_str(), "protect" | "protect_api") {
            errors.at(
                attribute,
                format!(
                    "a handler has one guard, and `#[{guard}]` stands on this one already; remove `#[{other}]`, or put its options into the first"
                ),
            );
        }
    }
    // A guard under another name above this one has put its argument there already.
    if handler.signature.inputs.first().is_some_and(is_guard_argument) {
        errors.at_span(
            Span::call_site().resolved_at(handler.signature.ident.span()),
            "a handler has one guard, and another one stands above; remove one of the two",
        );
    }
}

/// Guards stand on free functions: what they expand to has no place in an `impl` block or a trait.
fn check_free(handler: &HandlerFn, guard: &str, errors: &Errors) {
    if is_free(handler) {
        return;
    }
    let signature = &handler.signature;
    let block = block_around(Span::call_site()).map_or("`impl` or `trait`".to_owned(), |block| {
        format!("`{}`", block.name())
    });
    let message = format!(
        "`#[{guard}]` stands on a free function; move this one out of its {block} and let it take what it needs as arguments, for example `State(state): State<AppState>`"
    );
    match signature.receiver() {
        Some(receiver) => errors.at(receiver, message),
        None => errors.at(&signature.ident, message),
    }
}

/// axum calls handlers as plain safe Rust functions.
fn check_qualifiers(handler: &HandlerFn, guard: &str, errors: &Errors) {
    let signature = &handler.signature;
    let name = &signature.ident;
    let refuse = |tokens: &dyn ToTokens, what: &str| {
        errors.at(
            tokens,
            format!("a handler under `#[{guard}]` cannot be {what}; write `async fn {name}(…)`"),
        );
    };
    if let Some(constness) = &signature.constness {
        refuse(constness, "`const`");
    }
    if let Safety::Unsafe(unsafety) = &signature.safety {
        refuse(unsafety, "`unsafe`");
    }
    if let Some(abi) = &signature.abi {
        refuse(abi, "`extern`");
    }
    if let Some(variadic) = &signature.variadic {
        refuse(variadic, "variadic");
    }
}

fn check_number_of_arguments(handler: &HandlerFn, errors: &Errors) {
    if let Some(first_too_many) = handler.signature.inputs.iter().nth(MOST_ARGUMENTS) {
        errors.at(
            first_too_many,
            format!(
                "a guarded handler takes at most {MOST_ARGUMENTS} arguments (axum's 16 less the guard), this one has {}; take several as one tuple, `(a, b): (A, B)`",
                handler.arguments()
            ),
        );
    }
}

fn check_returns_future(handler: &HandlerFn, errors: &Errors) {
    if handler.lacks_async() {
        let name = &handler.signature.ident;
        errors.at(
            handler.signature.fn_token,
            format!("a handler is asynchronous; write `async fn {name}`"),
        );
    }
}

fn check_body(handler: &HandlerFn, guard: &str, errors: &Errors) {
    // In a trait that is the lesser mistake.
    if !handler.has_body() && is_free(handler) {
        errors.at(
            &handler.signature.ident,
            format!("`#[{guard}]` stands on a function with a body"),
        );
    }
}

/// Whether `Self` stands anywhere in `tokens`.
fn names_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "Self",
        TokenTree::Group(group) => names_self(group.stream()),
        _ => false,
    })
}

/// Whether an argument is the one that a guard puts first: `_: …::Guard<__Policy_…>`.
fn is_guard_argument(argument: &FnArg) -> bool {
    let FnArg::Typed(argument) = argument else {
        return false;
    };
    let Type::Path(path) = &*argument.ty else {
        return false;
    };
    path.path.segments.last().is_some_and(|last| {
        let PathArguments::AngleBracketed(arguments) = &last.arguments else {
            return false;
        };
        last.ident == "Guard"
            && arguments
                .args
                .to_token_stream()
                .to_string()
                .starts_with(MARKER_PREFIX)
    })
}
