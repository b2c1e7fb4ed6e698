//! A session that is to end, as it is remembered.

use super::super::record::Record;
use crate::crypto::{Fingerprint, Named, Namer, fingerprint};

/// What is remembered of a session, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(super) id: Fingerprint,
    pub(super) account: Fingerprint,
    /// Milliseconds, by our own clock.
    pub(super) created_at: i64,
}

impl Ending {
    pub(crate) const BYTES: usize = 40;

    pub(crate) fn of(record: &Record) -> Self {
        Self {
            id: fingerprint(record.id().as_bytes()),
            account: account_of(record.user().sub()),
            created_at: record.created_at_millis(),
        }
    }

    /// As it is called where it is remembered.
    pub(super) fn named(self, namer: Namer<'_>) -> Self {
        Self {
            id: namer.of(Named::Session, "", self.id),
            account: namer.of(Named::Account, "", self.account),
            created_at: self.created_at,
        }
    }

    /// Of the session's id.
    pub(crate) fn session(&self) -> &Fingerprint {
        &self.id
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..16].copy_from_slice(&self.id);
        bytes[16..32].copy_from_slice(&self.account);
        bytes[32..].copy_from_slice(&self.created_at.to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (account, rest) = rest.split_first_chunk()?;
        Some(Self {
            id: *id,
            account: *account,
            created_at: i64::from_be_bytes(rest.try_into().ok()?),
        })
    }
}

/// Of a user.
pub(super) fn account_of(sub: &str) -> Fingerprint {
    fingerprint(sub.as_bytes())
}
