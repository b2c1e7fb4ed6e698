//! A logout that the issuer begins with a logout token (OIDC Back-Channel Logout 1.0).
//!
//! Each token acts once, by its `jti`. One whose first attempt failed half way may come again, since ending what is over
//! changes nothing; one that comes while the first is at work gets the outcome of the first.

use std::time::Duration;

use tokio::time::Instant;

use crate::client::{BackChannelLogout, MonoCloud};
use crate::crypto::fingerprint;
use crate::error::Error;
use crate::event::{Event, Logout};
use crate::oidc::LoggedOut;
use crate::once::{Arrival, Failed};
use crate::session::Whose;

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
    let work = end(client.clone(), logout, started);
    match client.logouts().arrive(key, proof, issued_at, remembered, work) {
        Arrival::Outcome(outcome) => outcome.await.map_err(|failed| failed.error),
        Arrival::Over | Arrival::Refused => {
            let reason = "its `jti` was used before, or so many were since that it cannot be told";
            Err(Error::InvalidLogoutToken(reason.to_owned()))
        }
    }
}

async fn end(client: MonoCloud, logout: LoggedOut, started: Instant) -> Result<(), Failed> {
    let settings = client.settings();
    let longest = Duration::from_secs(settings.session_lifetime.longest().unsigned_abs());
    // A `sub` beside a `sid` says whose the session is, and ends no other of theirs.
    let sid = logout.sid.as_deref().map(Whose::Sid);
    if let Some(whose) = sid.or(logout.sub.as_deref().map(Whose::Sub)) {
        client.denials().log_out(
            settings.issuer.tenant_domain.as_str(),
            whose,
            logout.issued_at,
            longest,
            client.now_millis(),
        );
    }
    client.events().emit(&Event::LoggedOut {
        sub: logout.sub.as_deref(),
        by: Logout::BackChannel,
    });
    let told = BackChannelLogout {
        sid: logout.sid,
        sub: logout.sub,
        jti: logout.jti,
    };
    let left = settings.calls.response_timeout.saturating_sub(started.elapsed());
    // Less than the route's own limit, so that what it answers is what became of this.
    let told = client.hooks().back_channel_logout(told, left / 20 * 19).await;
    told.map_err(|error| Failed {
        error,
        may_repeat: true,
    })
}
