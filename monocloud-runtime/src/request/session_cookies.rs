//! The session in its cookies: read, slid, written within the budget, deleted.

use http::HeaderValue;

use super::budget::{Budget, Fitted};
use crate::client::MonoCloud;
use crate::config::CookieAttributes;
use crate::cookie::{self, Chunked, Cookies, Seal, Sent, TooMany};
use crate::crypto::Purpose;
use crate::error::Error;
use crate::session::{Ending, Left, Record, Session, Unusable, Written};

/// What a request carries under the session cookie's name.
pub(crate) struct SessionCookies<'a> {
    client: &'a MonoCloud,
    cookies: &'a Cookies,
    sent: Sent<'a>,
    pub(super) now: i64,
}

/// What was found.
pub(super) enum Found {
    /// Nobody, and perhaps what deletes that which was sent.
    Nobody(Option<Write>),
    Record(Record),
    /// A session that was prolonged, and what says so.
    Prolonged(Session, Option<Write>),
}

/// What becomes of the session cookie: `Set-Cookie` values.
pub(super) enum Write {
    Set(Vec<HeaderValue>),
    Delete(Vec<HeaderValue>),
}

impl<'a> SessionCookies<'a> {
    pub(crate) fn of(client: &'a MonoCloud, cookies: &'a Cookies) -> Self {
        let sent = cookies.named(&client.settings().session_cookie.name);
        Self {
            client,
            cookies,
            sent,
            now: client.now(),
        }
    }

    /// Whether there is anything that could be a session.
    pub(super) fn are_sent(&self) -> bool {
        self.sent.count_first_chunks(1) > 0
    }

    /// The session that the request carries, and what its cookie needs: a slid session is written
    /// anew, one of ours that cannot be read is deleted.
    pub(super) fn read(&self, slides: bool) -> Found {
        let whole = self.sent.count_first_chunks(2);
        if whole == 0 {
            return Found::Nobody(None);
        }
        let denials = self.client.denials();
        // A request that is late may carry a session that a sign-in has replaced since: the browser
        // has a newer cookie by now, which must not be deleted. What is from the future may be
        // good again when the clocks are.
        let mut may_be_good_later = false;
        let mut first: Option<Record> = None;
        let others = self.open(|record| match (record, &first) {
            (Err(unusable), _) => {
                may_be_good_later |= unusable == Unusable::FromTheFuture;
                None
            }
            (Ok(record), _) if denials.denies(&record) => {
                may_be_good_later = true;
                None
            }
            (Ok(record), None) => {
                first = Some(record);
                (whole == 1).then_some(false)
            }
            (Ok(record), Some(first)) => (record.user().sub() != first.user().sub()).then_some(true),
        });
        // Who is one of too many to look at is nobody's clear yes either.
        if others == Ok(Some(true)) || others == Err(TooMany) && first.is_some() {
            if self.client.is_first_time("two sessions".to_owned()) {
                tracing::warn!(
                    name: "monocloud.session.two",
                    cookie = self.attributes().name,
                    "a request carried sessions of two people, or more than are looked at, so nobody was signed in: another host of the domain may set this cookie; a name that begins with `__Host-` keeps it out (MONOCLOUD_AUTH_SESSION_COOKIE_NAME)"
                );
            }
            return Found::Nobody(None);
        }
        let Some(record) = first else {
            let delete = !may_be_good_later && !self.sent.is_ambiguous() && self.seal().is_ours(&self.sent);
            return Found::Nobody(delete.then(|| Write::Delete(self.deletions(0))));
        };
        let lifetime = self.client.settings().session_lifetime;
        let Some(slid) = record.slid(lifetime, self.now).filter(|_| slides) else {
            return Found::Record(record);
        };
        // What cannot be opened is not written either: it would come out empty.
        let Some(session) = self.session(slid) else {
            return Found::Record(record);
        };
        let write = self
            .seal_session(&session)
            .map(|sealed| self.set(&session, &sealed, 0));
        Found::Prolonged(session, write)
    }

    /// The whole session of a record that was read.
    pub(super) fn session(&self, record: Record) -> Option<Session> {
        let contents = self
            .seal()
            .open_contents(Purpose::SessionContents, &self.sent, record.buffer())?;
        Session::open(record, &contents)
    }

    /// The cookies of a session, within the budget. Also returns the session as it is written, and
    /// the deletions of what gave way. `earlier_chunks` is how many cookies the browser has of a session
    /// before, though it may not have sent them.
    pub(super) fn write(
        &self,
        session: Session,
        earlier_chunks: usize,
    ) -> Result<(Session, Write, Vec<HeaderValue>), Error> {
        session.check_readable()?;
        let Fitted {
            session,
            sealed,
            evicted,
        } = Budget::of(self.client).fit(self.client, self.cookies, session, |session| {
            self.seal_session(session)
        })?;
        let write = self.set(&session, &sealed, earlier_chunks);
        Ok((session, write, evicted))
    }

