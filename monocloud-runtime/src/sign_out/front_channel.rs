//! A logout that a page of the issuer begins, by embedding one of ours (OIDC Front-Channel Logout 1.0).
//!
//! Nobody signs it and no cookie need come with it: whoever knows the `sid` can end that session. So it takes no more
//! memory than is set aside for it, and pushes nothing out.

use crate::client::{Keeping, MonoCloud};
use crate::crypto::Named;
use crate::error::Error;
use crate::event::{Event, Logout};
use crate::session::Full;
use crate::store::{Denial, Strangers};

/// Of a `sid`, in bytes.
const MAX_SID: usize = 255;

/// Ends the session of the `sid`, whoever has it. `is_own` says that the request came with it.
pub(crate) async fn front_channel(
    client: &MonoCloud,
    iss: &str,
    sid: &str,
    is_own: bool,
) -> Result<(), Error> {
    if sid.is_empty() || sid.len() > MAX_SID {
        return Err(Error::InvalidRequest("`sid` has 1 to 255 bytes"));
    }
    let settings = client.settings();
    let configured = &settings.issuer.tenant_domain;
    // The metadata decides about a slash at the end.
    if !configured.names(iss) || client.issuer().metadata().await?.issuer.as_str() != iss {
        return Err(Error::InvalidRequest("`iss` is not the issuer"));
    }
    let longest = client.longest_session();
    let has_room = |sharing: &Keeping| sharing.coordinated().is_none() || sharing.may_ask_for_strangers();
    // Its owner's browser is no stranger.
    if !is_own && !client.sharing().is_none_or(has_room) {
        return Err(Error::TooManyLogouts);
    }
    if let Some(keeping) = client.keeping().filter(|keeping| keeping.coordinated().is_some()) {
        let whose = client.filed_under(Named::Sid, sid);
        let (all, nobody) = (Denial::Every, Strangers::PassOver);
        if keeping.end_all(whose, all, nobody, longest).await? > 0 {
            let by = Logout::FrontChannel;
            client.events().emit(&Event::LoggedOut { sub: None, by });
        }
        return Ok(());
    }
    let denied = client
        .denials()
        .log_out_unproved(configured.as_str(), sid, longest, client.now_millis());
    let (is_new, written) = denied.map_err(|Full| {
        if client.is_first_time("too many front-channel logouts".to_owned()) {
            tracing::error!(
                name: "monocloud.logout.front_channel_full",
                "more front-channel logouts came than are remembered, so that further ones are refused; is somebody making them up? Back-channel logout is not concerned"
            );
        }
        Error::TooManyLogouts
    })?;
    if is_new {
        let by = Logout::FrontChannel;
        client.events().emit(&Event::LoggedOut { sub: None, by });
    }
    written.done("end sessions").await
}
