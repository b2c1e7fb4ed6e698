//! Writing the session of a request into its store.

use std::collections::BTreeSet;

use super::super::state::{RequestAuth, Who};
use super::super::tickets::Tickets;
use crate::client::{ENDED_FOR, Keeping};
use crate::cookie::SentTicket;
use crate::crypto::{Named, Ticket};
use crate::error::Error;
use crate::event::{Event, SessionEnd};
use crate::identity::User;
use crate::session::{Generation, Held, Session, key_of};
use crate::sign_in::{AFTERLIFE, Transaction};
use crate::store::{Created, Record, StoreKey, Updated};

/// Others write it meanwhile, each once.
const ATTEMPTS: usize = 10;

impl RequestAuth {
    /// Keeps the session as it is in place of what was found. What others changed meanwhile is overwritten, but for newer
    /// tokens and a later end.
    pub(in crate::request) async fn write_stored(
        &self,
        keeping: &Keeping,
        mut session: Session,
    ) -> Result<(), Error> {
        self.adopt_newest(&mut session);
        let mut held = self.state().held.clone().ok_or(Error::NoSession)?;
        let _turn = keeping.turn(held.key).await?;
        let (mut read, was_until) = (held.record.clone(), held.record.expires_at());
        for _ in 0..ATTEMPTS {
            let record = self.filed(&held, &session)?;
            match keeping.update(held.key, held.revision, record.clone()).await? {
                Updated::Updated => {
                    let sets = held.reseal || held.record.expires_at() != was_until;
                    self.hold(held.replaced(&session, &record), session, sets);
                    return Ok(());
                }
                Updated::Conflict(_) => {
                    held = self.read_again(keeping, &held).await?.ok_or(Error::NoSession)?;
                    let theirs = held.session(held.record.clone()).ok_or(Error::NoSession)?;
                    session.adopt_from(&theirs);
                    session.prolong_from(&theirs);
                    // Whoever changed nothing about the person takes nothing back.
                    if session.user() == read.user() {
                        session.set_user(theirs.user())?;
                    }
                    read = held.record.clone();
                }
                _ => return Err(Error::NoSession),
            }
        }
        Err(Error::StoreUnavailable {
            doing: "keep the session",
            reason: "others wrote it each time".to_owned(),
            source: None,
        })
    }

    /// The session that another process gave the browser for this sign-in, whose answer was lost on the way or is asked
    /// for once more: from now on it is that of this request, in place of the earlier one, which the other process may not
    /// have come to. Only the code that it came of leads to it.
    pub(crate) async fn join_session(
        &self,
        keeping: &Keeping,
        transaction: &Transaction,
        code: &str,
    ) -> Result<Option<Session>, Error> {
        let (ticket, client) = (transaction.ticket(code), self.client());
        let Some(stored) = keeping.get(key_of(&ticket)).await? else {
            return Ok(None);
        };
        let reseal = false;
        let Ok(held) = client.filing().open(SentTicket { ticket, reseal }, stored) else {
            return Ok(None);
        };
        // A copy of the sign-in's cookie is no way in for longer than in one process.
        let is_late = client.now() > held.record.created_at().saturating_add(AFTERLIFE);
        if is_late || client.denials().denies(&held.record) {
            return Ok(None);
        }
        let Some(session) = held.session(held.record.clone()) else {
            return Ok(None);
        };
        let chunks = transaction.earlier.as_ref().map_or(0, |earlier| earlier.chunks);
        let write = Tickets::of(client, self.cookies()).set(held.ticket(), &held.record, chunks);
        let replaced = self.replaced(transaction).without(&held);
        self.hold(held, session.clone(), false);
        self.state().write = write;
        self.end_replaced(replaced).await;
        Ok(Some(session))
    }

