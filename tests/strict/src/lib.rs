//! Guarded handlers in every form, under the strictest lints. That this compiles is the test; that
//! every guard guards stands in `tests`.

pub mod forms;
pub mod groups;
mod no_prelude;
pub mod places;

use axum::Router;
use monocloud_runtime::{MonoCloud, monocloud_groups, monocloud_routes};

monocloud_groups! { Admin = "admin", Editor = "editor", Finance = "537e7c3d-a442-4b5b-b308-30837aa045a4" }

/// Every handler of this package and the library's own routes, without the layer.
pub fn router(auth: &MonoCloud) -> Router {
    Router::new()
        .merge(forms::router())
        .merge(places::router())
        .merge(no_prelude::router())
        .merge(monocloud_routes!(auth))
}
