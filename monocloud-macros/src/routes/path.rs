//! The path of a line, which the router must take when the program starts.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Lit, LitStr, Token};

use super::path_rules::{Wrong, wrong};
use crate::errors::Errors;

/// The paths of the library's routes, where the settings name no others.
const OWN: [(&str, &str); 6] = [
    ("/api/auth/callback", "callback"),
    ("/api/auth/signin", "sign-in"),
    ("/api/auth/signout", "sign-out"),
    ("/api/auth/userinfo", "userinfo"),
    ("/api/auth/backchannel-logout", "back-channel logout"),
    ("/api/auth/frontchannel-logout", "front-channel logout"),
];

/// Reads the path and reports what is wrong with it. Nothing where the rest of the line is not worth reading.
pub(super) fn parse(method: &str, input: ParseStream<'_>, errors: &Errors) -> Option<LitStr> {
    if let Ok(path) = input.fork().parse::<LitStr>() {
        let _ = input.parse::<LitStr>();
        check(&path, errors);
        return Some(path);
    }
    if input.is_empty() || input.peek(Token![,]) || input.peek(Token![=>]) {
        errors.at_span(
            input.span(),
            format!("a path stands behind the method; write `{method} \"/\" => home`"),
        );
        return None;
    }
    if let Ok(literal) = input.fork().parse::<Lit>() {
        errors.at(
            literal,
            format!("a path is a string literal; write `{method} \"/\"`"),
        );
        return None;
    }
    let is_bare = input.peek(Token![/]);
    let mut written = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![=>]) && !input.peek(Token![,]) {
        input.parse::<TokenTree>().ok().to_tokens(&mut written);
    }
    if is_bare {
        let path = written.to_string().replace(' ', "");
        errors.at(
            written,
            format!("a path stands in quotes; write `{method} \"{path}\"`"),
        );
    } else {
        errors.at(
            written,
            format!(
                "a path is a string literal, so that it is checked when the program is compiled; write `{method} \"/\"`"
            ),
        );
    }
    None
}

fn check(path: &LitStr, errors: &Errors) {
    let value = path.value();
    if let Some((_, route)) = OWN.iter().find(|(own, _)| *own == value) {
        errors.at(
            path,
            format!("`{value}` is the {route} of the library, which is mounted by itself; remove this line"),
        );
    } else if let Some(Wrong { what, write }) = wrong(&value) {
        errors.at(path, format!("{what}; {write}"));
    }
}
