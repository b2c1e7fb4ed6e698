//! Every fixture fails to compile, with the message beside it.

#[test]
fn mistakes_are_explained() {
    let fixtures = trybuild::TestCases::new();
    fixtures.compile_fail("fixtures/*/*.rs");
}
