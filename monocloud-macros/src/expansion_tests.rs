//! How the tests of the macros read an expansion.

use expect_test::Expect;

use crate::errors::Expansion;

/// Checks that an expansion has no mistakes and reads as expected.
pub(crate) fn expands_to(expansion: &Expansion, expected: &Expect) {
    let (tokens, errors) = expansion;
    assert!(errors.is_empty(), "{}", list(errors));
    expected.assert_eq(&pretty(tokens));
}

/// Checks that an expansion has exactly these mistakes. Gives what is emitted beside them.
pub(crate) fn is_refused(expansion: &Expansion, expected: &Expect) -> String {
    let (tokens, errors) = expansion;
    assert!(!errors.is_empty(), "nothing was refused");
    expected.assert_eq(&list(errors));
    pretty(tokens)
}

fn list(errors: &[syn::Error]) -> String {
    let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
    messages.join("\n") + "\n"
}

fn pretty(tokens: &proc_macro2::TokenStream) -> String {
    let file = syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{error}\n{tokens}"));
    prettyplease::unparse(&file)
}
