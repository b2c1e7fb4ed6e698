//! The session in its cookie: read, slid, written within the budget, deleted.

use http::{HeaderMap, HeaderValue};

use crate::client::MonoCloud;
use crate::cookie::{self, Chunked, Sent};
use crate::crypto::Purpose;
use crate::error::Error;
use crate::session::Session;
use crate::sign_in::pending;

/// What becomes of the session cookie.
pub(super) enum Write {
    Set { id: String, cookies: Vec<HeaderValue> },
    Delete(Vec<HeaderValue>),
}

impl Write {
    /// The `Set-Cookie` values. A session that ended meanwhile is not brought back; nor is its
    /// cookie deleted, since the browser may have that of a newer one by now.
    pub(super) fn into_headers(self, client: &MonoCloud) -> Vec<HeaderValue> {
        match self {
            Self::Set { id, .. } if client.ended().contains(&id) => Vec::new(),
            Self::Set { cookies, .. } | Self::Delete(cookies) => cookies,
        }
    }
}

/// The session that the request carries, and what its cookie needs: a slid session is written
/// anew, one that cannot be read is deleted.
pub(super) fn read(client: &MonoCloud, headers: &HeaderMap) -> (Option<Session>, Option<Write>) {
    let settings = client.settings();
    let name = &settings.session_cookie.name;
    let sent = Sent::named(headers, name);
    if !sent.has_first_chunk() {
        return (None, None);
    }
    let mut has_ended = false;
    let session = cookie::open(client.keys(), Purpose::Session, name, &sent, |json| {
        let session = from_json(client, json)?;
        let ended = client.ended().contains(session.id());
        has_ended |= ended;
        (!ended).then_some(session)
    });
    let Some(mut session) = session else {
        // A request that is late may carry a session that a sign-in has replaced since: the browser
        // has a newer cookie by now, which must not be deleted.
        let delete = (!has_ended && !sent.is_ambiguous()).then(|| Write::Delete(deletions(client, &sent, 0)));
        return (None, delete);
    };
    let write = if session.slide(settings.session_lifetime, client.now()) {
        seal(client, &session).map(|sealed| set(client, &session, &sealed, &sent))
    } else {
        None
    };
    (Some(session), write)
}

/// The cookies of a session, within the budget: the oldest sign-ins under way go first, then the
/// raw ID token.
///
/// Also returns the session as it was written, and the deletion of what gave way.
pub(super) fn write(
    client: &MonoCloud,
    headers: &HeaderMap,
    mut session: Session,
) -> Result<(Session, Write, Vec<HeaderValue>), Error> {
    let settings = client.settings();
    let budget = settings.cookie_budget.trim_above;
    if from_json(client, &session.to_json()).is_none() {
        return Err(Error::InvalidRequest(
            "the session's values are nested too deeply to be kept",
        ));
    }
    let mut pending = pending(client, headers);
    let mut evicted = Vec::new();
    loop {
        let sealed = seal(client, &session);
        let bytes = sealed
            .as_ref()
            .map_or(session.to_json().len(), Chunked::header_bytes);
        while bytes + pending.iter().map(|pending| pending.bytes).sum::<usize>() > budget
            && let Some(oldest) = pending.pop()
        {
            evicted.push(oldest.delete(client));
        }
        if bytes > budget && session.drop_id_token() {
            tracing::debug!(name: "monocloud.session.id_token_left_out", bytes, budget, "left the raw ID token out of a large session");
            continue;
        }
        let Some(sealed) = sealed.filter(|_| bytes <= settings.cookie_budget.refuse_above) else {
            return Err(Error::SessionTooLarge {
                bytes,
                limit: settings.cookie_budget.refuse_above,
            });
        };
        if bytes > budget {
            tracing::warn!(
                name: "monocloud.session.large",
                bytes,
                budget,
                "the session's cookies are large: a proxy may need a larger `proxy_buffer_size` and larger header buffers, or keep sessions in a store"
            );
        }
        let write = set(
            client,
            &session,
            &sealed,
            &Sent::named(headers, &settings.session_cookie.name),
        );
        return Ok((session, write, evicted));
    }
}

