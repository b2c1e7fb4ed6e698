//! The runtime under another name, and groups that another crate declared.

// Handlers are asynchronous, whatever they do.
#![allow(clippy::unused_async)]

use auth::{Denied, Failure, MonoCloud, monocloud_groups, monocloud_routes, protect, protect_api};
use axum::http::Method;
use axum::{Router, debug_handler};
use strict::groups::Team;

// A declaration needs nothing of the runtime, so it has no `crate`.
monocloud_groups! {
    pub enum Role { Author = "author" }
}

/// The runtime once more, as a facade of one's own may give it.
pub mod facade {
    pub use auth as runtime;
}

/// The groups of this crate.
#[protect(groups = ["author", Role::Author], on_access_denied = sign_in_first, crate = ::auth)]
pub async fn own() {}

/// Without a word about the other name, which the manifest has.
#[protect_api(groups = ["author", Role::Author], on_access_denied = sign_in_first)]
pub async fn found() {}

/// The groups of another crate.
#[protect_api(groups = ["support", Team::Operations], groups_from = strict::groups, crate = ::auth)]
pub async fn other() {}

/// The runtime by way of this crate.
#[protect(groups = ["author"], crate = crate::facade::runtime)]
pub async fn through_facade() {}

/// With axum's own check below the guard: it sees the guard as an argument.
#[protect(crate = ::auth)]
#[debug_handler]
async fn checked(method: Method) -> String {
    method.to_string()
}

async fn sign_in_first(_: Denied) -> &'static str {
    "sign in first"
}

async fn show(failure: Failure) -> String {
    failure.error().to_string()
}

/// All of them, without the layer.
pub fn router(client: &MonoCloud) -> Router {
    monocloud_routes! { client, on_error = show, crate = ::auth,
        GET "/own" => own,
        GET "/found" => found,
        GET "/other" => other,
        GET "/facade" => through_facade,
        GET "/checked" => checked,
    }
}
