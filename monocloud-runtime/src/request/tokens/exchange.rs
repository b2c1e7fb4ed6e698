//! One exchange of a session's tokens among all processes, by the lease that its store gives.
//!
//! Whoever begins it holds the lease while the refresh token is at the issuer, and keeps what came before anybody is told.
//! A refresh token that somebody else may have sent is not sent again, and what comes too late is kept by nobody.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::client::{Keeping, MonoCloud};
use crate::crypto;
use crate::error::Error;
use crate::session::{Failure, Generation, Held, Renewed, Session};
use crate::sign_out::revoke;
use crate::store::{Exchange, Lease, Owner, Record, Updated};

/// Between two looks at an exchange of somebody else's: at least this, and up to four times as much.
const PAUSE: Duration = Duration::from_millis(30);

/// Others write the session meanwhile, each once.
const ATTEMPTS: u32 = 5;

/// A session in a store, whose tokens are to be exchanged.
pub(super) struct Exchanged {
    pub(super) client: MonoCloud,
    pub(super) keeping: Keeping,
    /// Of the request that asks.
    pub(super) user_agent: Option<String>,
    pub(super) held: Held,
}

/// Does the work with the session as it is in the store. Where others are at it, `may_wait` says whether there is a reason
/// to wait for them.
pub(super) async fn alone<F>(
    mut of: Exchanged,
    may_wait: bool,
    work: impl FnOnce(Session) -> F + Send,
) -> Result<Renewed, Failure>
where
    F: Future<Output = Result<Renewed, Failure>> + Send,
{
    // What can fail without the refresh token does so before it is anybody's.
    let issuer = of.client.issuer();
    issuer.metadata().await.map_err(Failure::Away)?;
    issuer.prepare_keys().await.map_err(Failure::Away)?;
    let patience = of.client.settings().calls.response_timeout;
    let started = Instant::now();
    let lease = Lease {
        owner: Owner::from_bytes(crypto::random()),
        length: patience * 2 + Duration::from_secs(5),
    };
    let (was_unclear, was_taken_over) = loop {
        let begun = of.keeping.begin(of.held.key, of.held.revision, lease).await;
        match begun.map_err(Failure::Away)? {
            Exchange::Begun { taken_over, unclear } => break (unclear, taken_over),
            Exchange::Newer(_) => {
                let known = of.held.record.generation();
                of.read_again().await?;
                if of.held.record.generation() > known {
                    return of.brought_by_another();
                }
            }
            Exchange::Busy { .. } if may_wait && started.elapsed() < patience => {
                tokio::time::sleep(PAUSE + jitter()).await;
            }
            Exchange::Busy { .. } => return Err(Failure::Away(too_busy())),
            _ => return Err(over()),
        }
    };
    let session = of.session()?;
    let lead = Lead {
        until: Instant::now() + lease.length,
        owner: lease.owner,
        of,
    };
    if was_taken_over {
        return Err(lead.spent(session, taken_over()).await);
    }
    match work(session.clone()).await {
        Ok(brought) => lead.keep(session, brought).await,
        Err(Failure::Refused(error)) if was_unclear => Err(lead.spent(session, error).await),
        Err(Failure::Refused(error)) => {
            // Where the store cannot be told, the issuer refuses the next one as well.
            let _ = lead.of.keeping.end(lead.of.held.key).await;
            Err(Failure::Refused(error))
        }
        Err(failure) => {
            let unclear = matches!(failure, Failure::Unclear(_));
            let key = lead.of.held.key;
            lead.of.keeping.abandon(key, lead.owner, unclear).await;
            Err(failure)
        }
    }
}

/// Who holds the lease.
struct Lead {
    of: Exchanged,
    owner: Owner,
    /// When others may take it over.
    until: Instant,
}

impl Lead {
    /// Lets the session go on without its refresh token.
    async fn spent(self, session: Session, error: Error) -> Failure {
        let without = session.tokens().without_refresh_token();
        match self.keep(session, without.into()).await {
            Ok(_) => Failure::Spent(error),
            Err(failure) => failure,
        }
    }

