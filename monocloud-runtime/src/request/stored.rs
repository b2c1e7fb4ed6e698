//! The session of a request, where it is in a store.
//!
//! What is found is waited for before anybody asks who is there; what is written is written when it is asked for, so that
//! no answer says that something is kept or over before the store has said so. The response sets cookies alone.

mod write;

use std::time::Duration;

use tokio::time::Instant;

use super::session_cookies::Write;
use super::state::{RequestAuth, State, Who};
use super::tickets::{Found, Tickets};
use crate::client::Keeping;
use crate::crypto;
use crate::error::Error;
use crate::http_client::BoxFuture;
use crate::session::{Held, Record, Session};
use crate::store::{self, Exchange, Lease, Owner, StoreKey, Updated};

/// What was found, and what became of it.
struct Loaded {
    found: Found,
    /// Where its contents were opened already.
    session: Option<Session>,
    write: Option<Write>,
}

impl RequestAuth {
    /// What has to be waited for before it is known who is signed in. Nothing with sessions in cookies, where that is
    /// known; without a ticket, and where the store's answer is at hand.
    pub(super) fn pending_session(&self) -> Option<BoxFuture<'_, ()>> {
        let Some(keeping) = self.client().keeping() else {
            return self.pending_news();
        };
        if !matches!(self.state().who, Who::NotAsked) {
            return None;
        }
        let tickets = Tickets::of(self.client(), self.cookies());
        let at_hand = tickets.at_hand(keeping);
        if let Some(found) = at_hand {
            if !self.is_due(&found) {
                self.take(Loaded::of(found), &tickets);
                return None;
            }
            return Some(Box::pin(async move {
                let loaded = self.brought_up_to_date(keeping, found, &tickets).await;
                self.take(loaded, &tickets);
            }));
        }
        Some(Box::pin(async move {
            let found = tickets.ask(keeping).await;
            let loaded = self.brought_up_to_date(keeping, found, &tickets).await;
            self.take(loaded, &tickets);
        }))
    }

    /// Of which sessions are over, where processes tell each other.
    fn pending_news(&self) -> Option<BoxFuture<'_, ()>> {
        let client = self.client();
        if !client.denials().are_shared()
            || !matches!(self.state().who, Who::NotAsked)
            || !self.session_cookies().are_sent()
        {
            return None;
        }
        client.not_current()?;
        Some(Box::pin(async move {
            // Why there are none is asked when somebody wants to know who is signed in.
            let _ = client.current().await;
        }))
    }

    /// Waits until it is known who is signed in.
    ///
    /// # Errors
    ///
    /// Where it could not be found out.
    pub(crate) async fn known(&self) -> Result<(), Error> {
        if let Some(pending) = self.pending() {
            pending.await;
        }
        self.trouble().map_or(Ok(()), Err)
    }

    /// Why it could not be found out who is signed in, where no token speaks.
    pub(crate) fn trouble(&self) -> Option<Error> {
        let client = self.client();
        let is_in_store = client.keeping().is_some();
        if !is_in_store && !client.denials().are_shared() || self.brings_token() {
            return None;
        }
        let mut state = self.state();
        if !is_in_store {
            self.resolve(&mut state);
        }
        state.trouble.clone()
    }

    /// What the session is filed under.
    pub(crate) fn store_key(&self) -> Option<StoreKey> {
        self.state().held.as_ref().map(|held| held.key)
    }

    /// For who asks without having waited, which is a mistake of ours where the answer is not at hand.
    pub(super) fn look_now(&self, state: &mut State, keeping: &Keeping) {
        let tickets = Tickets::of(self.client(), self.cookies());
        if let Some(found) = tickets.at_hand(keeping) {
            self.settle(state, Loaded::of(found), &tickets);
        } else {
            tracing::error!(name: "monocloud.store.not_awaited", "the session store was not waited for, so nobody is signed in");
            debug_assert!(false, "the session store was not waited for");
            state.who = Who::Nobody;
        }
    }

    /// Whether what was found is to be written before it is used.
    fn is_due(&self, found: &Found) -> bool {
        let Found::Held(held) = found else { return false };
        self.client().refreshes().newer(&held.record).is_some() || self.slid(&held.record).is_some()
    }

    fn slid(&self, record: &Record) -> Option<Record> {
        let client = self.client();
        if self.state().without_slide {
            return None;
        }
        record.slid(client.settings().session_lifetime, client.now())
    }

    /// With tokens that this process has and the store has not, and prolonged when it is time. Where that cannot be
    /// written the session is as it was found: nobody is signed out by it.
    async fn brought_up_to_date(&self, keeping: &Keeping, found: Found, tickets: &Tickets<'_>) -> Loaded {
        let Found::Held(held) = found else {
            return Loaded::of(found);
        };
        let record = self.slid(&held.record);
        let newer = self.client().refreshes().newer(&held.record);
        if record.is_none() && newer.is_none() {
            return Loaded::of(Found::Held(held));
        }
        let Some(mut session) = held.session(record.unwrap_or_else(|| held.record.clone())) else {
            return Loaded::of(Found::Held(held));
        };
        if let Some(newer) = &newer {
            session.adopt(newer);
        }
        let filed = self.filed(&held, &session);
        let Ok(record) = filed else {
            return Loaded::of(Found::Held(held));
        };
        let updated = match newer {
            None => keeping.update(held.key, held.revision, record.clone()).await,
            Some(_) => committed(keeping, &held, record.clone()).await,
        };
        match updated {
            Ok(Updated::Updated) => {
                let held = held.replaced(&session, &record);
                Loaded {
                    write: tickets.set(held.ticket(), &held.record, 0),
                    found: Found::Held(held),
                    session: Some(session),
                }
            }
            // Somebody else has written it, and told the browser.
            Ok(Updated::Conflict(_)) | Err(_) => Loaded {
                found: Found::Held(held),
                session: Some(session),
                write: None,
            },
            Ok(_) => Loaded::of(Found::Nobody),
        }
    }

    fn take(&self, loaded: Loaded, tickets: &Tickets<'_>) {
        let mut state = self.state();
        // Another task of the request was faster.
        if matches!(state.who, Who::NotAsked) {
            self.settle(&mut state, loaded, tickets);
        }
    }

    fn settle(&self, state: &mut State, loaded: Loaded, tickets: &Tickets<'_>) {
        state.write = loaded.write;
        match loaded.found {
            Found::Nobody => {
                state.who = Who::Nobody;
                if tickets.are_something_else() {
                    state.write = self.session_cookies().delete();
                }
            }
            Found::Failed(error) => {
                state.who = Who::Nobody;
                state.trouble = Some(error);
            }
            Found::Held(held) => {
                if !state.without_slide
                    && let Some(keeping) = self.client().keeping()
                {
                    keeping.touch(held.key, || {
                        let filing = self.client().filing();
                        filing.summary(held.key, &held.record, self.user_agent())
                    });
                }
                let found = Who::Record(held.record.clone());
                state.who = loaded.session.map_or(found, Who::Session);
                state.held = Some(held);
                self.settle_rounds(state);
            }
        }
    }
}

/// Keeps what an exchange of this process brought whose end the store was not told: it ends with that, so that nobody
/// takes the new tokens for spent.
async fn committed(keeping: &Keeping, held: &Held, record: store::Record) -> Result<Updated, Error> {
    let lease = Lease {
        owner: Owner::from_bytes(crypto::random()),
        length: Duration::from_secs(5),
    };
    let (key, revision) = (held.key, held.revision);
    let until = Instant::now() + lease.length;
    match keeping.begin(key, revision, lease).await? {
        Exchange::Begun { taken_over, .. } => {
            let updated = keeping.commit(key, revision, lease.owner, record).await;
            if !matches!(updated, Ok(Updated::Updated)) {
                keeping.abandon(key, lease.owner, taken_over, until).await;
            }
            updated
        }
        Exchange::Gone => Ok(Updated::Gone),
        _ => Ok(Updated::Conflict(revision)),
    }
}

impl Loaded {
    fn of(found: Found) -> Self {
        Self {
            found,
            session: None,
            write: None,
        }
    }
}
