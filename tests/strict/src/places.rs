//! Handlers in every place: modules, functions, macros, and beside a twin that is not compiled.

use core::future::ready;

use axum::Router;
use axum::routing::get;
use monocloud_runtime::{protect, protect_api};

/// A module named like a handler.
pub mod plain {
    use core::future::ready;

    use monocloud_runtime::protect;

    /// As visible as its parent.
    #[protect(groups = ["admin"])]
    pub(in crate::places) async fn plain() {
        ready(()).await;
    }

    /// Named as one of its siblings in another module, and reaching for groups of another module.
    #[protect(groups = ["support", Team::Operations], groups_from = crate::groups)]
    pub async fn shared() {
        ready(()).await;
    }

    use crate::groups::Team;
}

macro_rules! pages {
    ($($(#[$attribute:meta])* $visibility:vis $name:ident: $group:expr, $own:literal;)*) => {$(
        $(#[$attribute])*
        #[protect(groups = [$group, $own])]
        $visibility async fn $name() {
            ready(()).await;
        }
    )*};
}

pages! {
    /// Made by a macro.
    pub first: "admin", "editor";
    second: crate::Group::Admin, "editor";
}

#[cfg(not(unix))]
#[protect(groups = ["admin"])]
async fn twin() {}

#[protect_api(groups = ["editor"])]
#[cfg(unix)]
async fn twin() {
    ready(()).await;
}

/// Stands below the guard and is not compiled, so neither is anything of the guard.
#[protect(groups = ["nobody"])]
#[cfg(any())]
async fn never() {}

pub(crate) fn router() -> Router {
    #[protect]
    async fn nested() {
        ready(()).await;
    }

    Router::new()
        .route("/module", get(plain::plain))
        .route("/shared", get(plain::shared))
        .route("/first", get(first))
        .route("/second", get(second))
        .route("/twin", get(twin))
        .route("/nested", get(nested))
}
