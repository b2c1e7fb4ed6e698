//! A session as a record of a store, and back.
//!
//! Its two parts are those of a session in a cookie, sealed with what the browser's ticket gives: the record, which is
//! read with every request, and its contents, which are opened when they are asked for.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::model::Session;
use super::record::{Record, UNKNOWN, Unusable};
use super::summary::Summary;
use crate::config::Lifetime;
use crate::cookie::SentTicket;
use crate::crypto::{KeyRing, Named, Ticket};
use crate::error::Error;
use crate::store::{self, IndexKey, NewRecord, Revision, StoreKey, Stored};

/// What stores are told that a record has at most.
pub(super) const MAX_SEALED: usize = 256 * 1_024;

/// A session that was found in a store.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) key: StoreKey,
    pub(crate) revision: Revision,
    pub(crate) record: Record,
    /// The ticket was sealed with an earlier cookie secret: with the next write the session gets its names, and the
    /// ticket is sealed, under the current one.
    pub(crate) reseal: bool,
    ticket: Ticket,
    sealed: Bytes,
}

/// Why what lies under a ticket's key is nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotHeld {
    /// It does not open: it was changed, or is another key's or revision's. No store that keeps what it is given has it.
    Sealed,
    Unusable(Unusable),
}

/// What it takes to file sessions in a store, and to read them.
#[derive(Clone, Copy)]
pub(crate) struct Filing<'a> {
    pub(crate) keys: &'a KeyRing,
    pub(crate) groups_claim: &'a Arc<str>,
    pub(crate) lifetime: Lifetime,
    /// How many sessions a user may have.
    pub(crate) most_of_user: Option<u32>,
    /// Seconds since the Unix epoch.
    pub(crate) now: i64,
}

impl Filing<'_> {
    /// The first record of a session, under the ticket's [key](key_of).
    pub(crate) fn first(
        &self,
        ticket: &Ticket,
        session: &Session,
        user_agent: Option<&str>,
    ) -> Result<NewRecord, Error> {
        let record = self.record(ticket, Revision::FIRST, session, user_agent)?;
        let mut new = self.filed(session.record(), record);
        new.most_of_user = self.most_of_user;
        Ok(new)
    }

    /// Something of a session, filed as it is.
    pub(super) fn filed(&self, of_session: &Record, record: store::Record) -> NewRecord {
        let longest = Duration::from_secs(self.lifetime.longest().unsigned_abs());
        let mut new = NewRecord::new(
            record,
            self.names(of_session),
            of_session.created_at_millis(),
            longest,
        );
        let issued_at = of_session.issued_at();
        new.issued_at = (issued_at != UNKNOWN).then_some(issued_at);
        new
    }

    /// What takes the place of a record that was found.
    pub(crate) fn next(
        &self,
        held: &Held,
        session: &Session,
        user_agent: Option<&str>,
    ) -> Result<store::Record, Error> {
        let mut record = self.record(&held.ticket, held.revision.next(), session, user_agent)?;
        record.renamed = held.reseal.then(|| self.names(session.record()));
        Ok(record)
    }

    /// Reads what was found under the key of a ticket.
    pub(crate) fn open(&self, sent: SentTicket, stored: Stored) -> Result<Held, NotHeld> {
        let SentTicket { ticket, reseal } = sent;
        let Stored { sealed, revision } = stored;
        let front = ticket
            .open_front(revision.get(), &sealed)
            .ok_or(NotHeld::Sealed)?;
        let record = Record::read(
            front.buffer,
            front.plaintext,
            self.groups_claim,
            self.lifetime,
            self.now,
        )
        .map_err(NotHeld::Unusable)?;
        Ok(Held {
            key: key_of(&ticket),
            revision,
            record,
            reseal,
            ticket,
            sealed,
        })
    }

    /// What sessions of a `sid` or a `sub` may be filed under, the current name first.
    pub(crate) fn filed_under(&self, named: Named, issuer: &str, value: &str) -> Vec<IndexKey> {
        let each = self.keys.names().each();
        each.map(|namer| IndexKey::from_bytes(namer.of(named, issuer, value)))
            .collect()
    }

    /// What a list shows of a session that is used now.
    pub(crate) fn summary(&self, key: StoreKey, record: &Record, user_agent: Option<&str>) -> Bytes {
        Summary::of(record, self.now, user_agent).seal(self.keys, key)
    }

    fn record(
        &self,
        ticket: &Ticket,
        revision: Revision,
        session: &Session,
        user_agent: Option<&str>,
    ) -> Result<store::Record, Error> {
        session.check_readable()?;
        let record = session.record();
        let sealed = ticket.seal(revision.get(), &record.to_bytes(), &session.contents_bytes());
        if sealed.len() > MAX_SEALED {
            return Err(Error::RecordTooLarge {
                bytes: sealed.len(),
                limit: MAX_SEALED,
            });
        }
        let summary = self.summary(key_of(ticket), record, user_agent);
        let remaining = record.expires_at().saturating_sub(self.now).max(0);
        let remaining = Duration::from_secs(remaining.unsigned_abs());
        Ok(store::Record::new(sealed.into(), summary, remaining))
    }

    fn names(&self, record: &Record) -> store::Names {
        let name = |named, value| {
            let name = self.keys.names().current().of(named, record.issuer(), value);
            IndexKey::from_bytes(name)
        };
        store::Names {
            sid: Some(match record.sid() {
                Some(sid) => name(Named::Sid, sid),
                None => name(Named::SubWithoutSid, record.user().sub()),
            }),
            sub: name(Named::Sub, record.user().sub()),
        }
    }
}

impl Held {
    /// The whole session, with this record: the one that was read, or that record slid.
    pub(crate) fn session(&self, record: Record) -> Option<Session> {
        Session::open(record, &self.ticket.open_contents(&self.sealed)?)
    }

    /// For the cookie, where it is set again.
    pub(crate) fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// What a store has of a session that just began, as [`Filing::first`] filed it.
    pub(crate) fn first(ticket: &Ticket, session: &Session, filed: &store::Record) -> Self {
        Self {
            key: key_of(ticket),
            revision: Revision::FIRST,
            record: session.record().clone(),
            reseal: false,
            ticket: ticket.clone(),
            sealed: filed.sealed.clone(),
        }
    }

    /// As the browser sent it.
    pub(crate) fn sent(&self) -> SentTicket {
        SentTicket {
            ticket: self.ticket.clone(),
            reseal: self.reseal,
        }
    }

    /// What the store has now, where it took what [`Filing::next`] made of a session.
    pub(crate) fn replaced(&self, session: &Session, by: &store::Record) -> Self {
        Self {
            key: self.key,
            revision: self.revision.next(),
            record: session.record().clone(),
            reseal: false,
            ticket: self.ticket.clone(),
            sealed: by.sealed.clone(),
        }
    }
}

/// What the session of a ticket is filed under.
pub(crate) fn key_of(ticket: &Ticket) -> StoreKey {
    StoreKey::from_bytes(ticket.key())
}

#[cfg(test)]
mod tests;
