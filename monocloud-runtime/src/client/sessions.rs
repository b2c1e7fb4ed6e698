//! The sessions of a user, for the application's own pages and tools.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Serialize, Serializer};

use super::{ENDED_FOR, MonoCloud};
use crate::crypto::{Fingerprint, Named, fingerprint};
use crate::error::Error;
use crate::event::{Event, SessionEnd};
use crate::session::Summary;
use crate::store::{Denial, IndexKey, Listed, StoreError, Strangers};

/// What a list shows of a session. Nothing in it is a way into the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    id: SessionId,
    summary: Summary,
    is_this: bool,
}

/// Names a session to [`Auth::end_session`](crate::Auth::end_session) and [`MonoCloud::end_session`]. As text it is
/// 22 characters of base64url.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(Fingerprint);

/// The text is no [`SessionId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not the id of a session, which has 22 characters of base64url")]
pub struct NoSessionId;

impl MonoCloud {
    /// The sessions of a user, the newest first.
    ///
    /// # Errors
    ///
    /// [`Error::StoreCannot`] where sessions are in cookies, or in a store that keeps no lists;
    /// [`Error::StoreUnavailable`] where the store does not answer.
    pub async fn sessions(&self, sub: &str) -> Result<Vec<SessionInfo>, Error> {
        let listed = self.listed(sub).await?;
        let infos = listed.into_iter().rev().filter_map(|listed| {
            let summary = Summary::open(self.keys(), listed.key, &listed.summary)?;
            Some(SessionInfo {
                id: SessionId::of(&listed),
                summary,
                is_this: false,
            })
        });
        Ok(infos.collect())
    }

    /// Ends one session of a user, wherever it is used. `false` where it is not theirs, or over.
    ///
    /// # Errors
    ///
    /// As with [`MonoCloud::sessions`]; [`Error::StoreUnavailable`] also where the store does not say that it has ended.
    pub async fn end_session(&self, sub: &str, id: &SessionId) -> Result<bool, Error> {
        let listed = self.listed(sub).await?;
        let Some(found) = listed.iter().find(|listed| SessionId::of(listed) == *id) else {
            return Ok(false);
        };
        let why = SessionEnd::Destroyed;
        self.events().emit(&Event::SessionEnded { sub, why });
        if let Some(keeping) = self.keeping() {
            keeping.end(found.key, ENDED_FOR).await?;
        }
        Ok(true)
    }

    /// Ends all sessions of a user that began before now, for every copy of their cookies: for all processes that share a
    /// store which keeps lists, or one beside sessions in cookies, and otherwise in this one, until it restarts.
    ///
    /// # Errors
    ///
    /// [`Error::LogoutNotShared`] where several processes serve the site and nothing is shared between them;
    /// [`Error::StoreUnavailable`] where the store does not say that they have ended. Here they have.
    pub async fn end_sessions(&self, sub: &str) -> Result<(), Error> {
        let now = self.now_millis();
        let written = self.denials().end_account(sub, self.longest_session(), now);
        self.events().emit(&Event::SessionEnded {
            sub,
            why: SessionEnd::Destroyed,
        });
        let ended = match self.sharing() {
            Some(keeping) => {
                let denial = Denial::CreatedBefore(now.saturating_add(1));
                let lifetime = self.longest_session();
                let ended = keeping.end_all(
                    self.filed_under(Named::Sub, sub),
                    denial,
                    Strangers::Deny,
                    lifetime,
                );
                ended.await.map(drop)
            }
            None if self.settings().instances.multiple_instances => Err(Error::LogoutNotShared),
            None => Ok(()),
        };
        // Whichever of the two fails, the other is done.
        written.done("end the sessions of a user").await.and(ended)
    }

    /// Whether sessions can be kept and read now, for a probe that asks whether this process is ready. Where they are in
    /// cookies, and nothing is shared, they always can.
    ///
    /// # Errors
    ///
    /// [`Error::StoreUnavailable`], which says what is wrong with the store.
    pub async fn check(&self) -> Result<(), Error> {
        if let Some(keeping) = self.sharing() {
            keeping.check().await?;
        }
        self.current().await
    }

    /// Waits until this process knows what is over, as far as others tell it.
    pub(crate) async fn current(&self) -> Result<(), Error> {
        self.denials().current().await.map_err(not_current)
    }

    /// Why this process does not know what is over, and so not who is signed in.
    pub(crate) fn not_current(&self) -> Option<Error> {
        self.denials().not_current().map(not_current)
    }

    /// What sessions of a `sid` or a `sub` may be filed under in a store.
    pub(crate) fn filed_under(&self, named: Named, value: &str) -> Vec<IndexKey> {
        let issuer = self.settings().issuer.tenant_domain.as_str();
        self.filing().filed_under(named, issuer, value)
    }

    async fn listed(&self, sub: &str) -> Result<Vec<Listed>, Error> {
        let keeping = self
            .keeping()
            .ok_or(Error::StoreCannot("list the sessions of a user"))?;
        keeping.list(self.filed_under(Named::Sub, sub)).await
    }
}

fn not_current(error: StoreError) -> Error {
    Error::StoreUnavailable {
        doing: "say which sessions are over",
        reason: error.to_string(),
        source: Some(Arc::new(error)),
    }
}

impl SessionInfo {
    /// What names it.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// When it began, in seconds since the Unix epoch.
    pub fn created_at(&self) -> i64 {
        self.summary.made_at
    }

    /// When it was last used, in seconds since the Unix epoch. That is written down once in five minutes, so it may have
    /// been used up to five minutes later.
    pub fn last_seen(&self) -> i64 {
        self.summary.seen_at
    }

    /// What the browser said of itself when it was last seen, up to 200 characters. Anybody can say anything.
    pub fn user_agent(&self) -> Option<&str> {
        self.summary.user_agent.as_deref()
    }

    /// Whether it is the one of the request that asked, with [`Auth::sessions`](crate::Auth::sessions).
    pub fn is_this(&self) -> bool {
        self.is_this
    }

    pub(crate) fn mark_this(&mut self, this: Option<SessionId>) {
        self.is_this = this == Some(self.id);
    }
}

impl SessionId {
    pub(crate) fn of_key(key: crate::store::StoreKey) -> Self {
        Self(fingerprint(key.as_bytes()))
    }

    fn of(listed: &Listed) -> Self {
        Self::of_key(listed.key)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

impl FromStr for SessionId {
    type Err = NoSessionId;

    fn from_str(text: &str) -> Result<Self, NoSessionId> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoSessionId)?;
        Ok(Self(bytes.try_into().map_err(|_| NoSessionId)?))
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::SessionId;
    use crate::store::StoreKey;

    #[test]
    fn an_id_is_read_as_it_was_written_and_nothing_else_is() {
        let id = SessionId::of_key(StoreKey::from_bytes([7; 16]));
        let text = id.to_string();
        assert_eq!((text.len(), text.parse()), (22, Ok(id)));
        assert_eq!(serde_json::json!(id), serde_json::json!(text));
        for wrong in ["", "a", &text[1..], &format!("{text}A"), &format!("{text}==")] {
            assert!(wrong.parse::<SessionId>().is_err(), "{wrong}");
        }
        assert_ne!(text, StoreKey::from_bytes([7; 16]).to_string(), "it is no key");
    }
}
