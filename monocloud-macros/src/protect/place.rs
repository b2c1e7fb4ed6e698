//! Where a guard may stand: on a free function that axum takes for a handler.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, PathArguments, Safety, Type};

use crate::errors::Errors;
use crate::handler_fn::{HandlerFn, MARKER_PREFIX};

/// axum takes 16 extractors, and the guard is one of them.
const MOST_ARGUMENTS: usize = 15;

/// Reports whatever keeps `guard` from standing on this handler.
pub(super) fn check(handler: &HandlerFn, guard: &str, errors: &Errors) {
    check_only_guard(handler, guard, errors);
    check_free(handler, guard, errors);
    check_qualifiers(handler, guard, errors);
    check_number_of_arguments(handler, errors);
    check_returns_future(handler, errors);
    check_body(handler, guard, errors);
}

/// Whether other items can stand beside it, as far as can be seen: not so in `impl` and `trait`.
pub(super) fn is_free(handler: &HandlerFn) -> bool {
    let signature = &handler.signature;
    signature.receiver().is_none() && !names_self(signature.to_token_stream())
}

/// Says what `item` is instead of a handler, or what is wrong with its signature.
pub(super) fn explain(item: &TokenStream, guard: &str, error: syn::Error) -> syn::Error {
    const ITEMS: [&str; 10] = [
        "struct", "enum", "union", "trait", "impl", "mod", "use", "static", "type", "const",
    ];
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
    let message =
        |what: &str| format!("`#[{guard}]` stands on a handler, `async fn name(…) {{ … }}`, not on {what}");
    match kind {
        Some(kind) if kind == "impl" || kind == "mod" => syn::Error::new(
            kind.span(),
            message(&format!("a whole `{kind}`; put it on each handler")),
        ),
        Some(kind) => syn::Error::new(kind.span(), message(&format!("a `{kind}`"))),
        None => syn::Error::new(error.span(), message("this")),
    }
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

/// Guards stand on free functions: what they expand to has no place in an `impl` block.
fn check_free(handler: &HandlerFn, guard: &str, errors: &Errors) {
    let message = format!(
        "`#[{guard}]` stands on a free function; move this one out of the `impl` block and take what it needs as arguments, for example `State(state): State<AppState>`"
    );
    if let Some(receiver) = handler.signature.receiver() {
        errors.at(receiver, message);
    } else if !is_free(handler) {
        errors.at(&handler.signature.ident, message);
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
    if !handler.has_body() {
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
