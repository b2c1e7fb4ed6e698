//! Starts a sign-in: a transaction in a cookie of its own, and a redirect to the issuer.

use axum::extract::Request;
use axum::response::Response;

use crate::error::Error;
use crate::oidc::AuthorizationRequest;
use crate::params::{query, single};
use crate::request::{RequestAuth, is_document};
use crate::sign_in::{self, ReturnUrl, Transaction, parameters};
use crate::web::respond::see_other;

pub(super) async fn sign_in(auth: RequestAuth, request: Request) -> Result<Response, Error> {
    let (parts, _) = request.into_parts();
    if !is_document(&parts.headers) {
        return Err(Error::InvalidRequest(
            "a sign-in is a page that the browser opens, nothing that a page embeds",
        ));
    }
    let client = auth.client();
    let settings = client.settings();
    let query = query(&parts.uri);
    let params = parameters(settings, &query)?;
    let return_url = single(&query, "return_url")?
        .and_then(|value| ReturnUrl::parse(settings, value))
        .unwrap_or_else(|| ReturnUrl::home(&settings.site.app_url));
    auth.set_return_url(return_url.as_str());
    let metadata = client.issuer().metadata().await?;

    let mut transaction = Transaction::begin(return_url.into_string(), client.now());
    transaction.scopes = params.scopes.to_string();
    transaction.resource = params.resource.to_string();
    transaction.max_age = params.max_age;
    let location = AuthorizationRequest {
        client_id: &settings.issuer.client_id,
        redirect_uri: &settings.site.app_url.join(&settings.routes.callback),
        state: &transaction.state,
        nonce: &transaction.nonce,
        code_verifier: &transaction.code_verifier,
        params: &params,
    }
    .url(&metadata)?;
    auth.add_cookies(sign_in::begin(client, auth.cookies(), &transaction)?);
    tracing::info!(name: "monocloud.sign_in.started", issuer = metadata.issuer.as_str(), "began a sign-in");
    Ok(see_other(location.as_str()))
}
