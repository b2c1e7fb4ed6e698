//! The tokens of the request's session: given while they are good, renewed when it is time.

mod exchange;
mod place;
mod renewal;
mod request;
mod revocation;
mod user_info;

use std::future::Future;

use tokio::time::Instant;

use self::exchange::{Exchanged, too_busy};
use self::place::Place;
use super::session_cookies::SessionCookies;
use super::state::RequestAuth;
use crate::error::Error;
use crate::event::Event;
use crate::http_client::BoxFuture;
use crate::session::{Aim, Arrival, Cell, Failed, Failure, Generation, Renewed, Session, Target};

pub use self::request::{TokenRequest, Tokens};

impl RequestAuth {
    /// The tokens that `request` asks for.
    pub(crate) async fn tokens(&self, request: &TokenRequest) -> Result<Tokens, Error> {
        let settings = self.client().settings();
        let target = request.target(settings)?;
        let mut session = self.renewed(target.as_ref(), request.force).await?;
        if request.refetch || settings.claims.refetch_user_info {
            if target.is_some() {
                self.renewed(None, false).await?;
            }
            self.refetch_user_info().await?;
        }
        if session.tokens().find(target.as_ref()).is_none() {
            session = self.session().ok_or(Error::NoSession)?;
        }
        if let Some(error) = self.client().not_current() {
            return Err(error);
        }
        if self.client().denials().denies(session.record()) {
            return Err(Error::NoSession);
        }
        let tokens = Tokens::of(&session, target.as_ref(), settings.clock.clone());
        let tokens = tokens.ok_or(Error::NoRefreshToken)?;
        // What is answered with them is for whose they are.
        self.let_in();
        Ok(tokens)
    }

    /// The session with a token for the target that is good for a while, which is kept in its cookies.
    async fn renewed(&self, target: Option<&Target>, force: bool) -> Result<Session, Error> {
        let client = self.client();
        let (started, patience) = (Instant::now(), client.settings().calls.response_timeout);
        loop {
            let session = self.session().ok_or(Error::NoSession)?;
            let target = target.filter(|target| !is_default(&session, target));
            let now = client.now();
            let held = session.tokens().find(target);
            let is_good = held.is_some_and(|token| !token.is_due(now));
            let may_serve = !force && held.is_some_and(|token| !token.is_expired(now));
            if may_serve && (is_good || session.tokens().refresh_token.is_none()) {
                return Ok(session);
            }
            let has_answered = self.has_answered();
            let aim = target.cloned().map_or(Aim::Default, Aim::Token);
            let begin = || self.begin(&session, target, has_answered, !may_serve);
            let arrival = client.refreshes().arrive(&session, &aim, held.is_some(), begin);
            match arrival {
                Ok(Arrival::Newer(newer)) => {
                    self.take_tokens(&newer).await.ok_or(Error::NoSession)?;
                }
                // Each of the others brings something else, and however many there are, each ends.
                Ok(Arrival::Busy(flight)) if started.elapsed() < patience => drop(flight.await),
                Ok(Arrival::Recent(Ok(()))) => return Ok(session),
                Ok(Arrival::Joined(flight)) => {
                    let sub = session.user().sub();
                    client.events().emit(&Event::RefreshJoined { sub });
                    return self.landed(flight.await, session, may_serve).await;
                }
                Ok(Arrival::Began(flight)) => return self.landed(flight.await, session, may_serve).await,
                Ok(Arrival::Busy(_) | Arrival::Recent(Err(_))) | Err(_) if may_serve => return Ok(session),
                Ok(Arrival::Busy(_)) => return Err(too_busy()),
                Ok(Arrival::Recent(Err(error))) | Err(error) => return Err(error),
            }
        }
    }

    /// What refreshes the session, after all that can be known before the refresh token is spent. `may_wait` says whether
    /// there is a reason to wait for another process that is at it.
    fn begin(
        &self,
        session: &Session,
        target: Option<&Target>,
        has_answered: bool,
        may_wait: bool,
    ) -> Result<BoxFuture<'static, Result<Renewed, Failure>>, Error> {
        if session.tokens().refresh_token.is_none() {
            return Err(Error::NoRefreshToken);
        }
        let client = self.client();
        if client.keeping().is_none() {
            if has_answered {
                return Err(Error::ResponseStarted);
            }
            let likely = renewal::like(client, session, target);
            let cookies = SessionCookies::of(client, self.cookies());
            cookies.check_fit(likely, usize::from(target.is_some()))?;
        }
        let (caller, target) = (client.clone(), target.cloned());
        let aim = target.clone().map_or(Aim::Default, Aim::Token);
        self.alone(session, may_wait, aim, |session| {
            renewal::renew(caller, session, target)
        })
    }

    /// Does the work once for the session: in this process as it is, and where processes share a store among all of them.
    fn alone<F>(
        &self,
        session: &Session,
        may_wait: bool,
        aim: Aim,
        work: impl FnOnce(Session) -> F + Send + 'static,
    ) -> Result<BoxFuture<'static, Result<Renewed, Failure>>, Error>
    where
        F: Future<Output = Result<Renewed, Failure>> + Send + 'static,
    {
        let client = self.client();
        let (keeping, place) = if let Some(keeping) = client.keeping() {
            let held = self.state().held.clone().ok_or(Error::NoSession)?;
            (keeping, Place::Record(held))
        } else if let Some(coordinator) = client.coordinator() {
            (coordinator, Place::Cell(Cell::of(session.clone())))
        } else {
            return Ok(Box::pin(work(session.clone())));
        };
        let of = Exchanged {
            client: client.clone(),
            keeping: keeping.clone(),
            user_agent: self.user_agent().map(str::to_owned),
            place,
            aim,
        };
        Ok(Box::pin(exchange::alone(of, may_wait, work)))
    }

    /// A token that is good still serves, where only the way to a newer one is closed.
    async fn landed(
        &self,
        outcome: Result<Generation, Failed>,
        session: Session,
        may_serve: bool,
    ) -> Result<Session, Error> {
        let failed = match outcome {
            Ok(brought) => return self.take_tokens(&brought).await.ok_or(Error::NoSession),
            Err(failed) => failed,
        };
        if failed.ends_session {
            // Whoever refused it has told the others.
            drop(self.leave());
            return Err(failed.error);
        }
        if let Some(newer) = self.client().refreshes().newer(session.record()) {
            self.take_tokens(&newer).await;
        }
        if may_serve && !matches!(failed.error, Error::NoSession) {
            Ok(session)
        } else {
            Err(failed.error)
        }
    }
}

/// The default token is for whatever the sign-in asked for.
fn is_default(session: &Session, target: &Target) -> bool {
    session
        .tokens()
        .default_token()
        .is_some_and(|token| token.is_for(target))
}
