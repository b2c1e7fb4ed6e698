//! Handlers whose answer takes the browser to sign in or out.

use axum::extract::Query;
use monocloud_runtime::{Auth, SignIn, SignOut};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    return_url: String,
}

/// By itself it would come back to this page; a `return_url` that leads nowhere changes nothing.
pub(crate) async fn sign_in(auth: Auth, Query(back): Query<Back>) -> SignIn {
    auth.sign_in().return_url("/").return_url(back.return_url)
}

pub(crate) async fn sign_out(auth: Auth) -> SignOut {
    auth.sign_out(None).await
}
