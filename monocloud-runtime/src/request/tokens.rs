//! The tokens of the request's session: given while they are good, renewed when it is time.

mod renewal;
mod request;
mod revocation;
mod user_info;

use std::future::Future;

use tokio::time::Instant;

use super::session_cookies::SessionCookies;
use super::state::RequestAuth;
use crate::client::MonoCloud;
use crate::error::Error;
use crate::event::Event;
use crate::session::{AccessToken, Aim, Arrival, Failed, Failure, Generation, Renewed, Session, Target};

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
            let begin = || self.begin(&session, target, has_answered);
            let arrival = client.refreshes().arrive(&session, &aim, held.is_some(), begin);
            match arrival {
                Ok(Arrival::Newer(newer)) => drop(self.take_tokens(&newer).ok_or(Error::NoSession)?),
                // Each of the others brings something else, and however many there are, each ends.
                Ok(Arrival::Busy(flight)) if started.elapsed() < patience => drop(flight.await),
                Ok(Arrival::Recent(Ok(()))) => return Ok(session),
                Ok(Arrival::Joined(flight)) => {
                    let sub = session.user().sub();
                    client.events().emit(&Event::RefreshJoined { sub });
                    return self.landed(flight.await, session, may_serve);
                }
                Ok(Arrival::Began(flight)) => return self.landed(flight.await, session, may_serve),
                Ok(Arrival::Busy(_) | Arrival::Recent(Err(_))) | Err(_) if may_serve => return Ok(session),
                Ok(Arrival::Busy(_)) => return Err(too_busy()),
                Ok(Arrival::Recent(Err(error))) | Err(error) => return Err(error),
            }
        }
    }

    /// What refreshes the session, after all that can be known before the refresh token is spent.
    fn begin(
        &self,
        session: &Session,
        target: Option<&Target>,
        has_answered: bool,
    ) -> Result<impl Future<Output = Result<Renewed, Failure>> + Send + use<>, Error> {
        if session.tokens().refresh_token.is_none() {
            return Err(Error::NoRefreshToken);
        }
        if has_answered {
            return Err(Error::ResponseStarted);
        }
        let likely = renewal::like(self.client(), session, target);
        let cookies = SessionCookies::of(self.client(), self.cookies());
        cookies.check_fit(likely, usize::from(target.is_some()))?;
        Ok(renewal::renew(
            self.client().clone(),
            session.clone(),
            target.cloned(),
        ))
    }

    /// A token that is good still serves, where only the way to a newer one is closed.
    fn landed(
        &self,
        outcome: Result<Generation, Failed>,
        session: Session,
        may_serve: bool,
    ) -> Result<Session, Error> {
        let failed = match outcome {
            Ok(brought) => return self.take_tokens(&brought).ok_or(Error::NoSession),
            Err(failed) => failed,
        };
        if failed.ends_session {
            self.leave();
            return Err(failed.error);
        }
        if let Some(newer) = self.client().refreshes().newer(session.record()) {
            self.take_tokens(&newer);
        }
        if may_serve && !matches!(failed.error, Error::NoSession) {
            Ok(session)
        } else {
            Err(failed.error)
        }
    }
}

fn too_busy() -> Error {
    Error::unreachable(
        "the token endpoint",
        "too many refreshes of one session wait for each other",
    )
}

/// The default token is for whatever the sign-in asked for.
fn is_default(session: &Session, target: &Target) -> bool {
    session
        .tokens()
        .default_token()
        .is_some_and(|token| token.is_for(target))
}

/// What a token without a known target is for.
fn default_target(client: &MonoCloud, held: Option<&AccessToken>) -> Target {
    let params = &client.settings().auth_params;
    held.map_or_else(
        || Target {
            resource: params.resource.clone(),
            scopes: params.scopes.clone(),
        },
        AccessToken::target,
    )
}