    /// Keeps a session that just began under this ticket, and says what it is filed under, and which sessions give way.
    pub(in crate::request) async fn create_stored(
        &self,
        keeping: &Keeping,
        ticket: &Ticket,
        session: Session,
        earlier_chunks: usize,
    ) -> Result<(StoreKey, Vec<StoreKey>), Error> {
        let client = self.client();
        let new = client.filing().first(ticket, &session, self.user_agent())?;
        let held = Held::first(ticket, &session, &new.record);
        let mut give_way = Vec::new();
        match keeping.create(held.key, new).await? {
            Created::Created { evicted } => give_way = evicted,
            // The browser asked again. Where the issuer took the code twice, the first stays.
            Created::Exists => {
                let kept = self.read_again(keeping, &held).await?;
                let is_it = |kept: &Held| kept.record.id() == session.record().id();
                if !kept.is_some_and(|kept| is_it(&kept)) {
                    return Err(Error::UnknownTransaction);
                }
            }
            Created::Denied => return Err(Error::LoggedOut),
            _ => return Err(Error::UnknownTransaction),
        }
        let write = Tickets::of(client, self.cookies()).set(ticket, session.record(), earlier_chunks);
        let mut state = self.state();
        if state.finished {
            return Err(Error::ResponseStarted);
        }
        let key = held.key;
        state.who = Who::Session(session);
        state.held = Some(held);
        state.write = write;
        Ok((key, give_way))
    }

    /// Ends sessions of a user who has too many, the oldest first. Those that the new one replaces end anyway, and make
    /// room as well.
    pub(in crate::request) async fn evict(
        &self,
        keeping: &Keeping,
        user: &User,
        evicted: Vec<StoreKey>,
        replaced: &BTreeSet<StoreKey>,
    ) {
        if evicted.is_empty() {
            return;
        }
        let names = self.client().filed_under(Named::Sub, user.sub());
        let live = keeping.list(names).await.unwrap_or_default();
        let make_room = live
            .iter()
            .filter(|listed| replaced.contains(&listed.key))
            .count();
        let most = evicted.len().saturating_sub(make_room);
        let (sub, why) = (user.sub(), SessionEnd::Evicted);
        for key in evicted
            .into_iter()
            .filter(|key| !replaced.contains(key))
            .take(most)
        {
            self.client().events().emit(&Event::SessionEnded { sub, why });
            // What could not be ended is refused here, and ended later.
            let _ = keeping.end(key, ENDED_FOR).await;
        }
    }

    /// The session with these tokens or newer ones: as it is in the store, where whoever brought them has kept them.
    pub(in crate::request) async fn take_stored(
        &self,
        keeping: &Keeping,
        mut session: Session,
        newer: &Generation,
    ) -> Option<Session> {
        session.adopt(newer);
        let mut held = self.state().held.clone()?;
        match self.read_again(keeping, &held).await {
            Ok(Some(now)) if now.record.generation() >= session.record().generation() => {
                session = now.session(now.record.clone())?;
                held = now;
            }
            Ok(Some(_)) | Err(_) => {}
            // The browser may have the cookie of a newer session by now.
            Ok(None) => {
                let mut state = self.state();
                (state.who, state.held) = (Who::Nobody, None);
                return None;
            }
        }
        self.hold(held, session.clone(), false);
        Some(session)
    }

    /// What the store is to have in place of what it has.
    pub(super) fn filed(&self, held: &Held, session: &Session) -> Result<Record, Error> {
        let filing = self.client().filing();
        filing.next(held, session, self.user_agent())
    }

    /// The session as it is in the store now, if it is there.
    pub(in crate::request) async fn read_again(
        &self,
        keeping: &Keeping,
        held: &Held,
    ) -> Result<Option<Held>, Error> {
        let Some(stored) = keeping.get(held.key).await? else {
            return Ok(None);
        };
        Ok(self.client().filing().open(held.sent(), stored).ok())
    }

    fn hold(&self, held: Held, session: Session, sets_cookie: bool) {
        let tickets = Tickets::of(self.client(), self.cookies());
        let mut state = self.state();
        if sets_cookie && !state.finished {
            state.write = tickets.set(held.ticket(), &held.record, 0);
        }
        state.who = Who::Session(session);
        state.held = Some(held);
    }
}
