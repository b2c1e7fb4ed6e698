//! The expansion of guards, as documentation that is checked.

// expect-test writes the snapshots.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::expect;
use quote::quote;

use super::{Kind, protect};
use crate::expansion_tests::{expands_to, is_refused};

#[test]
fn a_page() {
    let expansion = protect(
        Kind::Page,
        quote!(),
        quote! {
            /// The dashboard.
            #[instrument]
            pub async fn dashboard(user: User) -> Html<String> {
                render(user).await
            }
        },
    );
    expands_to(
        &expansion,
        &expect![[r#"
            /// The dashboard.
            #[instrument]
            pub async fn dashboard(
                _: ::monocloud_runtime::__private::Guard<__Policy_dashboard>,
                user: User,
            ) -> Html<String> {
                render(user).await
            }
            #[doc(hidden)]
            pub struct __Policy_dashboard(());
            impl ::monocloud_runtime::__private::Guarded for __Policy_dashboard {
                const POLICY: &'static ::monocloud_runtime::__private::Policy = &::monocloud_runtime::__private::Policy {
                    ..::monocloud_runtime::__private::Policy::PAGE
                };
                const HANDLER: &'static ::monocloud_runtime::__private::GuardedHandler = &::monocloud_runtime::__private::GuardedHandler::new(
                    ["dashboard", ::core::module_path!(), ::core::file!()],
                    ::core::line!(),
                    Self::POLICY.kind,
                    &Self::POLICY.requirement,
                );
            }
            ::monocloud_runtime::__private::inventory::submit! {
                * < __Policy_dashboard as ::monocloud_runtime::__private::Guarded > ::HANDLER
            }
        "#]],
    );
}

#[test]
fn an_api_handler_with_groups() {
    let expansion = protect(
        Kind::Api,
        quote!(groups = ["admin", Group::Editor], match_all = true),
        quote! {
            async fn orders() -> Json<Vec<Order>> {}
        },
    );
    expands_to(
        &expansion,
        &expect![[r#"
            async fn orders(
                _: ::monocloud_runtime::__private::Guard<__Policy_orders>,
            ) -> Json<Vec<Order>> {}
            #[doc(hidden)]
            struct __Policy_orders(());
            impl ::monocloud_runtime::__private::Guarded for __Policy_orders {
                const POLICY: &'static ::monocloud_runtime::__private::Policy = &::monocloud_runtime::__private::Policy {
                    requirement: ::monocloud_runtime::__private::Requirement {
                        groups: {
                            use ::monocloud_runtime::__private::VariantName as _;
                            &[
                                crate::__declare_groups_with_monocloud_groups__or_name_their_module_with_groups_from__other_crates_need_a_pub_enum!(
                                    "admin"(::monocloud_runtime::__private::unknown_group)
                                ),
                                Group::Editor.__name_of_variant(),
                            ]
                        },
                        match_all: ::core::option::Option::Some(true),
                        ..::monocloud_runtime::__private::Requirement::API
                    },
                    ..::monocloud_runtime::__private::Policy::API
                };
                const HANDLER: &'static ::monocloud_runtime::__private::GuardedHandler = &::monocloud_runtime::__private::GuardedHandler::new(
                    ["orders", ::core::module_path!(), ::core::file!()],
                    ::core::line!(),
                    Self::POLICY.kind,
                    &Self::POLICY.requirement,
                );
            }
            ::monocloud_runtime::__private::inventory::submit! {
                * < __Policy_orders as ::monocloud_runtime::__private::Guarded > ::HANDLER
            }
        "#]],
    );
}

