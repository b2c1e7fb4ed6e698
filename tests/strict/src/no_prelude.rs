//! Where even `Some` and `str` mean nothing, or something else.
#![no_implicit_prelude]

use ::axum::Router;
use ::axum::routing::get;
use ::core::future::ready;
use ::monocloud_runtime::{Denied, monocloud_groups, protect};

monocloud_groups! { enum Kind { Some = "some", None = "none" } }

#[protect(groups = ["some", Kind::None], groups_from = self, on_access_denied = denied)]
async fn bare() {
    ready(()).await;
}

async fn denied(_: Denied) {
    ready(()).await;
}

pub(crate) fn router() -> Router {
    Router::new().route("/bare", get(bare))
}
