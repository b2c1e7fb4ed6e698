//! A handler as it was written. Only what stands before its body is read.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, FnArg, ReturnType, Safety, Signature, Type, Visibility};

/// What a marker's name begins with; the handler's name follows.
pub(crate) const MARKER_PREFIX: &str = "__Policy_";

/// A function: attributes, visibility, signature, and the body as raw tokens.
pub(crate) struct HandlerFn {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    body: TokenStream,
}

impl HandlerFn {
    /// Fails when `item` is not a function.
    pub(crate) fn parse(item: &TokenStream) -> syn::Result<Self> {
        let parser = |input: ParseStream<'_>| {
            Ok(Self {
                attributes: input.call(Attribute::parse_outer)?,
                visibility: input.parse()?,
                signature: input.parse()?,
                body: TokenStream::parse(input)?,
            })
        };
        parser.parse2(item.clone())
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

    /// In a trait a function can end with a semicolon.
    pub(crate) fn has_body(&self) -> bool {
        matches!(self.body.clone().into_iter().next(), Some(TokenTree::Group(_)))
    }

    /// Not `async`, and what it returns is nothing or a response: whatever the body does, this
    /// returns no future. What cannot be told by its name is left to the compiler.
    pub(crate) fn lacks_async(&self) -> bool {
        self.signature.asyncness.is_none()
            && match &self.signature.output {
                ReturnType::Default => true,
                ReturnType::Type(_, returned) => is_response(returned),
            }
    }

    /// Returns nothing, or a `Result` with nothing in it.
    pub(crate) fn answers_nothing(&self) -> bool {
        match &self.signature.output {
            ReturnType::Default => true,
            ReturnType::Type(_, returned) => {
                let returned = returned.to_token_stream().to_string().replace(' ', "");
                returned == "()" || returned.contains("Result<()")
            }
        }
    }

    /// The handler as it was written.
    pub(crate) fn as_written(&self) -> TokenStream {
        self.with_signature(&self.signature, &self.body)
    }

    /// `main` for when that is the mistake. An asynchronous one without the attribute of a runtime is
    /// another, which is left for the next build.
    pub(crate) fn as_main(&self) -> TokenStream {
        let written = self.as_written();
        if self.signature.asyncness.is_none() || !self.attributes.is_empty() {
            return written;
        }
        let name = &self.signature.ident;
        quote_spanned!(Span::mixed_site()=> fn #name() { #written let _ = #name; })
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
        if self.lacks_async() {
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