#[test]
fn every_option() {
    let expansion = protect(
        Kind::Page,
        quote! {
            groups = ["admin"],
            match_all = false,
            groups_claim = "roles",
            groups_from = shared::auth,
            return_url = "/orders?page=1#top",
            csrf = false,
            on_access_denied = answers::sign_in_first,
            on_group_access_denied = answers::wrong_group::<Html>,
            crate = ::my_runtime,
        },
        quote!(
            async fn orders() {}
        ),
    );
    expands_to(
        &expansion,
        &expect![[r#"
            async fn orders(_: ::my_runtime::__private::Guard<__Policy_orders>) {}
            #[doc(hidden)]
            struct __Policy_orders(());
            impl ::my_runtime::__private::Guarded for __Policy_orders {
                const POLICY: &'static ::my_runtime::__private::Policy = &::my_runtime::__private::Policy {
                    requirement: ::my_runtime::__private::Requirement {
                        groups: &[
                            shared::auth::__declare_groups_with_monocloud_groups__or_name_their_module_with_groups_from__other_crates_need_a_pub_enum!(
                                "admin"(::my_runtime::__private::unknown_group)
                            ),
                        ],
                        match_all: ::core::option::Option::Some(false),
                        groups_claim: ::core::option::Option::Some("roles"),
                        csrf: false,
                        ..::my_runtime::__private::Requirement::PAGE
                    },
                    return_url: ::core::option::Option::Some("/orders?page=1#top"),
                    on_access_denied: ::core::option::Option::Some(|denied| ::my_runtime::__private::denied(
                        answers::sign_in_first(denied),
                    )),
                    on_group_access_denied: ::core::option::Option::Some(|denied| ::my_runtime::__private::denied(
                        answers::wrong_group::<Html>(denied),
                    )),
                    ..::my_runtime::__private::Policy::PAGE
                };
                const HANDLER: &'static ::my_runtime::__private::GuardedHandler = &::my_runtime::__private::GuardedHandler::new(
                        ["orders", ::core::module_path!(), ::core::file!()],
                        ::core::line!(),
                        Self::POLICY.kind,
                        &Self::POLICY.requirement,
                    )
                    .return_url("/orders?page=1#top")
                    .on_access_denied("answers::sign_in_first")
                    .on_group_access_denied("answers::wrong_group::<Html>");
            }
            ::my_runtime::__private::inventory::submit! {
                * < __Policy_orders as ::my_runtime::__private::Guarded > ::HANDLER
            }
        "#]],
    );
}

#[test]
fn what_a_sign_in_must_prove_and_asks_for() {
    let expansion = protect(
        Kind::Page,
        quote! {
            max_age = 300,
            acr_values = ["urn:mfa"],
            auth_params(scopes = "openid orders", response_mode = "form_post"),
        },
        quote!(
            async fn orders() {}
        ),
    );
    expands_to(
        &expansion,
        &expect![[r#"
            async fn orders(_: ::monocloud_runtime::__private::Guard<__Policy_orders>) {}
            #[doc(hidden)]
            struct __Policy_orders(());
            impl ::monocloud_runtime::__private::Guarded for __Policy_orders {
                const POLICY: &'static ::monocloud_runtime::__private::Policy = &::monocloud_runtime::__private::Policy {
                    requirement: ::monocloud_runtime::__private::Requirement {
                        max_age: ::core::option::Option::Some(300),
                        acr_values: &["urn:mfa"],
                        ..::monocloud_runtime::__private::Requirement::PAGE
                    },
                    auth_params: ::core::option::Option::Some(
                        &::monocloud_runtime::__private::GuardParams {
                            scopes: ::core::option::Option::Some("openid orders"),
                            response_mode: ::core::option::Option::Some(
                                ::monocloud_runtime::__private::ResponseMode::FormPost,
                            ),
                            ..::monocloud_runtime::__private::GuardParams::NONE
                        },
                    ),
                    ..::monocloud_runtime::__private::Policy::PAGE
                };
                const HANDLER: &'static ::monocloud_runtime::__private::GuardedHandler = &::monocloud_runtime::__private::GuardedHandler::new(
                    ["orders", ::core::module_path!(), ::core::file!()],
                    ::core::line!(),
                    Self::POLICY.kind,
                    &Self::POLICY.requirement,
                );
            }
            ::monocloud_runtime::__private::inventory::submit! {
                * < __Policy_orders as ::monocloud_runtime::__private::Guarded > ::HANDLER
            }
        "#]],
    );
}

