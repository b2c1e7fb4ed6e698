//! A logout that the issuer begins with a logout token (OIDC Back-Channel Logout 1.0).
//!
//! Each token acts once, by its `jti`: in this process, and where a store is shared among all that share it. One whose
//! first attempt failed half way may come again, since ending what is over changes nothing; one that comes while the first
//! is at work in this process gets the outcome of the first.

use std::time::Duration;

use tokio::time::Instant;

use crate::client::{BackChannelLogout, Keeping, MonoCloud};
use crate::crypto::{self, Named, fingerprint};
use crate::error::Error;
use crate::event::{Event, Logout};
use crate::oidc::LoggedOut;
use crate::once::{Arrival, Failed};
use crate::session::Whose;
use crate::store::{Claim, Denial, IndexKey, Lease, Owner, Strangers};

/// Ends what the token names, and tells the application. It is done where no such session is known, too. `started` is
/// when the request came.
pub(crate) async fn back_channel(client: &MonoCloud, token: &str, started: Instant) -> Result<(), Error> {
    let issuer = client.issuer();
    let logout = issuer
        .verify_logout_token(issuer.read_logout_token(token)?)
        .await?;
    let key = fingerprint(logout.jti.as_bytes());
    let proof = fingerprint(token.as_bytes());
    let issued_at = logout.issued_at;
    let refused_in = logout.refused_from.saturating_sub(client.now()).saturating_add(1);
    let remembered = Duration::from_secs(u64::try_from(refused_in).unwrap_or(1));
    let work = once(client.clone(), logout, started, remembered);
    match client.logouts().arrive(key, proof, issued_at, remembered, work) {
        Arrival::Outcome(outcome) => outcome.await.map_err(|failed| failed.error),
        Arrival::Over | Arrival::Refused => Err(used_before()),
    }
}

/// Among all processes that share a store.
async fn once(
    client: MonoCloud,
    logout: LoggedOut,
    started: Instant,
    remembered: Duration,
) -> Result<(), Failed> {
    let claimed = match client.sharing() {
        Some(keeping) => Claimed::of(&client, keeping, &logout.jti).await,
        None => Ok(None),
    };
    let claimed = match claimed {
        Ok(claimed) => claimed,
        Err(failed) => {
            // The sessions are over all the same, and the issuer may say so again: none that began later ends by that.
            if matches!(failed.error, Error::StoreUnavailable { .. }) {
                let _ = end_sessions(&client, &logout).await;
            }
            return Err(failed);
        }
    };
    let ended = end(&client, logout, started).await;
    if let Some(claimed) = claimed {
        claimed.settle(ended.is_ok().then_some(remembered)).await?;
    }
    ended.map_err(again)
}

async fn end(client: &MonoCloud, logout: LoggedOut, started: Instant) -> Result<(), Error> {
    end_sessions(client, &logout).await?;
    let told = BackChannelLogout {
        sid: logout.sid,
        sub: logout.sub,
        jti: logout.jti,
    };
    let limit = client.settings().calls.response_timeout;
    let left = limit.saturating_sub(started.elapsed());
    // Less than the route's own limit, so that what it answers is what became of this.
    client.hooks().back_channel_logout(told, left / 20 * 19).await
}

