//! The cookies of sign-ins under way: one for each, bounded in number, the oldest giving way.

use http::HeaderValue;

use super::transaction::Transaction;
use crate::client::MonoCloud;
use crate::cookie::{Cookies, Seal};
use crate::crypto::{self, Purpose};
use crate::error::Error;

/// More than may be under way; what a sibling domain plants beyond is passed over, so that no answer
/// deletes more cookies than a proxy lets through.
const MAX_PENDING: usize = 24;

/// A transaction's cookie that the request carries.
pub(crate) struct Pending {
    tail: String,
    created_at: i64,
    /// In the `Cookie` header.
    pub(crate) bytes: usize,
}

impl Pending {
    /// Whether it took too long. What cannot be opened may be another app's on this host.
    fn is_over(&self, client: &MonoCloud) -> bool {
        self.created_at != i64::MIN && has_expired(client, self.created_at)
    }

    pub(crate) fn delete(&self, client: &MonoCloud) -> HeaderValue {
        client
            .settings()
            .state_cookie
            .delete(&cookie_name(client, &self.tail))
    }
}

/// All that the request carries, the oldest last. What cannot be opened is the oldest of all.
pub(crate) fn pending(client: &MonoCloud, cookies: &Cookies) -> Vec<Pending> {
    let name = &client.settings().state_cookie.name;
    let mut pending: Vec<_> = cookies
        .named(name)
        .dotted()
        .filter(|(tail, _)| is_tail(tail))
        .take(MAX_PENDING)
        .map(|(tail, value)| Pending {
            tail: tail.to_owned(),
            created_at: open(client, tail, value).map_or(i64::MIN, |transaction| transaction.created_at),
            bytes: name.len() + 1 + tail.len() + 1 + value.len() + 2,
        })
        .collect();
    pending.sort_by_key(|pending| std::cmp::Reverse(pending.created_at));
    pending
}

/// The cookies for a new transaction: its own, and deletions of those that give way to it.
pub(crate) fn begin(
    client: &MonoCloud,
    sent: &Cookies,
    transaction: &Transaction,
) -> Result<Vec<HeaderValue>, Error> {
    let settings = client.settings();
    let tail = Transaction::cookie_tail(&transaction.state);
    let name = cookie_name(client, &tail);
    let json = serde_json::to_vec(transaction).expect("a transaction has string keys alone");
    let sealed = seal(client, &name)
        .seal(
            &settings.state_cookie,
            (Purpose::Transaction, &json),
            (Purpose::Transaction, &[]),
        )
        .filter(|sealed| sealed.len() == 1)
        .ok_or(Error::InvalidRequest(
            "the sign-in's parameters are too long for a cookie",
        ))?;
    let (mut pending, over): (Vec<_>, Vec<_>) = pending(client, sent)
        .into_iter()
        .partition(|pending| !pending.is_over(client));
    let session_bytes = sent
        .named(&settings.session_cookie.name)
        .header_bytes(settings.session_cookie.name.len());
    let fixed = session_bytes + sealed.header_bytes();
    let mut cookies: Vec<_> = sealed
        .set(&settings.state_cookie, settings.state_lifetime.duration)
        .collect();
    cookies.extend(over.iter().map(|pending| pending.delete(client)));
    while pending.len() >= settings.state_lifetime.max_concurrent
        || fixed + pending.iter().map(|pending| pending.bytes).sum::<usize>()
            > settings.cookie_budget.trim_above
    {
        let Some(oldest) = pending.pop() else { break };
        cookies.push(oldest.delete(client));
    }
    Ok(cookies)
}

/// The transaction that `state` belongs to, if this browser began it and it has not expired.
pub(crate) fn find(client: &MonoCloud, cookies: &Cookies, state: &str) -> Option<Transaction> {
    let tail = Transaction::cookie_tail(state);
    let settings = client.settings();
    cookies
        .named(&settings.state_cookie.name)
        .with_tail(&tail)
        .take(4)
        .find_map(|value| open(client, &tail, value))
        .filter(|transaction| crypto::equal(&transaction.state, state))
        .filter(|transaction| !has_expired(client, transaction.created_at))
}

/// Deletes the cookie of a transaction that [`find`] did not give, if the request carries one.
pub(crate) fn delete_sent(client: &MonoCloud, cookies: &Cookies, state: &str) -> Option<HeaderValue> {
    let tail = Transaction::cookie_tail(state);
    let sent = cookies.named(&client.settings().state_cookie.name);
    let carried = sent.with_tail(&tail).next().is_some();
    carried.then(|| delete(client, state))
}

/// Deletes the transaction's cookie.
pub(crate) fn delete(client: &MonoCloud, state: &str) -> HeaderValue {
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
