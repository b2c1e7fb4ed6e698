//! Ends the session here and, where that is wanted and possible, at the issuer.

use axum::extract::Request;
use axum::response::Response;

use crate::error::Error;
use crate::params::{query, single};
use crate::request::{RequestAuth, is_document};
use crate::sign_in::post_logout;
use crate::sign_out::at_issuer;
use crate::web::respond::see_other;

pub(super) async fn sign_out(auth: RequestAuth, request: Request) -> Result<Response, Error> {
    let (parts, _) = request.into_parts();
    if !is_document(&parts.headers) {
        return Err(Error::InvalidRequest(
            "a sign-out is a page that the browser opens, nothing that a page embeds",
        ));
    }
    let client = auth.client();
    let settings = client.settings();
    let back = single(&query(&parts.uri), "post_logout_url")?
        .and_then(|value| post_logout(settings, value))
        .unwrap_or_else(|| settings.sign_out.post_logout_redirect_uri.clone());
    let session = auth.end_session();
    tracing::info!(name: "monocloud.sign_out", signed_in = session.is_some(), "signed out");
    let at_issuer = match &session {
        Some(session) if settings.sign_out.federated_sign_out => at_issuer(client, session, &back).await,
        _ => None,
    };
    Ok(see_other(at_issuer.as_deref().unwrap_or(&back)))
}
