//! Where a line of the table begins, also where it is written otherwise than it should be.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Token, token};

use super::method;

/// Whether this is no option any more: `public GET "/"`, `#[cfg(…)] GET "/"`, `get("/")`, `"/" => home`.
pub(super) fn is_line(input: ParseStream<'_>) -> bool {
    if input.peek(Token![#]) {
        return true;
    }
    if input.peek(LitStr) {
        return input.peek2(Token![=>]);
    }
    let ahead = input.fork();
    let Ok(word) = ahead.call(Ident::parse_any) else {
        return false;
    };
    if is_assigned(&ahead) {
        return false;
    }
    let word = word.to_string();
    if matches!(word.as_str(), "public" | "pub") || method::is_in_capitals(&word) {
        return true;
    }
    let has_path = ahead
        .parse::<LitStr>()
        .is_ok_and(|path| path.value().starts_with('/'));
    has_path || method::is_in_any_case(&word) && (ahead.peek(token::Paren) || ahead.peek(Token![|]))
}

/// Whether the word before this is an option's: `on_error = …`.
pub(super) fn is_assigned(after: ParseStream<'_>) -> bool {
    after.peek(Token![=]) && !after.peek(Token![=>]) && !after.peek(Token![==])
}
