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
                _,
                _,
            >(&state.auth(), show);
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
fn a_table() {
    expands(
        quote! {
            <AppState> auth, on_error = show,
            /// Who comes first.
            public GET "/" => pages::home,
            #[cfg(feature = "orders")]
            GET | POST "/orders/{id}" => orders::one::<Db>,
            public ANY "/health" => async || "ok"
        },
        &expect![[r#"
            const _: () = {
                let table = ::monocloud_runtime::__private::Table::<AppState>::new(&auth);
                let table = {
                    use ::monocloud_runtime::__private::PublicLine as _;
                    ::monocloud_runtime::__private::Line::new(table, pages::home)
                        .public(
                            &[::monocloud_runtime::__private::Method::Get],
                            "/",
                            (::core::module_path!(), ::core::line!()),
                        )
                };
                #[cfg(feature = "orders")]
                let table = table
                    .guarded(
                        &[
                            ::monocloud_runtime::__private::Method::Get,
                            ::monocloud_runtime::__private::Method::Post,
                        ],
                        "/orders/{id}",
                        orders::one::<Db>,
                    );
                let table = {
                    use ::monocloud_runtime::__private::PublicLine as _;
                    ::monocloud_runtime::__private::Line::new(table, async || "ok")
                        .public(
                            &[::monocloud_runtime::__private::Method::Any],
                            "/health",
                            (::core::module_path!(), ::core::line!()),
                        )
                };
                table.into_router_with_on_error(show)
            };
        "#]],
    );
}

#[test]
fn what_is_together_in_some_builds_is_a_mistake_in_those() {
    expands(
        quote! {
            auth,
            GET "/{id}" => a,
            #[cfg(feature = "x")]
            GET "/{name}" => b,
        },
        &expect![[r#"
            const _: () = {
                #[cfg(all(feature = "x"))]
                ::core::compile_error!(
                    "the router does not tell `/{name}` from `/{id}`, which stands above; parameters have one name, so write `\"/{id}\"`"
                );
                let table = ::monocloud_runtime::__private::Table::new(&auth);
                let table = table
                    .guarded(&[::monocloud_runtime::__private::Method::Get], "/{id}", a);
                #[cfg(feature = "x")]
                let table = table
                    .guarded(&[::monocloud_runtime::__private::Method::Get], "/{name}", b);
                table.into_router()
            };
        "#]],
    );
}

#[test]
fn a_table_may_have_one_path_in_several_lines() {
    for lines in [
        quote!(public GET "/x" => a, POST "/x" => b, ANY "/x" => c),
        quote!(public GET "/{id}" => a, POST "/{id}" => b, GET "/{id}/lines" => c),
        quote!(public GET "/" => a, GET "/{*rest}" => b, GET "/x/{y}" => c),
        quote!(#[cfg(a)] GET "/x" => a, #[cfg(b)] GET "/y" => b,),
    ] {
        let (_, errors) = routes(quote!(auth, #lines));
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert!(errors.is_empty(), "{lines}: {errors:?}");
    }
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