    /// The cookies of a session whose tokens are new: where all of them are too much, without the access tokens.
    pub(super) fn write_or_leave_out(
        &self,
        session: Session,
    ) -> Result<(Session, Write, Vec<HeaderValue>), Error> {
        self.write(session.clone(), 0).or_else(|error| match error {
            Error::SessionTooLarge { bytes, limit } => {
                tracing::warn!(name: "monocloud.session.access_tokens_left_out", bytes, limit, "the session keeps its refresh token alone, since its access tokens do not fit into cookies; MONOCLOUD_AUTH_COOKIE_LIMIT");
                let mut session = session;
                session.drop_access_tokens();
                self.write(session, 0)
            }
            other => Err(other),
        })
    }

    /// Whether a session can be kept with its default access token and as many of the newest others. Where it cannot,
    /// nothing has happened yet.
    pub(super) fn check_fit(&self, session: Session, others: usize) -> Result<(), Error> {
        let budget = Budget::of(self.client).keeping(others);
        let fitted = budget.fit(self.client, self.cookies, session, |session| {
            self.seal_session(session)
        });
        fitted.map(drop)
    }

    /// Deletes every chunk that the request carries, if they are ours.
    pub(super) fn delete(&self) -> Option<Write> {
        self.seal()
            .is_ours(&self.sent)
            .then(|| Write::Delete(self.deletions(0)))
    }

    /// Ends every session that the request carries, for every copy of its cookie: a sibling domain
    /// may have planted one beside ours. Also returns which they are. Of those that are over here the others may not have
    /// been told yet.
    pub(super) fn end_all(&self) -> (Vec<Ending>, Written) {
        let carried = self.opened(|_| true);
        let written = carried.iter().map(|ending| end(self.client, *ending).1);
        let written = written.fold(Written::default(), Written::and);
        (carried, written)
    }

    /// Every session that the request carries; of too many, those that are looked at.
    pub(super) fn carried(&self) -> Vec<Ending> {
        self.opened(|record| !self.client.denials().denies(record))
    }

    fn opened(&self, is_one: impl Fn(&Record) -> bool) -> Vec<Ending> {
        let mut carried = Vec::new();
        let _ = self.open(|record| -> Option<()> {
            let record = record.ok()?;
            if is_one(&record) {
                carried.push(Ending::of(&record));
            }
            None
        });
        carried
    }

    /// The value of a request's `Cookie` header for a session.
    #[cfg(feature = "testing")]
    pub(crate) fn request_header(&self, session: &Session) -> Option<String> {
        self.seal_session(session).map(|sealed| sealed.request_header())
    }

    /// The session that the request carries, with nothing to write.
    #[cfg(feature = "testing")]
    pub(crate) fn session_sent(&self) -> Option<Session> {
        match self.read(true) {
            Found::Nobody(_) => None,
            Found::Record(record) => self.session(record),
            Found::Prolonged(session, _) => Some(session),
        }
    }

    fn open<T>(
        &self,
        mut accept: impl FnMut(Result<Record, Unusable>) -> Option<T>,
    ) -> Result<Option<T>, TooMany> {
        let lifetime = self.client.settings().session_lifetime;
        self.seal().open(Purpose::Session, &self.sent, |front| {
            let plaintext = front.plaintext();
            let groups_claim = self.client.groups_claim();
            accept(Record::read(
                front.buffer,
                plaintext,
                groups_claim,
                lifetime,
                self.now,
            ))
        })
    }

    fn seal_session(&self, session: &Session) -> Option<Chunked> {
        self.seal().seal(
            self.attributes(),
            (Purpose::Session, &session.record().to_bytes()),
            (Purpose::SessionContents, &session.contents_bytes()),
        )
    }

    fn set(&self, session: &Session, sealed: &Chunked, earlier_chunks: usize) -> Write {
        let max_age = session.expires_at() - self.now;
        let mut cookies: Vec<_> = sealed.set(self.attributes(), max_age).collect();
        let mut stale = self.sent.chunks_from(sealed.len());
        stale.extend(sealed.len()..earlier_chunks);
        cookies.extend(self.delete_chunks(stale));
        Write::Set(cookies)
    }

    /// For the chunks that were sent, from this one on.
    fn deletions(&self, first: usize) -> Vec<HeaderValue> {
        self.delete_chunks(self.sent.chunks_from(first))
    }

    fn delete_chunks(&self, chunks: impl IntoIterator<Item = usize>) -> Vec<HeaderValue> {
        let attributes = self.attributes();
        chunks
            .into_iter()
            .map(|index| attributes.delete(&cookie::chunk_name(&attributes.name, index)))
            .collect()
    }

    fn seal(&self) -> Seal<'_> {
        Seal {
            keys: self.client.keys(),
            name: &self.attributes().name,
            now: self.now,
        }
    }

    fn attributes(&self) -> &'a CookieAttributes {
        &self.client.settings().session_cookie
    }
}

/// Ends a session for every copy of its cookie.
pub(super) fn end(client: &MonoCloud, ending: Ending) -> (Left, Written) {
    let written = client
        .denials()
        .end(ending, client.longest_session(), client.now_millis());
    (client.refreshes().end(ending.session()), written)
}
