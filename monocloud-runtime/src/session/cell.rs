//! What the last exchange of a session's tokens brought, where the session is in cookies and processes share a store.
//!
//! It stands there under a name that comes of the session's id, sealed with a key that comes of it, too. The id is 128
//! random bits that nobody has but the sealed cookie, so whoever has the store reads nothing. It is kept for as long as
//! copies of the session from before the exchange may come.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::model::Session;
use super::refreshes::{REMEMBERED, UNCLEAR_REMEMBERED};
use super::stored::{Filing, MAX_SEALED};
use super::tokens::{Generation, Renewed, TokenSet};
use crate::crypto::{Fingerprint, Ticket, fingerprint, sha256};
use crate::store::{NewRecord, Record, Revision, StoreKey, Stored};

/// The cell of a session.
#[derive(Clone)]
pub(crate) struct Cell {
    key: StoreKey,
    seals: Ticket,
    pub(crate) revision: Revision,
    /// With the newest tokens that are known.
    session: Session,
    /// What stands in the store.
    kept: Option<Generation>,
    /// Whose refresh token was sent last, or was about to be.
    sent: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(rename = "n")]
    number: u32,
    #[serde(rename = "t")]
    tokens: TokenSet,
    #[serde(rename = "c", default, skip_serializing_if = "Map::is_empty")]
    claims: Map<String, Value>,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    session_expiry: Option<i64>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    sent: Option<u32>,
}

/// What the cell of a session is filed under.
pub(crate) fn cell_key(session: &Fingerprint) -> StoreKey {
    StoreKey::from_bytes(fingerprint(
        &[&b"monocloud v2 refresh cell"[..], session].concat(),
    ))
}

impl Cell {
    /// How long one that was ended keeps its place: cookies with its refresh token may be somewhere still.
    pub(crate) const ENDED_FOR: Duration = UNCLEAR_REMEMBERED;

    pub(crate) fn of(session: Session) -> Self {
        let id = session.record().id().as_bytes();
        Self {
            key: cell_key(&fingerprint(id)),
            seals: Ticket::from_bytes(sha256(&[&b"monocloud v2 refresh cell key"[..], id].concat())),
            revision: Revision::FIRST,
            session,
            kept: None,
            sent: None,
        }
    }

    pub(crate) fn key(&self) -> StoreKey {
        self.key
    }

    /// With the newest tokens that are known.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// What the store is to have first, for an exchange that takes up to `lease`.
    pub(crate) fn first(&self, filing: Filing<'_>, lease: Duration) -> NewRecord {
        let record = self.sealed(Revision::FIRST, &self.own(), false, REMEMBERED + lease);
        NewRecord {
            longest: UNCLEAR_REMEMBERED + lease,
            ..filing.filed(self.session.record(), record)
        }
    }

    /// Takes what stands in the store. `false` where that cannot be read.
    pub(crate) fn take(&mut self, stored: &Stored) -> bool {
        let Some(kept) = self.open(stored) else {
            return false;
        };
        self.revision = stored.revision;
        self.sent = kept.sent;
        let kept = kept.generation();
        self.session.adopt(&kept);
        self.kept = Some(kept);
        true
    }

    /// Whether the refresh token that the session has was sent before, or may have been.
    pub(crate) fn was_sent(&self) -> bool {
        let own = self.session.record().generation();
        self.sent.is_some_and(|sent| sent >= own)
    }

    /// What the store is to have before the refresh token is sent: it is this one. Whoever sends it may never say what
    /// became of it, so it is known for as long as that matters.
    pub(crate) fn about_to_send(&self, lease: Duration) -> Record {
        let keep = UNCLEAR_REMEMBERED + lease;
        self.sealed(self.revision.next(), &self.own(), true, keep)
    }

    /// The same once it is known that the refresh token is as good as it was.
    pub(crate) fn unused(&self) -> Record {
        self.sealed(self.revision.next(), &self.own(), false, REMEMBERED)
    }

    /// What an exchange brought, with what earlier ones said otherwise of the person.
    pub(crate) fn newer(&self, brought: Renewed) -> Generation {
        let base = self.session.record().generation();
        Generation::after(base, self.kept.as_ref(), brought)
    }

    /// That in place of what stands there.
    pub(crate) fn with(&self, newer: &Generation) -> Record {
        let is_without = newer.renewed.tokens.refresh_token.is_none();
        let keep = if is_without {
            UNCLEAR_REMEMBERED
        } else {
            REMEMBERED
        };
        self.sealed(self.revision.next(), newer, false, keep)
    }

    /// What stands there.
    pub(crate) fn kept(&self) -> Option<&Generation> {
        self.kept.as_ref()
    }

    fn own(&self) -> Generation {
        let number = self.session.record().generation();
        match &self.kept {
            Some(kept) if kept.number == number => kept.clone(),
            kept => Generation {
                number,
                renewed: Arc::new(Renewed {
                    claims: kept
                        .as_ref()
                        .map_or_else(Map::new, |kept| kept.renewed.claims.clone()),
                    session_expiry: self.session.record().session_expiry(),
                    ..self.session.tokens().clone().into()
                }),
            },
        }
    }

    fn sealed(&self, revision: Revision, generation: &Generation, was_sent: bool, keep: Duration) -> Record {
        let Renewed {
            tokens,
            claims,
            session_expiry,
            ..
        } = Renewed::clone(&generation.renewed);
        let mut kept = Kept {
            number: generation.number,
            tokens,
            claims,
            session_expiry,
            sent: was_sent.then_some(generation.number),
        };
        let seal = |kept: &Kept| {
            let text = serde_json::to_vec(kept).expect("tokens and claims have string keys alone");
            self.seals.seal(revision.get(), &text, &[])
        };
        let mut sealed = seal(&kept);
        if sealed.len() > MAX_SEALED {
            kept.tokens.drop_access_tokens();
            sealed = seal(&kept);
        }
        Record::new(sealed.into(), Bytes::new(), keep)
    }

    fn open(&self, stored: &Stored) -> Option<Kept> {
        let front = self.seals.open_front(stored.revision.get(), &stored.sealed)?;
        serde_json::from_slice(front.buffer.get(front.plaintext)?).ok()
    }
}

impl Kept {
    fn generation(self) -> Generation {
        Generation {
            number: self.number,
            renewed: Arc::new(Renewed {
                tokens: self.tokens,
                claims: self.claims,
                session_expiry: self.session_expiry,
                number: None,
            }),
        }
    }
}
