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
    synonyms: &[("premier", "first")],
    refused: &[&[("third", "third is none")]],
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

#[test]
fn other_signs_and_names_are_read_for_what_they_mean() {
    for (tokens, message) in [
        (
            quote!(first => 1),
            "`first` is followed by `=`; write `first = 1`",
        ),
        (quote!(first: 1), "`first` is followed by `=`; write `first = 1`"),
        (
            quote!(premier = 1),
            "`premier` is called `first` here; write `first = 1`",
        ),
        (
            quote!(First = 1),
            "`First` is called `first` here; write `first = 1`",
        ),
        (quote!(firts: 1), "unknown option `firts`; did you mean `first`?"),
    ] {
        let (keys, messages) = parse(tokens);
        assert_eq!(keys, ["first"]);
        assert_eq!(messages, [message]);
    }
    // The one that was written right counts.
    let (keys, messages) = parse(quote!(firts = 2, first = 1));
    assert_eq!(keys, ["first"]);
    assert_eq!(messages.len(), 1, "{messages:?}");
}

#[test]
fn a_list_with_mistakes_gives_the_rest() {
    let (keys, messages) = parse(quote!(second = [1 2, @, 3 4 @ 5], first = 1));
    assert_eq!(keys, ["second", "first"]);
    assert_eq!(
        messages,
        [
            "a `,` is missing before this",
            "expected an expression",
            "a `,` is missing before this",
            "a `,` is missing before this",
        ]
    );
}
