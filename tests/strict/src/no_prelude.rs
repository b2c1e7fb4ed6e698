//! Where even `Some` and `str` mean nothing, or something else.
#![no_implicit_prelude]

use ::axum::Router;
use ::core::future::ready;
use ::monocloud_runtime::{Denied, Failure, MonoCloud, monocloud_groups, monocloud_routes, protect};

monocloud_groups! { enum Kind { Some = "some", None = "none" } }

#[protect(groups = ["some", Kind::None], groups_from = self, on_access_denied = denied)]
async fn bare() {
    ready(()).await;
}

async fn denied(_: Denied) {
    ready(()).await;
}

async fn failed(_: Failure) {
    ready(()).await;
}

/// With the library's own routes.
pub(crate) fn router(auth: &MonoCloud) -> Router {
    monocloud_routes! { auth, on_error = failed,
        /// Whoever is somebody, or nobody.
        GET | POST "/bare" => bare,
        public ANY "/open" => async || "open",
        #[cfg(not(debug_assertions))]
        public GET "/bare/{id}" => "never",
        #[cfg(debug_assertions)]
        GET "/bare/{id}" => bare,
    }
}
