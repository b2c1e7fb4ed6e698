//! Guarded handlers in every form, under the strictest lints. That this compiles is the test; that
//! every guard guards stands in `tests`.

// Everything that an application may turn on. What the macros expand to must not be judged by it, and
// must not switch any of it off: `forbid` would refuse that.
#![forbid(
    unsafe_code,
    dead_code,
    deprecated,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    meta_variable_misuse,
    missing_docs,
    non_camel_case_types,
    private_bounds,
    private_interfaces,
    redundant_imports,
    redundant_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    unused_results,
    variant_size_differences,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::panic,
    clippy::shadow_unrelated,
    clippy::unwrap_used
)]
#![deny(
    warnings,
    missing_copy_implementations,
    missing_debug_implementations,
    single_use_lifetimes,
    unused,
    unused_qualifications,
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::absolute_paths,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::std_instead_of_core
)]
// Says the opposite of `unreachable_pub`.
#![allow(clippy::redundant_pub_crate)]

pub mod forms;
pub mod groups;
mod no_prelude;
pub mod places;

use axum::Router;
use monocloud_runtime::{MonoCloud, monocloud_groups};

monocloud_groups! { Admin = "admin", Editor = "editor", Finance = "537e7c3d-a442-4b5b-b308-30837aa045a4" }

/// Every handler of this package and the library's own routes, without the layer.
pub fn router(auth: &MonoCloud) -> Router {
    Router::new()
        .merge(forms::router())
        .merge(places::router())
        .merge(no_prelude::router(auth))
}