async fn end_sessions(client: &MonoCloud, logout: &LoggedOut) -> Result<(), Error> {
    let settings = client.settings();
    let longest = client.longest_session();
    let (sid, sub) = (logout.sid.as_deref(), logout.sub.as_deref());
    let by_now = issued_by_now(logout.issued_at, client.now(), settings.tokens.clock_tolerance);
    let of_sid = sid.map(|sid| (Whose::Sid(sid), by_now));
    // Beside a `sid` it says whose the session is, and ends no other of theirs but what may be that one.
    let of_sub = sub.map(|sub| match sid {
        Some(_) => (Whose::SubWithoutSid(sub), logout.issued_at),
        None => (Whose::Sub(sub), logout.issued_at),
    });
    let written = client.denials().log_out(
        settings.issuer.tenant_domain.as_str(),
        of_sid.into_iter().chain(of_sub),
        longest,
        client.now_millis(),
    );
    if let Some(keeping) = client.sharing() {
        if let Some(sid) = sid {
            let names = client.filed_under(Named::Sid, sid);
            keeping
                .end_all(names, Denial::Every, Strangers::Deny, longest)
                .await?;
        }
        if let Some(sub) = sub {
            let kind = sid.map_or(Named::Sub, |_| Named::SubWithoutSid);
            let denial = Denial::IssuedUntil(logout.issued_at);
            let names = client.filed_under(kind, sub);
            keeping.end_all(names, denial, Strangers::Deny, longest).await?;
        }
    }
    client.events().emit(&Event::LoggedOut {
        sub: logout.sub.as_deref(),
        by: Logout::BackChannel,
    });
    written.done("end sessions").await
}

/// A `jti` that is this process's, under each of the secrets that other processes may have.
struct Claimed<'a> {
    keeping: &'a Keeping,
    names: Vec<IndexKey>,
    owner: Owner,
}

impl<'a> Claimed<'a> {
    /// Nothing, where the store is shared with nobody.
    async fn of(client: &MonoCloud, keeping: &'a Keeping, jti: &str) -> Result<Option<Self>, Failed> {
        let settings = client.settings();
        let issuer = settings.issuer.tenant_domain.as_str();
        let lease = Lease {
            owner: Owner::from_bytes(crypto::random()),
            length: settings.calls.response_timeout + Duration::from_secs(5),
        };
        let mut claimed = Self {
            keeping,
            names: Vec::new(),
            owner: lease.owner,
        };
        for namer in client.keys().names().each() {
            let name = IndexKey::from_bytes(namer.of(Named::Token, issuer, jti));
            let failed = match keeping.claim(name, lease).await {
                Ok(None) => return Ok(None),
                Ok(Some(Claim::Claimed)) => {
                    claimed.names.push(name);
                    continue;
                }
                Ok(Some(Claim::Done)) => Failed {
                    error: used_before(),
                    may_repeat: false,
                },
                Ok(Some(_)) => again(under_way()),
                Err(error) => again(error),
            };
            // Where that fails its lease runs out.
            let _ = claimed.settle(None).await;
            return Err(failed);
        }
        Ok(Some(claimed))
    }

    /// Done, and known for so long; or free again. Where the store does not say so, it may know it all the same, and would
    /// refuse the token for good; so what was done is done, and the lease keeps others from it meanwhile.
    async fn settle(self, keep: Option<Duration>) -> Result<(), Failed> {
        for name in self.names {
            let settle = || self.keeping.settle(name, self.owner, keep);
            match settle().await {
                Ok(false) if keep.is_some() => return Err(again(under_way())),
                Ok(_) => {}
                Err(_) => drop(settle().await),
            }
        }
        Ok(())
    }
}

fn again(error: Error) -> Failed {
    Failed {
        error,
        may_repeat: true,
    }
}

fn used_before() -> Error {
    Error::InvalidLogoutToken(
        "its `jti` was used before, or so many were since that it cannot be told".to_owned(),
    )
}

fn under_way() -> Error {
    Error::InvalidLogoutToken("another process is at the logout of its `jti`".to_owned())
}

/// By when, on the issuer's clock, the ID tokens of all sessions of a `sid` were issued: whenever the logout was said, it
/// ends those that began since. Should there be too many to remember, none of them lives again.
fn issued_by_now(logout: i64, now: i64, tolerance: i64) -> i64 {
    logout.max(now.saturating_add(tolerance))
}

#[cfg(test)]
mod tests {
    use super::issued_by_now;

    #[test]
    fn a_late_logout_is_about_sessions_that_began_since() {
        assert_eq!(issued_by_now(400, 1_000, 60), 1_060);
        assert_eq!(issued_by_now(1_070, 1_000, 60), 1_070);
    }
}
