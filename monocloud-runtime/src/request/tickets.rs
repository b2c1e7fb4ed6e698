//! The tickets that a request carries in place of its session, and the cookie that has one.

use futures_util::future::join_all;
use http::HeaderValue;

use super::session_cookies::Write;
use crate::client::{Keeping, MonoCloud};
use crate::config::CookieAttributes;
use crate::cookie::{self, Cookies, Seal, Sent, SentTicket};
use crate::crypto::Ticket;
use crate::error::Error;
#[cfg(feature = "testing")]
use crate::session::Session;
use crate::session::{Held, NotHeld, Record, key_of};
use crate::store::{StoreKey, Stored};

/// What a request carries under the session cookie's name, where its session is in a store.
pub(crate) struct Tickets<'a> {
    client: &'a MonoCloud,
    sent: Sent<'a>,
    carried: Vec<SentTicket>,
    /// Whether they may be looked up. Those that are too many can be ended all the same.
    are_few: bool,
    now: i64,
}

/// What is under the keys of a request's tickets.
pub(super) enum Found {
    Nobody,
    Held(Held),
    /// It could not be found out.
    Failed(Error),
}

impl<'a> Tickets<'a> {
    pub(crate) fn of(client: &'a MonoCloud, cookies: &'a Cookies) -> Self {
        let attributes = &client.settings().session_cookie;
        let (now, sent) = (client.now(), cookies.named(&attributes.name));
        let (carried, are_few) = if sent.count_first_chunks(1) == 0 {
            (Vec::new(), Ok(()))
        } else {
            seal(client, now).open_tickets(&sent)
        };
        if are_few.is_err() {
            say_two(client);
        }
        Self {
            client,
            sent,
            carried,
            are_few: are_few.is_ok(),
            now,
        }
    }

    /// What sessions are filed under that the request carries.
    pub(super) fn keys(&self) -> Vec<StoreKey> {
        self.carried.iter().map(|sent| key_of(&sent.ticket)).collect()
    }

    /// Whose session it is, where the store says so at once.
    pub(super) fn at_hand(&self, keeping: &Keeping) -> Option<Found> {
        if !self.are_few {
            return Some(Found::Nobody);
        }
        let answers = self.keys().into_iter().map(|key| keeping.get_now(key));
        let answers = answers.collect::<Option<Vec<_>>>()?;
        Some(self.choose(answers))
    }

    /// Whose session it is.
    pub(super) async fn ask(&self, keeping: &Keeping) -> Found {
        if !self.are_few {
            return Found::Nobody;
        }
        let answers = self.keys().into_iter().map(|key| keeping.get(key));
        let answers = join_all(answers).await;
        self.choose(answers)
    }

    /// Nobody's, where it cannot be found out or is not one person's.
    fn choose(&self, answers: Vec<Result<Option<Stored>, Error>>) -> Found {
        let mut found: Option<Held> = None;
        let answers: Result<Vec<_>, Error> = answers.into_iter().collect();
        let answers = match answers {
            Ok(answers) => answers,
            Err(error) => return Found::Failed(error),
        };
        for (sent, stored) in self.carried.iter().zip(answers) {
            let Some(stored) = stored else { continue };
            let held = match self.client.filing().open(sent.clone(), stored) {
                Ok(held) => held,
                Err(NotHeld::Sealed) => {
                    say_changed();
                    continue;
                }
                Err(NotHeld::Unusable(_)) => continue,
            };
            if self.client.denials().denies(&held.record) {
                continue;
            }
            match &found {
                Some(first) if first.record.user().sub() != held.record.user().sub() => {
                    say_two(self.client);
                    return Found::Nobody;
                }
                Some(_) => {}
                None => found = Some(held),
            }
        }
        found.map_or(Found::Nobody, Found::Held)
    }

    /// The cookie with a ticket, for as long as the record lives. `earlier_chunks` is how many cookies the browser has of
    /// a session before.
    pub(super) fn set(&self, ticket: &Ticket, record: &Record, earlier_chunks: usize) -> Option<Write> {
        let attributes = self.attributes();
        let sealed = seal(self.client, self.now).seal_ticket(attributes, ticket)?;
        let max_age = record.expires_at() - self.now;
        let mut cookies: Vec<_> = sealed.set(attributes, max_age).collect();
        let mut stale = self.sent.chunks_from(sealed.len());
        stale.extend(sealed.len()..earlier_chunks);
        cookies.extend(stale.into_iter().map(|index| self.deletion(index)));
        Some(Write::Set(cookies))
    }

    /// Whether the request has something else under the cookie's name: a session from before there was a store.
    pub(super) fn are_something_else(&self) -> bool {
        self.carried.is_empty() && !self.sent.is_ambiguous()
    }

    /// The value of a request's `Cookie` header for a ticket.
    #[cfg(feature = "testing")]
    pub(crate) fn request_header(client: &MonoCloud, ticket: &Ticket) -> Option<String> {
        let attributes = &client.settings().session_cookie;
        let sealed = seal(client, client.now()).seal_ticket(attributes, ticket)?;
        Some(sealed.request_header())
    }

    /// The session that the request carries, with nothing to write.
    #[cfg(feature = "testing")]
    pub(crate) async fn session_sent(&self) -> Option<Session> {
        match self.ask(self.client.keeping()?).await {
            Found::Held(held) => held.session(held.record.clone()),
            Found::Nobody | Found::Failed(_) => None,
        }
    }

    fn deletion(&self, index: usize) -> HeaderValue {
        let attributes = self.attributes();
        attributes.delete(&cookie::chunk_name(&attributes.name, index))
    }

    fn attributes(&self) -> &'a CookieAttributes {
        &self.client.settings().session_cookie
    }
}

fn seal(client: &MonoCloud, now: i64) -> Seal<'_> {
    Seal {
        keys: client.keys(),
        name: &client.settings().session_cookie.name,
        now,
    }
}

pub(super) fn say_changed() {
    tracing::error!(name: "monocloud.store.changed", "what the session store gave does not open: it was changed, or is another session's");
}

fn say_two(client: &MonoCloud) {
    if client.is_first_time("two sessions".to_owned()) {
        tracing::warn!(
            name: "monocloud.session.two",
            cookie = client.settings().session_cookie.name,
            "a request carried sessions of two people, or more than are looked at, so nobody was signed in: another host of the domain may set this cookie; a name that begins with `__Host-` keeps it out (MONOCLOUD_AUTH_SESSION_COOKIE_NAME)"
        );
    }
}
