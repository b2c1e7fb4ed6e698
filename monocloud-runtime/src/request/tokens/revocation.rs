//! The end of the session's tokens, at the issuer and here (RFC 7009).

use tokio::time::Instant;

use super::exchange::too_busy;
use super::renewal::failure;
use crate::client::MonoCloud;
use crate::error::Error;
use crate::request::state::RequestAuth;
use crate::session::{Aim, Arrival, Failure, Renewed, Session};
use crate::sign_out::revoke;

impl RequestAuth {
    /// Revokes the session's tokens, which goes on without.
    pub(crate) async fn revoke_tokens(&self) -> Result<(), Error> {
        let refreshes = self.client().refreshes();
        let (started, patience) = (Instant::now(), self.client().settings().calls.response_timeout);
        loop {
            let session = self.session().ok_or(Error::NoSession)?;
            if session.tokens().is_revoked() {
                return Ok(());
            }
            if self.has_answered() && self.client().keeping().is_none() {
                return Err(Error::ResponseStarted);
            }
            let client = self.client().clone();
            let begin = || {
                let work = |session| revocation(client, session);
                self.alone(&session, true, Aim::Revocation, work)
            };
            match refreshes.arrive(&session, &Aim::Revocation, true, begin)? {
                Arrival::Newer(newer) => {
                    self.take_tokens(&newer).await.ok_or(Error::NoSession)?;
                }
                Arrival::Busy(flight) if started.elapsed() < patience => drop(flight.await),
                Arrival::Busy(_) => return Err(too_busy()),
                Arrival::Recent(outcome) => return outcome,
                Arrival::Began(flight) | Arrival::Joined(flight) => {
                    let without = flight.await.map_err(|failed| failed.error)?;
                    let taken = self.take_tokens(&without).await;
                    return taken.map(drop).ok_or(Error::NoSession);
                }
            }
        }
    }
}

async fn revocation(client: MonoCloud, session: Session) -> Result<Renewed, Failure> {
    let tokens = session.tokens();
    revoke(&client, tokens).await.map_err(failure)?;
    tracing::info!(name: "monocloud.tokens.revoked", "the tokens of a session are revoked");
    Ok(tokens.revoked().into())
}
