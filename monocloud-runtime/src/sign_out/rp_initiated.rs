//! Where to send the browser so that the session ends at the issuer too.

use std::time::Duration;

use crate::client::MonoCloud;
use crate::crypto;
use crate::error::Error;
use crate::oidc::LogoutRequest;
use crate::session::Session;

/// The issuer's end-session URL. Its absence must not keep anybody signed in here.
pub(crate) async fn at_issuer(client: &MonoCloud, session: &Session, back: &str) -> Option<String> {
    // Less than the route's own limit, so that there is time to send the browser back.
    let limit = client.settings().calls.response_timeout / 4 * 3;
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
        client_id: &client.settings().issuer.client_id,
        post_logout_redirect_uri: back,
        state: &crypto::random_token(),
        id_token_hint: session.id_token(),
        logout_hint: session.sid().or_else(|| session.user().email()),
    };
    let url = request.url(&metadata, client.settings().sign_out.logout_url.as_ref());
    if url.is_none() && client.is_first_time("no logout page".to_owned()) {
        tracing::warn!(
            name: "monocloud.sign_out.no_logout_page",
            "the issuer keeps its session after a sign-out, so the next sign-in asks nothing: its metadata has no \
             `end_session_endpoint`; set MONOCLOUD_AUTH_LOGOUT_URL to its logout page, or \
             MONOCLOUD_AUTH_FEDERATED_SIGNOUT to false"
        );
    }
    url.map(Into::into)
}

fn too_late(limit: Duration) -> Error {
    Error::unreachable("the issuer's metadata", format!("no answer within {limit:?}"))
}
