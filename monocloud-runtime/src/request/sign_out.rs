//! The end of the request's session, here and at the issuer.

use futures_util::future::join;

use super::state::RequestAuth;
use crate::error::Error;
use crate::event::SessionEnd;
use crate::session::Session;
use crate::sign_in::abandon;
use crate::sign_out::{at_issuer, revoke};

impl RequestAuth {
    /// Ends the session, and says where to send the browser: to the issuer, so that it ends there too, or
    /// to `back` at once.
    pub(crate) async fn sign_out(&self, back: String) -> String {
        let client = self.client();
        let session = self.end_session(SessionEnd::SignedOut);
        self.add_cookies(abandon(client, self.cookies()));
        if session.is_none() {
            tracing::info!(name: "monocloud.sign_out", "nobody was signed in");
        }
        let Some(session) = session else {
            return back;
        };
        let federated = async {
            if client.settings().sign_out.federated_sign_out {
                at_issuer(client, &session, &back).await
            } else {
                None
            }
        };
        let (at_issuer, ()) = join(federated, self.revoke_at_sign_out(&session)).await;
        at_issuer.unwrap_or(back)
    }

    /// Whoever wants to sign out is signed out, whatever becomes of the tokens.
    async fn revoke_at_sign_out(&self, session: &Session) {
        let settings = self.client().settings();
        if !settings.sign_out.revoke_on_sign_out {
            return;
        }
        // Less than the route's own limit, so that there is time to send the browser on.
        let limit = settings.calls.response_timeout / 4 * 3;
        let revoked = tokio::time::timeout(limit, revoke(self.client(), session.tokens())).await;
        let error = match revoked {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => Error::unreachable("the revocation endpoint", format!("no answer within {limit:?}")),
        };
        tracing::warn!(name: "monocloud.sign_out.not_revoked", code = error.code(), error = %error, "signed out, and the tokens are not revoked");
    }
}
