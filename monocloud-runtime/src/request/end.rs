//! The end of a request's session, for every copy of its cookie.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};
use http::HeaderValue;

use super::session_cookies;
use super::state::{RequestAuth, Who};
use super::tickets::Tickets;
use crate::client::ENDED_FOR;
use crate::error::Error;
use crate::event::{Event, SessionEnd};
use crate::session::{Cell, Ending, Flight, Generation, Held, Record, Session, Written, cell_key};
use crate::sign_in::{Carried, Earlier, Transaction};
use crate::store::StoreKey;

/// What a new session takes the place of.
pub(super) struct Replaced {
    record: Option<Record>,
    endings: Vec<Ending>,
    keys: BTreeSet<StoreKey>,
}

impl Replaced {
    /// But for this one, where the browser has it already.
    pub(super) fn without(mut self, held: &Held) -> Self {
        self.keys.remove(&held.key);
        let is_it = |ending: &Ending| *ending == Ending::of(&held.record);
        self.record = self.record.filter(|record| !is_it(&Ending::of(record)));
        self.endings.retain(|ending| !is_it(ending));
        self
    }
}

impl RequestAuth {
    /// Makes a new session the one of this request, in place of the earlier one, which is over for
    /// every copy of its cookie: the one that the request carries, and the one that the sign-in began with.
    /// When the new one cannot be kept, they stay. Also returns the deletions of sign-ins that gave way.
    pub(crate) async fn replace_session(
        &self,
        session: Session,
        transaction: &Transaction,
        code: &str,
    ) -> Result<Vec<HeaderValue>, Error> {
        let chunks = transaction.earlier.as_ref().map_or(0, |earlier| earlier.chunks);
        let mut replaced = self.replaced(transaction);
        let evicted = match self.client().keeping() {
            Some(keeping) => {
                let (ticket, user) = (transaction.ticket(code), session.user().clone());
                let (new, evicted) = self.create_stored(keeping, &ticket, session, chunks).await?;
                replaced.keys.remove(&new);
                self.evict(keeping, &user, evicted, &replaced.keys).await;
                Vec::new()
            }
            None => self.write_session(session, chunks)?,
        };
        self.end_replaced(replaced).await;
        Ok(evicted)
    }

    /// What a sign-in takes the place of.
    pub(super) fn replaced(&self, transaction: &Transaction) -> Replaced {
        let (record, carried) = (self.record(), self.carried());
        let earlier = || transaction.earlier.iter();
        Replaced {
            keys: carried
                .keys
                .into_iter()
                .chain(earlier().flat_map(Earlier::keys))
                .collect(),
            endings: carried
                .endings
                .into_iter()
                .chain(earlier().flat_map(Earlier::endings))
                .collect(),
            record,
        }
    }

    pub(super) async fn end_replaced(&self, replaced: Replaced) {
        let Replaced {
            record,
            endings,
            keys,
        } = replaced;
        if let Some(record) = &record {
            let (sub, why) = (record.user().sub(), SessionEnd::Replaced);
            self.client().events().emit(&Event::SessionEnded { sub, why });
        }
        let endings: Vec<_> = record.iter().map(Ending::of).chain(endings).collect();
        let written = endings
            .iter()
            .map(|ending| session_cookies::end(self.client(), *ending).1);
        // What could not be ended everywhere is refused here, and ended later.
        drop(written.fold(Written::default(), Written::and));
        let _ = self
            .end_stored(keys.into_iter().chain(self.cells(&endings)))
            .await;
    }

    /// Ends the session of this request, for every copy of its cookie. Also returns its refresh that is under way.
    ///
    /// # Errors
    ///
    /// Where nobody knows whether it has ended everywhere. Here it has, and its cookie goes.
    pub(crate) async fn end_session(
        &self,
        why: SessionEnd,
    ) -> Result<Option<(Session, Option<Flight>)>, Error> {
        let (mut endings, mut written) = (Vec::new(), Written::default());
        let mut ended = self.session().map(|mut session| {
            let sub = session.user().sub();
            self.client().events().emit(&Event::SessionEnded { sub, why });
            let ending = Ending::of(session.record());
            let (left, told) = session_cookies::end(self.client(), ending);
            endings.push(ending);
            written = std::mem::take(&mut written).and(told);
            if let Some(newest) = &left.newest {
                session.adopt(newest);
            }
            (session, left.under_way)
        });
        let held = self.state().held.as_ref().map(|held| held.key);
        let keys = self.carried().keys.into_iter().chain(held);
        let (others, told) = self.leave();
        if let Some((session, _)) = &mut ended
            && let Some(newest) = self.brought_elsewhere(session).await
        {
            session.adopt(&newest);
        }
        endings.extend(others);
        let written = written.and(told).done(Error::END_THE_SESSION);
        let stored = self.end_stored(keys.chain(self.cells(&endings)));
        let (written, stored) = join(written, stored).await;
        written.and(stored)?;
        Ok(ended)
    }

    /// The session of this request has ended already. Also returns the others that it carries, which end with it.
    pub(crate) fn leave(&self) -> (Vec<Ending>, Written) {
        let cookies = self.session_cookies();
        let ended = cookies.end_all();
        let mut state = self.state();
        state.who = Who::Nobody;
        state.held = None;
        if let Some(delete) = cookies.delete() {
            state.write = Some(delete);
        }
        ended
    }

    /// Every session that the request carries, also where it is nobody's clear yes.
    pub(crate) fn carried(&self) -> Carried {
        let Some(_) = self.client().keeping() else {
            return Carried {
                endings: self.session_cookies().carried(),
                keys: Vec::new(),
            };
        };
        Carried {
            endings: self.record().iter().map(Ending::of).collect(),
            keys: Tickets::of(self.client(), self.cookies()).keys(),
        }
    }

    /// The tokens that another process has brought and no cookie of this request has, where they are to be revoked.
    async fn brought_elsewhere(&self, session: &Session) -> Option<Generation> {
        let coordinator = self.client().coordinator()?;
        if !self.client().settings().sign_out.revoke_on_sign_out {
            return None;
        }
        let mut cell = Cell::of(session.clone());
        let is_read = coordinator.read_cell(&mut cell).await;
        is_read
            .is_ok_and(|is_there| is_there)
            .then(|| cell.kept().cloned())
            .flatten()
    }

    /// What processes share of sessions in cookies.
    fn cells(&self, endings: &[Ending]) -> Vec<StoreKey> {
        match self.client().coordinator() {
            Some(_) => endings.iter().map(|ending| cell_key(ending.session())).collect(),
            None => Vec::new(),
        }
    }

    /// Ends sessions in the store, each once; the first that could not be ended is the error.
    async fn end_stored(&self, keys: impl Iterator<Item = StoreKey>) -> Result<(), Error> {
        let Some(keeping) = self.client().sharing() else {
            return Ok(());
        };
        let keys: BTreeSet<_> = keys.collect();
        let ended = join_all(keys.into_iter().map(|key| keeping.end(key, ENDED_FOR))).await;
        ended.into_iter().collect()
    }
}
