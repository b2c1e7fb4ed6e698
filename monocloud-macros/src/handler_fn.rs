//! A handler as it was written. Only what stands before its body is read.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, FnArg, PathArguments, ReturnType, Safety, Signature, Type, Visibility};

use crate::errors::Errors;

/// What a marker's name begins with; the handler's name follows.
pub(crate) const MARKER_PREFIX: &str = "__Policy_";

/// axum takes 16 extractors, and the guard is one of them.
const MOST_ARGUMENTS: usize = 15;

/// A free function: attributes, visibility, signature, and the body as raw tokens.
pub(crate) struct HandlerFn {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    body: TokenStream,
}

impl HandlerFn {
    /// Reads `item` and checks that `guard` can stand on it. `None` when it is not a function.
    pub(crate) fn parse(item: &TokenStream, guard: &str, errors: &Errors) -> Option<Self> {
        match Self::parse_tokens.parse2(item.clone()) {
            Ok(handler) => {
                handler.check(guard, errors);
                Some(handler)
            }
            Err(error) => {
                errors.push(explain(item, guard, error));
                None
            }
        }
    }

    fn parse_tokens(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: TokenStream::parse(input)?,
        })
    }

    /// The handler's name without `r#`.
    pub(crate) fn name(&self) -> String {
        self.signature.ident.unraw().to_string()
    }

    /// `#[cfg]`s, which have to stand on everything that belongs to the handler.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("cfg"))
    }

    /// How many arguments the user wrote.
    pub(crate) fn arguments(&self) -> usize {
        self.signature.inputs.len()
    }

    /// Whether other items can stand beside it, as far as can be seen: not so in `impl` and `trait`.
    pub(crate) fn is_free(&self) -> bool {
        self.signature.receiver().is_none() && !names_self(self.signature.to_token_stream())
    }

    /// The handler with one more argument before its own.
    pub(crate) fn with_first_argument(&self, argument: &TokenStream) -> TokenStream {
        let mut signature = self.signature.clone();
        signature
            .inputs
            .insert(0, FnArg::Typed(syn::parse_quote!(#argument)));
        self.with_signature(&signature, &self.body)
    }

    /// The handler for when a mistake was found: as it was written, so that an editor keeps
    /// working. What cannot be a handler at all is made one, so that the routes that use it do not
    /// report a mistake of their own.
    pub(crate) fn recovered(&self) -> TokenStream {
        let mut signature = self.signature.clone();
        if lacks_async(&signature) {
            signature.asyncness = Some(syn::parse_quote!(async));
        }
        if signature.asyncness.is_some() {
            signature.constness = None;
        }
        signature.abi = None;
        signature.variadic = None;
        let is_unsafe = matches!(signature.safety, Safety::Unsafe(_));
        signature.safety = Safety::Default;
        let mut handler = self.with_signature(&signature, &self.body);
        if is_unsafe {
            let body = &self.body;
            let body = quote_spanned!(Span::mixed_site()=> { unsafe #body });
            handler = self.with_signature(&signature, &body);
        }
        handler
    }

    fn with_signature(&self, signature: &Signature, body: &TokenStream) -> TokenStream {
        let Self {
            attributes,
            visibility,
            ..
        } = self;
        quote!(#(#attributes)* #visibility #signature #body)
    }

    // One rule each.

    fn check(&self, guard: &str, errors: &Errors) {
        self.check_only_guard(guard, errors);
        self.check_free(guard, errors);
        self.check_qualifiers(guard, errors);
        self.check_number_of_arguments(errors);
        self.check_returns_future(errors);
        self.check_body(guard, errors);
    }

    /// A handler has one guard. The other one stays where it is and guards.
    fn check_only_guard(&self, guard: &str, errors: &Errors) {
        for attribute in &self.attributes {
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
        if self.signature.inputs.first().is_some_and(is_guard_argument) {
            errors.at_span(
                Span::call_site().resolved_at(self.signature.ident.span()),
                "a handler has one guard, and another one stands above; remove one of the two",
            );
        }
    }

    /// Guards stand on free functions: what they expand to has no place in an `impl` block.
    fn check_free(&self, guard: &str, errors: &Errors) {
        let message = format!(
            "`#[{guard}]` stands on a free function; move this one out of the `impl` block and take what it needs as arguments, for example `State(state): State<AppState>`"
        );
        if let Some(receiver) = self.signature.receiver() {
            errors.at(receiver, message);
        } else if !self.is_free() {
            errors.at(&self.signature.ident, message);
        }
    }

    /// axum calls handlers as plain safe Rust functions.
    fn check_qualifiers(&self, guard: &str, errors: &Errors) {
        let name = &self.signature.ident;
        let refuse = |tokens: &dyn ToTokens, what: &str| {
            errors.at(
                tokens,
                format!("a handler under `#[{guard}]` cannot be {what}; write `async fn {name}(…)`"),
            );
        };
        if let Some(constness) = &self.signature.constness {
            refuse(constness, "`const`");
        }
        if let Safety::Unsafe(unsafety) = &self.signature.safety {
            refuse(unsafety, "`unsafe`");
        }
        if let Some(abi) = &self.signature.abi {
            refuse(abi, "`extern`");
        }
        if let Some(variadic) = &self.signature.variadic {
            refuse(variadic, "variadic");
        }
    }

    fn check_number_of_arguments(&self, errors: &Errors) {
        if let Some(first_too_many) = self.signature.inputs.iter().nth(MOST_ARGUMENTS) {
            errors.at(
                first_too_many,
                format!(
                    "a guarded handler takes at most {MOST_ARGUMENTS} arguments (axum's 16 less the guard), this one has {}; take several as one tuple, `(a, b): (A, B)`",
                    self.arguments()
                ),
            );
        }
    }

    fn check_returns_future(&self, errors: &Errors) {
        if lacks_async(&self.signature) {
            let name = &self.signature.ident;
            errors.at(
                self.signature.fn_token,
                format!("a handler is asynchronous; write `async fn {name}`"),
            );
        }
    }

    fn check_body(&self, guard: &str, errors: &Errors) {
        if matches!(self.body.clone().into_iter().next(), Some(TokenTree::Group(_))) {
            return;
        }
        errors.at(
            &self.signature.ident,
            format!("`#[{guard}]` stands on a function with a body"),
        );
    }
}

/// Not `async`, and what it returns is nothing or a response: whatever the body does, this returns no
/// future. What cannot be told by its name is left to the compiler.
fn lacks_async(signature: &Signature) -> bool {
    signature.asyncness.is_none()
        && match &signature.output {
            ReturnType::Default => true,
            ReturnType::Type(_, returned) => is_response(returned),
        }
}

fn is_response(returned: &Type) -> bool {
    const RESPONSES: [&str; 9] = [
        "Bytes",
        "Html",
        "Json",
        "Option",
        "Redirect",
        "Response",
        "Result",
        "StatusCode",
        "String",
    ];
    match returned {
        Type::Reference(_) | Type::Tuple(_) => true,
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| RESPONSES.iter().any(|name| last.ident == name)),
        _ => false,
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

/// Says what `item` is instead of a handler, or what is wrong with its signature.
fn explain(item: &TokenStream, guard: &str, error: syn::Error) -> syn::Error {
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
