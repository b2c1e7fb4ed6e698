//! What stands between names and values.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Token;
use syn::parse::{Parse, ParseStream};

pub(crate) const MISSING_COMMA: &str = "a `,` is missing before this";
pub(crate) const EXTRA_COMMA: &str = "there is a `,` already; remove this one";

/// What stands where a `=` belongs.
pub(crate) enum Equals {
    Written,
    /// What other languages, and Rust in other places, write there: `=>`, `->`, `==`, `:`, `:=`.
    InOtherWords(TokenStream),
    Missing,
}

impl Parse for Equals {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut other = TokenStream::new();
        if input.peek(Token![=>]) {
            input.parse::<Token![=>]>()?.to_tokens(&mut other);
        } else if input.peek(Token![->]) {
            input.parse::<Token![->]>()?.to_tokens(&mut other);
        } else if input.peek(Token![==]) {
            input.parse::<Token![==]>()?.to_tokens(&mut other);
        } else if input.peek(Token![+=]) {
            input.parse::<Token![+=]>()?.to_tokens(&mut other);
        } else if input.peek(Token![:]) && !input.peek(Token![::]) {
            input.parse::<Token![:]>()?.to_tokens(&mut other);
        } else if !input.peek(Token![=]) {
            return Ok(Self::Missing);
        }
        if other.is_empty() {
            input.parse::<Token![=]>()?;
            return Ok(Self::Written);
        }
        // The rest of `:=` and `===`.
        while input.peek(Token![=]) {
            input.parse::<Token![=]>()?.to_tokens(&mut other);
        }
        Ok(Self::InOtherWords(other))
    }
}

/// Goes on after a mistake at the next comma.
pub(crate) fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _ = input.parse::<TokenTree>();
    }
}

#[cfg(test)]
mod tests {
    use syn::parse::Parser;
    use syn::{LitInt, parse_str};

    use super::*;

    #[test]
    fn what_is_written_for_an_equals_sign_is_read_as_one() {
        let parser = |input: ParseStream<'_>| {
            let equals: Equals = input.parse()?;
            let _: LitInt = input.parse()?;
            Ok(match equals {
                Equals::Written => "=".to_owned(),
                Equals::InOtherWords(other) => other.to_string().replace(' ', ""),
                Equals::Missing => String::new(),
            })
        };
        for operator in ["=", "=>", "->", "==", "===", ":", ":=", "+=", ""] {
            let tokens = parse_str(&format!("{operator} 1")).expect("tokens");
            assert_eq!(parser.parse2(tokens).expect(operator), operator);
        }
    }
}
