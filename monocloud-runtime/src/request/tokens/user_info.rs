//! The session's user, brought up to date.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::access::names_groups;
use crate::client::MonoCloud;
use crate::crypto::fingerprint;
use crate::error::Error;
use crate::identity;
use crate::once::{Arrival, Failed};
use crate::request::state::RequestAuth;
use crate::session::Session;

impl RequestAuth {
    /// Merges the user with fresh userinfo, or replaces them by it, and keeps that in the session.
    pub(crate) async fn refetch_user_info(&self) -> Result<Session, Error> {
        let client = self.client();
        let asked = self.session().ok_or(Error::NoSession)?;
        let fresh = fresh(client, &asked).await?;
        // As it is now: others may have changed it meanwhile.
        let mut session = self.session().ok_or(Error::NoSession)?;
        if client.denials().denies(session.record()) {
            return Err(Error::NoSession);
        }
        if let Some(fresh) = fresh {
            let claims = &client.settings().claims;
            let user = identity::refetched(session.user(), fresh, claims.strict_profile_sync, |name| {
                names_groups(&claims.groups_claim, name)
            });
            session.set_user(&user)?;
        }
        self.set_session(session.clone()).await?;
        Ok(session)
    }

    /// The same for who only wants to know what is known: with a fresh access token, where one can be had.
    pub(crate) async fn user_info(&self) -> Result<Session, Error> {
        if let Err(error) = self.renewed(None, false).await {
            if self.session().is_none() {
                return Err(error);
            }
            tracing::debug!(name: "monocloud.user_info.not_refreshed", code = error.code(), error = %error, "userinfo is asked with the token that is there");
        }
        self.refetch_user_info().await
    }
}

/// Userinfo as it is now, or was a moment ago: one call, however many requests of the session ask at once.
async fn fresh(client: &MonoCloud, session: &Session) -> Result<Option<Map<String, Value>>, Error> {
    let Some(access_token) = session.access_token().map(str::to_owned) else {
        return Ok(None);
    };
    let key = fingerprint(session.record().id().as_bytes());
    let (caller, subject) = (client.clone(), session.user().sub().to_owned());
    let call = async move {
        let fresh = caller.issuer().user_info(&access_token, &subject).await;
        fresh.map_err(|error| Failed {
            error,
            may_repeat: false,
        })
    };
    let arrival = client
        .user_infos()
        .arrive(key, key, client.now(), Duration::ZERO, call);
    match arrival {
        Arrival::Outcome(outcome) => match outcome.await {
            Ok(fresh) => Ok(fresh),
            Err(Failed {
                error: error @ Error::AccessTokenRefused(_),
                ..
            }) => {
                // The token has expired or was revoked: what is known is the answer.
                tracing::info!(name: "monocloud.user_info.access_token_over", error = %error, "the user is told as known");
                Ok(None)
            }
            Err(failed) => Err(failed.error),
        },
        Arrival::Over | Arrival::Refused => Ok(None),
    }
}
