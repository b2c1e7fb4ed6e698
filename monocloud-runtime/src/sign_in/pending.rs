//! The cookies of sign-ins under way: one for each, bounded in number, the oldest giving way.

use http::HeaderValue;

use super::link::SignInUrl;
use super::rounds;
use super::transaction::Transaction;
use crate::client::MonoCloud;
use crate::config::CookieAttributes;
use crate::cookie::{Cookies, Seal};
use crate::crypto::{self, Purpose, fingerprint};
use crate::error::Error;

/// Shorter values are none of ours, and cost nothing to pass over.
const MIN_BYTES: usize = 100;

/// As many that have a key of ours are looked into; one header has no room for more.
const MAX_LOOKS: usize = 100;

/// How long the cookie outlives its callback, in seconds: a browser that asks twice gets the same answer.
pub(crate) const AFTERLIFE: i64 = 10;

/// A transaction's cookie that the request carries, and that was sealed here.
pub(crate) struct Pending {
    tail: String,
    created_at: i64,
    /// Whether its callback was there already.
    is_finished: bool,
    /// In the `Cookie` header.
    pub(crate) bytes: usize,
}

impl Pending {
    pub(crate) fn delete(&self, client: &MonoCloud) -> HeaderValue {
        client
            .settings()
            .state_cookie
            .delete(&cookie_name(client, &self.tail))
    }
}

/// The transaction that an authorization response belongs to.
pub(crate) struct Found {
    pub(crate) transaction: Transaction,
    /// Of its cookie, as it was sent.
    value: String,
}

impl Found {
    /// Keeps its cookie for the seconds in which the same answer may be asked for again.
    pub(crate) fn keep_shortly(&self, client: &MonoCloud) -> HeaderValue {
        let attributes = CookieAttributes {
            persistent: true,
            ..self.attributes(client)
        };
        let tail = Transaction::cookie_tail(&self.transaction.state());
        attributes.set(&cookie_name(client, &tail), &self.value, AFTERLIFE)
    }

    /// Deletes its cookie.
    pub(crate) fn delete(&self, client: &MonoCloud) -> HeaderValue {
        delete(client, &self.transaction.state())
    }

    /// The same sign-in once more, at which the issuer must ask.
    pub(crate) fn again(&self, client: &MonoCloud) -> Option<SignInUrl> {
        SignInUrl::again(client, &self.transaction)
    }

    /// Of cookies that must come along with this sign-in's response.
    pub(crate) fn attributes(&self, client: &MonoCloud) -> CookieAttributes {
        attributes(client, &self.transaction)
    }
}

/// All that the request carries, the oldest last. What does not open is somebody else's: it counts for
/// nothing, and stays.
pub(crate) fn pending(client: &MonoCloud, sent: &Cookies) -> Vec<Pending> {
    let name = &client.settings().state_cookie.name;
    let seal = seal(client, name);
    let mut pending: Vec<_> = sent
        .named(name)
        .dotted()
        .filter(|(tail, value)| is_tail(tail) && value.len() >= MIN_BYTES && seal.may_open(value))
        .take(MAX_LOOKS)
        .filter_map(|(tail, value)| {
            let transaction = open(client, tail, value)?;
            Some(Pending {
                tail: tail.to_owned(),
                created_at: transaction.created_at,
                is_finished: client
                    .exchanges()
                    .knows(&fingerprint(transaction.state().as_bytes())),
                bytes: name.len() + 1 + tail.len() + 1 + value.len() + 2,
            })
        })
        .collect();
    pending.sort_by_key(|pending| (pending.is_finished, std::cmp::Reverse(pending.created_at)));
    pending
}

