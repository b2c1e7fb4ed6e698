//! The end of the session's tokens, at the issuer and here (RFC 7009).

use tokio::time::Instant;

use super::renewal::failure;
use super::too_busy;
use crate::client::MonoCloud;
use crate::error::Error;
use crate::request::state::RequestAuth;
use crate::session::{Aim, Arrival, Failure, Renewed, Session, TokenSet};
use crate::sign_out::revoke;

impl RequestAuth {
    /// Revokes the session's tokens, which goes on without.
    pub(crate) async fn revoke_tokens(&self) -> Result<(), Error> {
        let refreshes = self.client().refreshes();
        let (started, patience) = (Instant::now(), self.client().settings().calls.response_timeout);
        loop {
            let session = self.session().ok_or(Error::NoSession)?;
            if is_revoked(session.tokens()) {
                return Ok(());
            }
            if self.has_answered() {
                return Err(Error::ResponseStarted);
            }
            let begin = || Ok(revocation(self.client().clone(), session.clone()));
            match refreshes.arrive(&session, &Aim::Revocation, true, begin)? {
                Arrival::Newer(newer) => drop(self.take_tokens(&newer).ok_or(Error::NoSession)?),
                Arrival::Busy(flight) if started.elapsed() < patience => drop(flight.await),
                Arrival::Busy(_) => return Err(too_busy()),
                Arrival::Recent(outcome) => return outcome,
                Arrival::Began(flight) | Arrival::Joined(flight) => {
                    let without = flight.await.map_err(|failed| failed.error)?;
                    return self.take_tokens(&without).map(drop).ok_or(Error::NoSession);
                }
            }
        }
    }
}

fn is_revoked(tokens: &TokenSet) -> bool {
    tokens.refresh_token.is_none() && tokens.access_tokens().next().is_none()
}

async fn revocation(client: MonoCloud, session: Session) -> Result<Renewed, Failure> {
    let tokens = session.tokens();
    revoke(&client, tokens).await.map_err(failure)?;
    tracing::info!(name: "monocloud.tokens.revoked", "the tokens of a session are revoked");
    Ok(tokens.revoked().into())
}
