//! The end of the request's session, here and at the issuer.

use futures_util::future::join;
use tracing::Instrument as _;

use super::state::RequestAuth;
use crate::client::MonoCloud;
use crate::error::Error;
use crate::event::SessionEnd;
use crate::session::{Flight, TokenSet};
use crate::sign_in::abandon;
use crate::sign_out::{at_issuer, revoke};

impl RequestAuth {
    /// Ends the session, and says where to send the browser: to the issuer, so that it ends there too, or
    /// to `back` at once.
    ///
    /// # Errors
    ///
    /// Where nobody knows whether it has ended everywhere. Here it has, and its cookie goes.
    pub(crate) async fn sign_out(&self, back: String) -> Result<String, Error> {
        let client = self.client();
        self.add_cookies(abandon(client, self.cookies()));
        let Some((session, refresh)) = self.end_session(SessionEnd::SignedOut).await? else {
            tracing::info!(name: "monocloud.sign_out", "nobody was signed in");
            return Ok(back);
        };
        let federated = async {
            if client.settings().sign_out.federated_sign_out {
                at_issuer(client, &session, &back).await
            } else {
                None
            }
        };
        let revoked = async {
            if client.settings().sign_out.revoke_on_sign_out {
                if let Some(refresh) = refresh {
                    revoke_what_it_brings(client.clone(), refresh);
                }
                revoke_in_time(client, session.tokens()).await;
            }
        };
        let (at_issuer, ()) = join(federated, revoked).await;
        Ok(at_issuer.unwrap_or(back))
    }
}

/// A refresh token that comes when the one before it is revoked already. Nobody waits for that.
fn revoke_what_it_brings(client: MonoCloud, refresh: Flight) {
    let task = async move {
        if let Ok(brought) = refresh.await {
            revoke_in_time(&client, &brought.renewed.tokens).await;
        }
    };
    tokio::spawn(task.instrument(tracing::Span::current()));
}

/// Whoever wants to sign out is signed out, whatever becomes of the tokens.
async fn revoke_in_time(client: &MonoCloud, tokens: &TokenSet) {
    // Less than the route's own limit, so that there is time to send the browser on.
    let limit = client.settings().calls.response_timeout / 4 * 3;
    let error = match tokio::time::timeout(limit, revoke(client, tokens)).await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error,
        Err(_) => Error::unreachable("the revocation endpoint", format!("no answer within {limit:?}")),
    };
    tracing::warn!(name: "monocloud.sign_out.not_revoked", code = error.code(), error = %error, "signed out, and the tokens are not revoked");
}
