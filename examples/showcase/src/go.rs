//! Handlers whose answer takes the browser to sign in or out.

use axum::extract::Query;
use monocloud_runtime::{Auth, Error, SignIn, SignOut};

/// By itself it would come back to this page, without end; a `return_url` that leads here or nowhere changes nothing.
pub(crate) async fn sign_in(auth: Auth, Query(query): Query<Vec<(String, String)>>) -> SignIn {
    let return_url = query.iter().find(|(name, _)| name == "return_url");
    let return_url = return_url.filter(|(_, url)| !url.contains("/go/sign-in"));
    let return_url = return_url.map_or("/", |(_, url)| url);
    auth.sign_in().return_url("/").return_url(return_url)
}

pub(crate) async fn sign_out(auth: Auth) -> Result<SignOut, Error> {
    auth.sign_out(None).await
}
