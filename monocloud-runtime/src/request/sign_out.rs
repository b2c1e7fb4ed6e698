//! The end of the request's session, here and at the issuer.

use super::state::RequestAuth;
use crate::error::printable;
use crate::sign_in::abandon;
use crate::sign_out::at_issuer;

impl RequestAuth {
    /// Ends the session, and says where to send the browser: to the issuer, so that it ends there too, or
    /// to `back` at once.
    pub(crate) async fn sign_out(&self, back: String) -> String {
        let client = self.client();
        let session = self.end_session();
        self.add_cookies(abandon(client, self.cookies()));
        tracing::info!(
            name: "monocloud.sign_out",
            sub = session.as_ref().map(|session| printable(session.user().sub(), 200)),
            "{}",
            if session.is_some() { "signed out" } else { "nobody was signed in" }
        );
        let at_issuer = match &session {
            Some(session) if client.settings().sign_out.federated_sign_out => {
                at_issuer(client, session, &back).await
            }
            _ => None,
        };
        at_issuer.unwrap_or(back)
    }
}