    /// Keeps what came, in whatever the session is by now. Where the store does not answer, those who wait for it get it
    /// all the same, and this process keeps it with the session's next request.
    async fn keep(mut self, mut session: Session, brought: Renewed) -> Result<Renewed, Failure> {
        let number = session.record().generation().saturating_add(1);
        let brought = Renewed {
            number: Some(number),
            ..brought
        };
        let newer = Generation {
            number,
            renewed: Arc::new(brought.clone()),
        };
        session.adopt(&newer);
        let mut conflicts = 0..ATTEMPTS;
        loop {
            let record = self.of.filed(&mut session)?;
            let (key, revision) = (self.of.held.key, self.of.held.revision);
            match self.of.keeping.commit(key, revision, self.owner, record).await {
                Ok(Updated::Updated) => return Ok(brought),
                Ok(Updated::Conflict(_)) if conflicts.next().is_some() => {
                    self.of.read_again().await?;
                    session = self.of.session()?;
                    if !session.adopt(&newer) {
                        return self.of.brought_by_another();
                    }
                }
                Ok(Updated::NotOwner) => {
                    tracing::warn!(name: "monocloud.refresh.too_late", "a refresh took so long that another process counts it as lost, and what it brought is not kept");
                    return Err(Failure::Away(taken_over()));
                }
                Ok(Updated::Gone) => {
                    revoke_if_set(&self.of.client, &brought).await;
                    return Err(over());
                }
                Ok(_) | Err(_) if Instant::now() + PAUSE > self.until => {
                    tracing::error!(name: "monocloud.refresh.not_kept", "refreshed tokens are not in the store: this process has them for a while, others do not");
                    return Ok(brought);
                }
                Ok(_) | Err(_) => tokio::time::sleep(PAUSE + jitter()).await,
            }
        }
    }
}

impl Exchanged {
    fn session(&self) -> Result<Session, Failure> {
        self.held.session(self.held.record.clone()).ok_or_else(over)
    }

    /// As it is in the store now.
    async fn read_again(&mut self) -> Result<(), Failure> {
        let stored = self.keeping.get(self.held.key).await.map_err(Failure::Away)?;
        let opened = stored.map(|stored| self.client.filing().open(self.held.sent(), stored));
        self.held = opened.and_then(Result::ok).ok_or_else(over)?;
        Ok(())
    }

    /// What another process brought is the result.
    fn brought_by_another(&self) -> Result<Renewed, Failure> {
        let session = self.session()?;
        Ok(Renewed {
            number: Some(session.record().generation()),
            ..session.tokens().clone().into()
        })
    }

    /// What the store is to have: where all of it is too much, without the access tokens.
    fn filed(&self, session: &mut Session) -> Result<Record, Failure> {
        let filing = self.client.filing();
        let user_agent = self.user_agent.as_deref();
        let filed = match filing.next(&self.held, session, user_agent) {
            Err(Error::RecordTooLarge { bytes, limit }) => {
                tracing::warn!(name: "monocloud.session.access_tokens_left_out", bytes, limit, "the session keeps its refresh token alone, since its access tokens are too large for the store");
                session.drop_access_tokens();
                filing.next(&self.held, session, user_agent)
            }
            filed => filed,
        };
        filed.map_err(Failure::Unclear)
    }
}

/// What came for a session that was signed out meanwhile is nobody's.
async fn revoke_if_set(client: &MonoCloud, brought: &Renewed) {
    let settings = client.settings();
    if settings.sign_out.revoke_on_sign_out {
        let revoked = revoke(client, &brought.tokens);
        // Whoever waits has the answer that matters.
        let _ = tokio::time::timeout(settings.calls.response_timeout, revoked).await;
    }
}

fn over() -> Failure {
    Failure::Away(Error::NoSession)
}

fn taken_over() -> Error {
    Error::unreachable(
        "the token endpoint",
        "another process began to refresh the session and was not done in time, so that the refresh token counts as used",
    )
}

pub(super) fn too_busy() -> Error {
    Error::unreachable(
        "the token endpoint",
        "too many refreshes of one session wait for each other",
    )
}

fn jitter() -> Duration {
    let [random] = crypto::random::<1>();
    PAUSE * 3 * u32::from(random) / u32::from(u8::MAX)
}
