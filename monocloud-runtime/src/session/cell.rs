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
    /// Whether nobody knows what became of the refresh token.
    is_unclear: bool,
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
    #[serde(rename = "u", default, skip_serializing_if = "std::ops::Not::not")]
    is_unclear: bool,
}

/// What the cell of a session is filed under.
pub(crate) fn cell_key(session: &Fingerprint) -> StoreKey {
    StoreKey::from_bytes(fingerprint(
        &[&b"monocloud v2 refresh cell"[..], session].concat(),
    ))
}

impl Cell {
    pub(crate) fn of(session: Session) -> Self {
        let id = session.record().id().as_bytes();
        Self {
            key: cell_key(&fingerprint(id)),
            seals: Ticket::from_bytes(sha256(&[&b"monocloud v2 refresh cell key"[..], id].concat())),
            revision: Revision::FIRST,
            session,
            kept: None,
            is_unclear: false,
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
        let record = self.sealed(Revision::FIRST, &self.own(), (false, REMEMBERED + lease));
        NewRecord {
            longest: UNCLEAR_REMEMBERED + lease,
            ..filing.filed(self.session.record(), record)
        }
    }

    /// Takes what stands in the store. `false` where that cannot be read.
    pub(crate) fn take(&mut self, stored: Stored) -> bool {
        let Some((kept, is_unclear)) = self.open(&stored) else {
            return false;
        };
        self.is_unclear = is_unclear;
        self.revision = stored.revision;
        self.session.adopt(&kept);
        self.kept = Some(kept);
        true
    }

    /// The session's own tokens, where they are newer than what stands there, for as long as an exchange of them may take.
    pub(crate) fn with_own(&self, lease: Duration) -> Record {
        let keep = if self.is_unclear {
            UNCLEAR_REMEMBERED
        } else {
            REMEMBERED
        };
        self.sealed(self.revision.next(), &self.own(), (self.is_unclear, keep + lease))
    }

    /// The same, for as long as it matters that nobody knows what became of the refresh token.
    pub(crate) fn unclear(&self) -> Record {
        self.sealed(self.revision.next(), &self.own(), (true, UNCLEAR_REMEMBERED))
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
        self.sealed(self.revision.next(), newer, (false, keep))
    }

    /// What stands there.
    pub(crate) fn brought(&self) -> Option<Renewed> {
        let kept = self.kept.as_ref()?;
        Some(Renewed {
            number: Some(kept.number),
            ..Renewed::clone(&kept.renewed)
        })
    }

    /// The same, as a generation of the session's tokens.
    pub(crate) fn newest(&self) -> Option<Generation> {
        self.kept.clone()
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

    fn sealed(
        &self,
        revision: Revision,
        generation: &Generation,
        (is_unclear, keep): (bool, Duration),
    ) -> Record {
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
            is_unclear,
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

    fn open(&self, stored: &Stored) -> Option<(Generation, bool)> {
        let front = self.seals.open_front(stored.revision.get(), &stored.sealed)?;
        let kept: Kept = serde_json::from_slice(front.buffer.get(front.plaintext)?).ok()?;
        let generation = Generation {
            number: kept.number,
            renewed: Arc::new(Renewed {
                tokens: kept.tokens,
                claims: kept.claims,
                session_expiry: kept.session_expiry,
                number: None,
            }),
        };
        Some((generation, kept.is_unclear))
    }
}
