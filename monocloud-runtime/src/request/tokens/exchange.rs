//! One exchange of a session's tokens among all processes, by the lease that its store gives.
//!
//! Whoever begins it holds the lease while the refresh token is at the issuer, and keeps what came before anybody is told.
//! A refresh token that somebody else may have sent is not sent again, and what comes too late is kept by nobody.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::place::Place;
use crate::client::{Keeping, MonoCloud};
use crate::crypto;
use crate::error::Error;
use crate::session::{Aim, Failure, Renewed, Session};
use crate::sign_out::revoke;
use crate::store::{Exchange, Lease, Owner, Updated};

/// Between two looks at an exchange of somebody else's: at least this, and up to four times as much.
const PAUSE: Duration = Duration::from_millis(30);

/// A session whose tokens are to be exchanged.
pub(super) struct Exchanged {
    pub(super) client: MonoCloud,
    pub(super) keeping: Keeping,
    /// Of the request that asks.
    pub(super) user_agent: Option<String>,
    pub(super) place: Place,
    /// What is asked for.
    pub(super) aim: Aim,
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
    let known = of.place.generation();
    let had = of.session()?;
    let opened = of.place.open(&of.client, &of.keeping, lease.length).await;
    opened.map_err(Failure::Away)?;
    if of.place.generation() > known
        && let Some(outcome) = of.brought_by_another(&had)
    {
        return outcome;
    }
    let (was_unclear, was_taken_over, until) = loop {
        let until = Instant::now() + lease.length;
        let begun = of.keeping.begin(of.place.key(), of.place.revision(), lease).await;
        let begun = match begun {
            Ok(begun) => begun,
            Err(error) => {
                // It may have begun all the same, and nothing was sent.
                let (keeping, key) = (of.keeping.clone(), of.place.key());
                tokio::spawn(async move { keeping.abandon(key, lease.owner, false, until).await });
                return Err(Failure::Away(error));
            }
        };
        match begun {
            Exchange::Begun { taken_over, unclear } => {
                let is_of_it = of.place.may_have_been_sent();
                break (unclear && is_of_it, taken_over && is_of_it, until);
            }
            Exchange::Newer(_) => {
                let known = of.place.generation();
                of.read_again().await.map_err(Failure::Away)?;
                if of.place.generation() > known
                    && let Some(outcome) = of.brought_by_another(&had)
                {
                    return outcome;
                }
            }
            Exchange::Busy { .. } if may_wait && started.elapsed() < patience => {
                tokio::time::sleep(PAUSE + jitter()).await;
            }
            Exchange::Busy { .. } => return Err(Failure::Away(too_busy())),
            _ => return Err(over()),
        }
    };
    let noted = of.place.note(&of.keeping, lease.length).await;
    if !matches!(noted, Ok(true)) {
        let (keeping, key) = (of.keeping.clone(), of.place.key());
        tokio::spawn(async move { keeping.abandon(key, lease.owner, was_taken_over, until).await });
        return Err(Failure::Away(noted.err().unwrap_or_else(too_busy)));
    }
    let session = of.session()?;
    let lead = Lead {
        until,
        owner: lease.owner,
        of,
    };
    if was_taken_over {
        return Err(lead.spent(session, taken_over()).await);
    }
    match work(session.clone()).await {
        Ok(brought) => lead.keep(session, brought).await,
        // The store may have forgotten what this process has not.
        Err(Failure::Refused(error)) if was_unclear || lead.may_be_used(&session) => {
            Err(lead.spent(session, error).await)
        }
        Err(Failure::Refused(error)) => {
            let (keeping, key) = (lead.of.keeping.clone(), lead.of.place.key());
            let ended_for = lead.of.place.ended_for();
            // For the owner alone: whoever took the exchange over decides what becomes of the session.
            match lead.spent(session, error).await {
                Failure::Spent(error, _) => {
                    // What could not be ended is refused here, and ended later.
                    let _ = keeping.end(key, ended_for).await;
                    Err(Failure::Ended(error))
                }
                failure => Err(failure),
            }
        }
        Err(failure) => {
            let unclear = matches!(failure, Failure::Unclear(_));
            let key = lead.of.place.key();
            if matches!(failure, Failure::Away(_)) && !was_unclear {
                lead.of.place.note_unused(&lead.of.keeping).await;
            }
            let keeping = &lead.of.keeping;
            keeping.abandon(key, lead.owner, unclear, lead.until).await;
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
    fn may_be_used(&self, session: &Session) -> bool {
        self.of.client.refreshes().may_be_used(session.record())
    }

    /// Lets the session go on without its refresh token.
    async fn spent(self, session: Session, error: Error) -> Failure {
        let without = session.tokens().without_refresh_token();
        match self.keep(session, without.into()).await {
            Ok(without) => Failure::Spent(error, Box::new(without)),
            Err(failure) => failure,
        }
    }

    /// Keeps what came, in whatever the session is by now. Where the store does not answer, those who wait for it get it
    /// all the same, and this process keeps it with the session's next request.
    async fn keep(mut self, mut session: Session, brought: Renewed) -> Result<Renewed, Failure> {
        let newer = self.of.place.newer(&session, brought);
        let brought = Renewed::from(&newer);
        session.adopt(&newer);
        let patience = self.of.client.settings().calls.response_timeout;
        let until = self.until.min(Instant::now() + patience);
        loop {
            let of = &self.of;
            let filed = of
                .place
                .filed(&of.client, &mut session, &newer, of.user_agent.as_deref());
            let (key, revision, record) = (of.place.key(), of.place.revision(), filed?);
            let committed = self.of.keeping.commit(key, revision, self.owner, record).await;
            let error = match committed {
                Ok(Updated::Updated) => return Ok(brought),
                Ok(Updated::Gone) => Error::NoSession,
                Ok(other) => match self.of.read_again().await {
                    Ok(()) => {
                        session = self.of.session()?;
                        // It was kept, and the answer lost.
                        if brought.tokens.refresh_token.is_some() && session.tokens() == &brought.tokens {
                            return Ok(brought);
                        }
                        if other == Updated::NotOwner || !session.adopt(&newer) {
                            tracing::warn!(name: "monocloud.refresh.too_late", "a refresh took so long that another process counts it as lost, and what it brought is not kept");
                            return Err(Failure::Away(taken_over()));
                        }
                        continue;
                    }
                    Err(error) => error,
                },
                Err(error) => error,
            };
            if matches!(error, Error::NoSession) {
                revoke_if_set(&self.of.client, &brought).await;
                return Err(over());
            }
            if Instant::now() + PAUSE > until {
                tracing::error!(name: "monocloud.refresh.not_kept", "refreshed tokens are not in the store: this process has them for a while, others do not");
                return Ok(brought);
            }
            tokio::time::sleep(PAUSE + jitter()).await;
        }
    }
}

impl Exchanged {
    fn session(&self) -> Result<Session, Failure> {
        self.place.session().map_err(Failure::Away)
    }

    /// As it is in the store now.
    async fn read_again(&mut self) -> Result<(), Error> {
        self.place.read_again(&self.client, &self.keeping).await
    }

    /// What another process brought, where that is what is asked for and not what the session `had`, or no more can be had.
    fn brought_by_another(&self, had: &Session) -> Option<Result<Renewed, Failure>> {
        let session = match self.session() {
            Ok(session) => session,
            Err(failure) => return Some(Err(failure)),
        };
        let (tokens, now) = (session.tokens(), self.client.now());
        let is_good = |target| {
            let found = tokens.find(target);
            found.is_some_and(|token| !token.is_expired(now)) && found != had.tokens().find(target)
        };
        let is_there = match &self.aim {
            Aim::Default => is_good(None),
            Aim::Token(target) => is_good(Some(target)),
            Aim::Revocation => tokens.is_revoked(),
        };
        if is_there {
            return Some(Ok(self.place.brought(&session)));
        }
        let is_over = tokens.refresh_token.is_none() && self.aim != Aim::Revocation;
        is_over.then(|| {
            let without = Box::new(self.place.brought(&session));
            Err(Failure::Spent(Error::NoRefreshToken, without))
        })
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
