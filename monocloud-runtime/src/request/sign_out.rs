//! The end of the request's session, here and at the issuer.

use super::state::RequestAuth;
use crate::event::SessionEnd;
use crate::sign_in::abandon;
use crate::sign_out::at_issuer;

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
        let at_issuer = match &session {
            Some(session) if client.settings().sign_out.federated_sign_out => {
                at_issuer(client, session, &back).await
            }
            _ => None,
        };
        at_issuer.unwrap_or(back)
    }
}