/// The cookies for a new transaction: its own, and deletions of those that give way to it.
pub(crate) fn begin(
    client: &MonoCloud,
    sent: &Cookies,
    transaction: &Transaction,
) -> Result<Vec<HeaderValue>, Error> {
    let settings = client.settings();
    let tail = Transaction::cookie_tail(&transaction.state());
    let name = cookie_name(client, &tail);
    let json = serde_json::to_vec(transaction).expect("a transaction has string keys alone");
    let attributes = attributes(client, transaction);
    let sealed = seal(client, &name)
        .seal(
            &attributes,
            (Purpose::Transaction, &json),
            (Purpose::Transaction, &[]),
        )
        .filter(|sealed| sealed.len() == 1)
        .ok_or(Error::InvalidRequest(
            "the sign-in's parameters are too long for a cookie",
        ))?;
    let (over, mut pending): (Vec<_>, Vec<_>) = pending(client, sent)
        .into_iter()
        .partition(|pending| has_expired(client, pending.created_at));
    let session_bytes = sent
        .named(&settings.session_cookie.name)
        .header_bytes(settings.session_cookie.name.len());
    let fixed = session_bytes + sealed.header_bytes();
    let mut cookies: Vec<_> = sealed
        .set(&attributes, settings.state_lifetime.duration)
        .collect();
    cookies.extend(over.iter().map(|pending| pending.delete(client)));
    let under_way = |pending: &[Pending]| pending.iter().filter(|pending| !pending.is_finished).count();
    while under_way(&pending) >= settings.state_lifetime.max_concurrent
        || fixed + pending.iter().map(|pending| pending.bytes).sum::<usize>()
            > settings.cookie_budget.trim_above
    {
        let Some(oldest) = pending.pop() else { break };
        cookies.push(oldest.delete(client));
    }
    Ok(cookies)
}

/// Deletes every sign-in under way, and what was noted of earlier ones: whoever signs out leaves nothing
/// behind.
pub(crate) fn abandon(client: &MonoCloud, sent: &Cookies) -> Vec<HeaderValue> {
    let pending = pending(client, sent);
    let deletions = pending.iter().map(|pending| pending.delete(client));
    deletions.chain(rounds::clear(client, sent)).collect()
}

/// The transaction that `state` belongs to, if this browser began it and it has not expired.
pub(crate) fn find(client: &MonoCloud, sent: &Cookies, state: &str) -> Option<Found> {
    let tail = Transaction::cookie_tail(state);
    let settings = client.settings();
    sent.named(&settings.state_cookie.name)
        .with_tail(&tail)
        .filter(|value| value.len() >= MIN_BYTES)
        .take(MAX_LOOKS)
        .find_map(|value| {
            let transaction = open(client, &tail, value)?;
            let is_it =
                crypto::equal(&*transaction.state(), state) && !has_expired(client, transaction.created_at);
            let value = String::from_utf8(value.to_vec()).ok()?;
            is_it.then_some(Found { transaction, value })
        })
}

/// Deletes the cookie of a transaction of ours that [`find`] did not give, since it has expired.
pub(crate) fn delete_expired(client: &MonoCloud, sent: &Cookies, state: &str) -> Option<HeaderValue> {
    let tail = Transaction::cookie_tail(state);
    let sent = sent.named(&client.settings().state_cookie.name);
    let carried = sent
        .with_tail(&tail)
        .take(MAX_LOOKS)
        .any(|value| open(client, &tail, value).is_some());
    carried.then(|| delete(client, state))
}

fn delete(client: &MonoCloud, state: &str) -> HeaderValue {
    client
        .settings()
        .state_cookie
        .delete(&cookie_name(client, &Transaction::cookie_tail(state)))
}

fn open(client: &MonoCloud, tail: &str, value: &[u8]) -> Option<Transaction> {
    let name = cookie_name(client, tail);
    let front = seal(client, &name).open_value(Purpose::Transaction, value)?;
    serde_json::from_slice(&front.buffer[front.plaintext()]).ok()
}

fn attributes(client: &MonoCloud, transaction: &Transaction) -> CookieAttributes {
    let attributes = client.settings().state_cookie.clone();
    if transaction.form_post {
        attributes.for_form_post()
    } else {
        attributes
    }
}

fn seal<'a>(client: &'a MonoCloud, name: &'a str) -> Seal<'a> {
    Seal {
        keys: client.keys(),
        name,
        now: client.now(),
    }
}

fn has_expired(client: &MonoCloud, created_at: i64) -> bool {
    client.now() >= created_at.saturating_add(client.settings().state_lifetime.duration)
}

fn cookie_name(client: &MonoCloud, tail: &str) -> String {
    format!("{}.{tail}", client.settings().state_cookie.name)
}

fn is_tail(tail: &str) -> bool {
    tail.len() == 16
        && tail
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
