//! The expansion of the routes, as documentation that is checked.

// expect-test writes the snapshots.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use quote::quote;

use super::routes;
use crate::errors::as_expression;
use crate::expansion_tests::{expands_to, is_refused};

fn expands(input: TokenStream, expected: &Expect) {
    let (tokens, errors) = routes(input);
    expands_to(&(quote!(const _: () = #tokens;), errors), expected);
}

fn refuses(input: TokenStream, expected: &Expect) {
    let (_, errors) = routes(input);
    is_refused(&(TokenStream::new(), errors), expected);
}

#[test]
fn every_form() {
    expands(
        quote!(auth),
        &expect![[r#"
        const _: () = ::monocloud_runtime::__private::routes(&auth);
    "#]],
    );
    expands(
        quote!(<AppState<Db>> state.auth(), on_error = show),
        &expect![[r#"
            const _: () = ::monocloud_runtime::__private::routes_with_on_error::<
                AppState<Db>,
            >(&state.auth(), |failure| ::monocloud_runtime::__private::denied(show(failure)));
        "#]],
    );
    expands(
        quote!(auth, crate = ::my_runtime),
        &expect![[r#"
        const _: () = ::my_runtime::__private::routes(&auth);
    "#]],
    );
}

#[test]
fn mistakes() {
    refuses(
        quote!(),
        &expect![[r#"
        the routes need the `MonoCloud` that was built; write `monocloud_routes!(auth)`, with `let auth = MonoCloud::from_env()?;` before
    "#]],
    );
    refuses(
        quote!(on_error = show),
        &expect![[r#"
        the routes need the `MonoCloud` that was built; write `monocloud_routes!(auth)`, with `let auth = MonoCloud::from_env()?;` before
    "#]],
    );
    refuses(
        quote!(<AppState>),
        &expect![[r#"
        the routes need the `MonoCloud` that was built; write `monocloud_routes!(auth)`, with `let auth = MonoCloud::from_env()?;` before
    "#]],
    );
    refuses(
        quote!(<> auth),
        &expect![[r#"
        between `<` and `>` stands the type of the router's state; write `monocloud_routes!(<AppState> auth)`
    "#]],
    );
    refuses(
        quote!(auth on_error = show),
        &expect![[r#"
            a `,` is missing before this
        "#]],
    );
    refuses(
        quote!(auth, on_eror = show, on_error = "show"),
        &expect![[r#"
            unknown option `on_eror`; did you mean `on_error`?
            `monocloud_routes!` knows `crate`, `on_error`
            `on_error` is the path of an `async fn(Failure) -> impl IntoResponse`, without quotes; write `on_error = show`
        "#]],
    );
    refuses(
        quote!(auth, AppState),
        &expect![[r#"
            the type of the router's state stands first, in `<` and `>`; write `monocloud_routes!(<AppState> auth)`
        "#]],
    );
    refuses(
        quote!(auth, on_error = |failure| page()),
        &expect![[r#"
            `on_error` is the path of an `async fn(Failure) -> impl IntoResponse`, not a closure; write `on_error = show_error`
        "#]],
    );
}

#[test]
fn a_mistake_keeps_the_routes() {
    let tokens = as_expression(routes(quote!(auth, colour = show))).to_string();
    assert!(tokens.starts_with("{ :: core :: compile_error !"), "{tokens}");
    assert!(tokens.ends_with(":: routes (& auth) }"), "{tokens}");
}
