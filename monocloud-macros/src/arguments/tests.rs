//! Lists of options, right and wrong.

use quote::quote;

use super::*;

const VOCABULARY: Vocabulary = Vocabulary {
    owner: "#[test]",
    keys: &[
        Key {
            name: "first",
            example: "1",
        },
        Key {
            name: "second",
            example: "true",
        },
    ],
    refused: &[("third", "third is none")],
};

/// The keys that were understood, and the first line of each message.
fn parse(tokens: TokenStream) -> (Vec<String>, Vec<String>) {
    let errors = Errors::new();
    let arguments = Arguments::parse(tokens, &VOCABULARY, &errors);
    let keys = arguments.given.iter().map(|given| given.key.to_string());
    let keys = keys.collect();
    let messages = errors.finish().into_iter().map(|error| {
        let message = error.to_string();
        message.lines().next().unwrap_or_default().to_owned()
    });
    (keys, messages.collect())
}

#[test]
fn keys_and_values() {
    for tokens in [
        quote!(first = 1, second = [2, "3"]),
        quote!(first = f::<A, B>, second = |a, b| a,),
    ] {
        let (keys, messages) = parse(tokens);
        assert_eq!(keys, ["first", "second"]);
        assert!(messages.is_empty(), "{messages:?}");
    }
    assert_eq!(parse(quote!()), (Vec::new(), Vec::new()));
}

#[test]
fn every_mistake_is_found_and_the_rest_is_read() {
    let (keys, messages) = parse(quote!("x", frist(1), third = 3, 7 = 7, first = 1 first = 2,));
    assert_eq!(keys, ["first"]);
    assert_eq!(
        messages,
        [
            "options of `#[test]` have a name; for example `first = 1`",
            "unknown option `frist`; did you mean `first`?",
            "third is none",
            "options of `#[test]` have a name; for example `first = 1`",
            "a `,` is missing before this",
            "`first` is given twice; keep one of the two",
        ]
    );
}

#[test]
fn a_mistake_in_a_value_is_one_mistake() {
    let (_, messages) = parse(quote!(first = , second));
    assert_eq!(
        messages,
        [
            "`first` needs a value; write `first = 1`",
            "`second` needs a value; write `second = true`"
        ]
    );
    let (keys, messages) = parse(quote!(first = @ 3, second = 1 2 3, first: 4));
    assert_eq!(keys, ["first", "second"]);
    assert_eq!(messages.len(), 4, "{messages:?}");
}