#[test]
fn what_stands_around_a_handler_stays() {
    let expansion = protect(
        Kind::Page,
        quote!(),
        quote! {
            #[cfg(feature = "admin")]
            #[debug_handler]
            pub(crate) fn r#type<T: Render>(
                State(db): State<Db>,
                a: A, b: B, c: C, d: D, e: E,
                view: impl View,
            ) -> impl Future<Output = Result<T, Error>>
            where
                T: Clone,
            {
                #![allow(unused)]
                async move { todo }
            }
        },
    );
    expands_to(
        &expansion,
        &expect![[r##"
            #[allow(clippy::too_many_arguments)]
            #[cfg(feature = "admin")]
            #[debug_handler]
            pub(crate) fn r#type<T: Render>(
                _: ::monocloud_runtime::__private::Guard<__Policy_type>,
                State(db): State<Db>,
                a: A,
                b: B,
                c: C,
                d: D,
                e: E,
                view: impl View,
            ) -> impl Future<Output = Result<T, Error>>
            where
                T: Clone,
            {
                #![allow(unused)]
                async move { todo }
            }
            #[cfg(feature = "admin")]
            #[doc(hidden)]
            pub(crate) struct __Policy_type(());
            #[cfg(feature = "admin")]
            impl ::monocloud_runtime::__private::Guarded for __Policy_type {
                const POLICY: &'static ::monocloud_runtime::__private::Policy = &::monocloud_runtime::__private::Policy {
                    ..::monocloud_runtime::__private::Policy::PAGE
                };
                const HANDLER: &'static ::monocloud_runtime::__private::GuardedHandler = &::monocloud_runtime::__private::GuardedHandler::new(
                    ["type", ::core::module_path!(), ::core::file!()],
                    ::core::line!(),
                    Self::POLICY.kind,
                    &Self::POLICY.requirement,
                );
            }
            #[cfg(feature = "admin")]
            ::monocloud_runtime::__private::inventory::submit! {
                * < __Policy_type as ::monocloud_runtime::__private::Guarded > ::HANDLER
            }
        "##]],
    );
}

#[test]
fn after_a_mistake_the_handler_is_there_and_its_groups_are_checked() {
    let expansion = protect(
        Kind::Page,
        quote!(groups = ["admn"], return_ulr = "/"),
        quote! {
            #[protect_api]
            pub async fn orders(user: User) -> Html<String> {}
        },
    );
    let rest = is_refused(
        &expansion,
        &expect![[r#"
            unknown option `return_ulr`; did you mean `return_url`?
            `#[protect]` knows `acr_values`, `auth_params`, `check`, `crate`, `csrf`, `groups`, `groups_claim`, `groups_from`, `match_all`, `max_age`, `on_access_denied`, `on_group_access_denied`, `return_url`
            a handler has one guard, and `#[protect]` stands on this one already; remove `#[protect_api]`, or put its options into the first
        "#]],
    );
    expect![[r##"
        #[protect_api]
        pub async fn orders(user: User) -> Html<String> {}
        const _: &[&::core::primitive::str] = &[
            crate::__declare_groups_with_monocloud_groups__or_name_their_module_with_groups_from__other_crates_need_a_pub_enum!(
                "admn"(::monocloud_runtime::__private::unknown_group)
            ),
        ];
    "##]]
    .assert_eq(&rest);
}

#[test]
fn what_is_not_a_function_stays_as_it_is() {
    let expansion = protect(
        Kind::Page,
        quote!(),
        quote!(
            pub struct Orders;
        ),
    );
    let rest = is_refused(
        &expansion,
        &expect![[r#"
        `#[protect]` stands on a handler, `async fn name(…) { … }`, not on a `struct`
    "#]],
    );
    expect![[r#"
        pub struct Orders;
    "#]]
    .assert_eq(&rest);
}
