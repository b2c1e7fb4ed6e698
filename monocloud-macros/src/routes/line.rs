//! A line of the table: `#[cfg(…)] public GET | POST "/" => home`.

use proc_macro2::Span;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Expr, Ident, LitStr, Token, Visibility};

use super::cfgs::Cfgs;
use super::method::{self, Method, Methods};
use super::{handler, path};
use crate::errors::Errors;

/// One of them, as far as it was understood.
pub(super) struct Line {
    pub(super) cfgs: Cfgs,
    /// Where it says so.
    pub(super) public: Option<Span>,
    pub(super) methods: Vec<Method>,
    pub(super) path: LitStr,
    /// Unless it is something else, which has been reported.
    pub(super) handler: Option<Expr>,
}

impl Line {
    pub(super) fn parse(input: ParseStream<'_>, errors: &Errors) -> Option<Self> {
        let cfgs = Cfgs::parse(input, errors)?;
        let public = parse_public(input, errors);
        let Methods {
            list: methods,
            public: late,
        } = method::parse(input, errors)?;
        let public = public.or(late);
        let method = methods.first().map_or("GET", |method| method.name);
        let path = path::parse(method, input, errors)?;
        let prefix = if public.is_some() { "public " } else { "" };
        let route = format!("{prefix}{method} {}", path.to_token_stream());
        let handler = handler::parse(&route, input, errors)?;
        Some(Self {
            cfgs,
            public,
            methods,
            path,
            handler: handler::is_one(&handler, &route, errors).then_some(handler),
        })
    }
}

/// `public`, or what was meant to be it.
fn parse_public(input: ParseStream<'_>, errors: &Errors) -> Option<Span> {
    const WRITE: &str =
        "a line that everybody may call begins with `public`; write `public GET \"/\" => home`";
    if input.peek(Token![pub]) {
        let visibility: Visibility = input.parse().ok()?;
        errors.at(visibility, WRITE);
        return Some(Span::call_site());
    }
    let first = parse_word(input)?;
    if first != "public" {
        errors.at(&first, WRITE);
    }
    if let Some(second) = parse_word(input) {
        errors.at(second, "`public` stands on this line twice; keep one of the two");
    }
    Some(first.span())
}

/// `public`, however it is written.
fn parse_word(input: ParseStream<'_>) -> Option<Ident> {
    let is_public = |word: &Ident| word.to_string().eq_ignore_ascii_case("public");
    input.fork().parse().ok().filter(is_public)?;
    input.parse().ok()
}
