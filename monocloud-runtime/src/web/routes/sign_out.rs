//! Ends the session here and, where that is wanted and possible, at the issuer.

use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;

use super::{query, single};
use crate::client::MonoCloud;
use crate::crypto;
use crate::error::Error;
use crate::oidc::LogoutRequest;
use crate::session::Session;
use crate::web::pages::see_other;
use crate::web::request;
use crate::web::request_auth::RequestAuth;
use crate::web::return_url;

pub(super) async fn sign_out(auth: RequestAuth, request: Request) -> Result<Response, Error> {
    let (parts, _) = request.into_parts();
    if !request::is_document(&parts.headers) {
        return Err(Error::InvalidRequest(
            "a sign-out is a page that the browser opens, nothing that a page embeds",
        ));
    }
    let client = auth.client();
    let settings = client.settings();
    let back = single(&query(&parts), "post_logout_url")?
        .and_then(|value| return_url::post_logout(settings, value))
        .unwrap_or_else(|| settings.post_logout_redirect_uri.clone());
    let session = auth.end_session(&parts.headers);
    tracing::info!(name: "monocloud.sign_out", signed_in = session.is_some(), "signed out");
    let at_issuer = match &session {
        Some(session) if settings.federated_sign_out => at_issuer(client, session, &back).await,
        _ => None,
    };
    Ok(see_other(at_issuer.as_deref().unwrap_or(&back)))
}

/// The issuer's end-session URL. Its absence must not keep anybody signed in here.
async fn at_issuer(client: &MonoCloud, session: &Session, back: &str) -> Option<String> {
    // Less than the route's own limit, so that there is time to send the browser back.
    let limit = client.settings().response_timeout / 4 * 3;
    // Not the cached copy: it would send the browser to an issuer that went away meanwhile.
    let metadata = tokio::time::timeout(limit, client.issuer().current_metadata());
    let metadata = match metadata.await.unwrap_or_else(|_| Err(too_late(limit))) {
        Ok(metadata) => metadata,
        Err(error) => {
            tracing::warn!(name: "monocloud.sign_out.issuer_unreachable", code = error.code(), error = %error, "signed out here alone");
            return None;
        }
    };
    let request = LogoutRequest {
        client_id: &client.settings().client_id,
        post_logout_redirect_uri: back,
        state: &crypto::random_token(),
        id_token_hint: session.id_token(),
        logout_hint: session.sid().or_else(|| session.user().email()),
    };
    request
        .url(&metadata, client.settings().logout_url.as_ref())
        .map(Into::into)
}

fn too_late(limit: Duration) -> Error {
    Error::unreachable("the issuer's metadata", format!("no answer within {limit:?}"))
}