/// Deletes every chunk that the request carries, if any.
pub(super) fn delete(client: &MonoCloud, headers: &HeaderMap) -> Option<Write> {
    let sent = Sent::named(headers, &client.settings().session_cookie.name);
    sent.has_first_chunk()
        .then(|| Write::Delete(deletions(client, &sent, 0)))
}

/// Ends every session that the request carries: a sibling domain may have planted one beside.
pub(super) fn end_all(client: &MonoCloud, headers: &HeaderMap) {
    let name = &client.settings().session_cookie.name;
    let sent = Sent::named(headers, name);
    cookie::open(
        client.keys(),
        Purpose::Session,
        name,
        &sent,
        |json| -> Option<()> {
            end(client, &from_json(client, json)?);
            None
        },
    );
}

fn from_json(client: &MonoCloud, json: &[u8]) -> Option<Session> {
    Session::from_json(
        json,
        client.groups_claim(),
        client.settings().session_lifetime,
        client.now(),
    )
}

/// Ends the session for every copy of its cookie.
pub(super) fn end(client: &MonoCloud, session: &Session) {
    let until = session.latest_expiry(client.settings().session_lifetime);
    client.ended().insert(session.id(), until, client.now());
}

/// The session of a request, with nothing to write.
#[cfg(feature = "testing")]
pub(crate) fn session_of(client: &MonoCloud, headers: &HeaderMap) -> Option<Session> {
    read(client, headers).0
}

/// A session as the `Cookie` header of a request.
#[cfg(feature = "testing")]
pub(crate) fn request_header(client: &MonoCloud, session: &Session) -> Option<String> {
    seal(client, session).map(|sealed| sealed.request_header())
}

fn seal(client: &MonoCloud, session: &Session) -> Option<Chunked> {
    let attributes = &client.settings().session_cookie;
    cookie::seal(
        client.keys(),
        Purpose::Session,
        attributes,
        &attributes.name,
        &session.to_json(),
    )
}

fn set(client: &MonoCloud, session: &Session, sealed: &Chunked, sent: &Sent<'_>) -> Write {
    let max_age = session.expires_at() - client.now();
    let mut cookies: Vec<_> = sealed.set(&client.settings().session_cookie, max_age).collect();
    cookies.extend(deletions(client, sent, sealed.len()));
    Write::Set {
        id: session.id().to_owned(),
        cookies,
    }
}

/// For the chunks that were sent, from this one on.
fn deletions(client: &MonoCloud, sent: &Sent<'_>, first: usize) -> Vec<HeaderValue> {
    let attributes = &client.settings().session_cookie;
    sent.chunks_from(first)
        .into_iter()
        .map(|index| attributes.delete(&cookie::chunk_name(&attributes.name, index)))
        .collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::{Map, Value, json};

    use super::write;
    use crate::client::MonoCloud;
    use crate::identity::User;
    use crate::session::{NewSession, Session};

    #[test]
    fn what_could_not_be_read_back_is_not_written() {
        let client = MonoCloud::of_tests();
        let claims: Map<String, Value> = [("sub".to_owned(), json!("mira"))].into_iter().collect();
        let new = NewSession {
            user: User::from_claims(claims),
            auth_time: None,
            id_token: None,
            access_token: None,
        };
        let mut session = Session::start(new, client.settings().session_lifetime, client.now());
        assert!(write(&client, &HeaderMap::new(), session.clone()).is_ok());
        session.insert("deep", (0..200).fold(json!(1), |inner, _| json!([inner])));
        let error = write(&client, &HeaderMap::new(), session).err().expect("refused");
        assert!(error.to_string().contains("nested too deeply"), "{error}");
    }
}
