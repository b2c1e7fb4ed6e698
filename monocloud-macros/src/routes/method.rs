//! The methods of a line: `GET`, `GET | POST`.

use proc_macro2::{Punct, Span, TokenStream};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Token, token};

use super::start;
use crate::code_points;
use crate::errors::Errors;
use crate::suggest::{did_you_mean, list, nearest};

/// As they are written, and what the runtime calls them.
const METHODS: [(&str, &str); 10] = [
    ("GET", "Get"),
    ("HEAD", "Head"),
    ("POST", "Post"),
    ("PUT", "Put"),
    ("PATCH", "Patch"),
    ("DELETE", "Delete"),
    ("OPTIONS", "Options"),
    ("TRACE", "Trace"),
    ("CONNECT", "Connect"),
    ANY,
];

/// Every method that no other line of the path has.
const ANY: (&str, &str) = ("ANY", "Any");

/// What other routers and people call them.
const SYNONYMS: [(&str, &str); 7] = [
    ("all", "ANY"),
    ("del", "DELETE"),
    ("match", "ANY"),
    ("on", "ANY"),
    ("route", "ANY"),
    ("update", "PUT"),
    ("websocket", "GET"),
];

/// What is no route, and where it belongs.
const REFUSED: [(&str, &str); 5] = [
    (
        "fallback",
        "a fallback is no route; write `.fallback(not_found)` on the router",
    ),
    ("layer", "a layer is no route; write `.layer(…)` on the router"),
    (
        "merge",
        "another router is no route; write `.merge(…)` on the router",
    ),
    (
        "nest",
        "another router is no route; write `.nest(…)` on the router",
    ),
    (
        "service",
        "a service is no handler; write `.route_service(…)` on the router, where no guard stands before it",
    ),
];

/// One of them, where it was written.
#[derive(Clone)]
pub(super) struct Method {
    pub(super) name: &'static str,
    variant: &'static str,
    pub(super) at: Span,
}

impl Method {
    fn new((name, variant): (&'static str, &'static str), at: Span) -> Self {
        Self { name, variant, at }
    }

    /// The runtime's name of it.
    pub(super) fn variant(&self) -> Ident {
        format_ident!("{}", self.variant, span = Span::mixed_site())
    }
}

/// Whether it is written as methods are, known or not.
pub(super) fn is_in_capitals(word: &str) -> bool {
    word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase())
}

pub(super) fn is_in_any_case(word: &str) -> bool {
    METHODS.iter().any(|(name, _)| name.eq_ignore_ascii_case(word))
}

/// What stands before the path.
#[derive(Default)]
pub(super) struct Methods {
    pub(super) list: Vec<Method>,
    /// Where `public` stands among them, which has been reported.
    pub(super) public: Option<Span>,
}

/// Reads what stands before the path. Nothing where the rest of the line is not worth reading.
pub(super) fn parse(input: ParseStream<'_>, errors: &Errors) -> Option<Methods> {
    if input.peek(LitStr) {
        let path: LitStr = input.fork().parse().ok()?;
        errors.at(
            &path,
            format!(
                "a method stands before the path; write `GET {}`",
                path.to_token_stream()
            ),
        );
        return Some(Methods::default());
    }
    let mut methods = Methods::default();
    loop {
        match parse_one(input, errors)? {
            Word::Method(method) => {
                check_once(&methods.list, &method, errors);
                methods.list.push(method);
            }
            Word::Public(at) => methods.public = Some(at),
            Word::Unknown => {}
        }
        if !parse_separator(input, errors) {
            return Some(methods);
        }
    }
}

enum Word {
    Method(Method),
    Public(Span),
    Unknown,
}

/// Nothing where it is no line.
fn parse_one(input: ParseStream<'_>, errors: &Errors) -> Option<Word> {
    let Ok(word) = input.call(Ident::parse_any) else {
        errors.at_span(
            input.span(),
            "a line of the table begins with a method; write `GET \"/\" => home`",
        );
        return None;
    };
    let name = word.to_string();
    if let Some((_, reason)) = REFUSED
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(&name))
    {
        errors.at(word, reason);
        return None;
    }
    if start::is_assigned(input) {
        errors.at(
            word,
            format!("options stand before the lines of the table; move `{name} = …` up, behind the client"),
        );
        return None;
    }
    if input.peek(token::Paren) {
        let name = name.to_uppercase();
        errors.at(
            word,
            format!("a line of the table is no call; write `{name} \"/\" => home`"),
        );
        return None;
    }
    Some(find(&word, &name, errors))
}

fn find(word: &Ident, name: &str, errors: &Errors) -> Word {
    let known = |name: &str| {
        let method = METHODS.into_iter().find(|(known, _)| *known == name)?;
        Some(Word::Method(Method::new(method, word.span())))
    };
    if let Some(method) = known(name) {
        return method;
    }
    let upper = name.to_ascii_uppercase();
    if let Some(method) = known(&upper) {
        errors.at(word, format!("methods stand in capitals; write `{upper}`"));
        return method;
    }
    if matches!(name, "public" | "pub") {
        errors.at(
            word,
            "`public` stands before the method; write `public GET \"/\" => home`",
        );
        return Word::Public(word.span());
    }
    let plain = code_points::plain(name);
    let synonym = SYNONYMS
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name));
    let guess = synonym
        .map(|(_, method)| *method)
        .or_else(|| nearest(&plain, METHODS.iter().map(|(name, _)| *name)));
    errors.at(
        word,
        format!(
            "unknown method `{name}`{}{}\nthe router knows {}",
            did_you_mean(guess),
            code_points::remark(name, guess),
            list(METHODS.iter().map(|(name, _)| *name))
        ),
    );
    guess.and_then(known).unwrap_or(Word::Unknown)
}

/// Whether another method follows: after `|`, or after what people write for it.
fn parse_separator(input: ParseStream<'_>, errors: &Errors) -> bool {
    const JOINED: &str = "several methods of one line are joined by `|`; write `GET | POST`";
    if input.peek(Token![|]) && !input.peek(Token![||]) {
        return input.parse::<Token![|]>().is_ok();
    }
    let ahead = input.fork();
    let mut other = TokenStream::new();
    if !ahead.peek(Ident::peek_any) {
        ahead.parse::<Punct>().ok().to_tokens(&mut other);
        ahead.parse::<Token![|]>().ok().to_tokens(&mut other);
    }
    let Ok(word) = ahead.call(Ident::parse_any) else {
        return false;
    };
    // `GET POST "/"`, and not `GET HOME => home`.
    if !is_in_any_case(&word.to_string()) && word != "public" || ahead.peek(Token![=>]) {
        return false;
    }
    if word != "public" {
        let other = if other.is_empty() {
            word.to_token_stream()
        } else {
            other.clone()
        };
        errors.at(other, JOINED);
    }
    while !input.peek(Ident::peek_any) && input.parse::<Punct>().is_ok() {}
    true
}

fn check_once(methods: &[Method], method: &Method, errors: &Errors) {
    let name = method.name;
    let is_any = |method: &Method| method.name == ANY.0;
    if methods.iter().any(|other| other.name == name) {
        errors.at_span(
            method.at,
            format!("`{name}` stands on this line twice; keep one of the two"),
        );
    } else if !methods.is_empty() && (is_any(method) || methods.iter().any(is_any)) {
        errors.at_span(
            method.at,
            "`ANY` is every method; write `ANY` alone, or the methods",
        );
    }
}
