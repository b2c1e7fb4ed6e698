//! At which clients somebody is signed in, and what those answer that are told of the end.

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderMap, StatusCode};

/// By `sid`.
#[derive(Default)]
pub(super) struct Participants(BTreeMap<String, Participant>);

/// A session at the provider, and the clients that it has led to.
pub(super) struct Participant {
    pub(super) sid: String,
    pub(super) sub: String,
    pub(super) clients: BTreeSet<String>,
    expires: i64,
}

impl Participants {
    /// A client is given an ID token of the session `sid` of `sub`, which lasts until then.
    pub(super) fn note(&mut self, sid: &str, sub: &str, expires: i64, client_id: &str) {
        let participant = self.0.entry(sid.to_owned()).or_insert_with(|| Participant {
            sid: sid.to_owned(),
            sub: sub.to_owned(),
            clients: BTreeSet::new(),
            expires,
        });
        participant.clients.insert(client_id.to_owned());
    }

    /// Those of these sessions, which are over.
    pub(super) fn take<'a>(&mut self, sids: impl Iterator<Item = &'a str>) -> Vec<Participant> {
        sids.filter_map(|sid| self.0.remove(sid)).collect()
    }

    /// Those of a user.
    pub(super) fn take_of(&mut self, sub: &str) -> Vec<Participant> {
        let sids: Vec<String> = self
            .0
            .values()
            .filter(|participant| participant.sub == sub)
            .map(|participant| participant.sid.clone())
            .collect();
        self.take(sids.iter().map(String::as_str))
    }

    pub(super) fn forget_expired(&mut self, now: i64) {
        self.0.retain(|_, participant| participant.expires > now);
    }
}

/// What a client answered that was told of a logout.
#[derive(Clone, Debug)]
pub struct LogoutAnswer {
    pub(super) client_id: String,
    pub(super) answer: Option<(StatusCode, HeaderMap)>,
}

impl LogoutAnswer {
    /// Which client.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The status; `None` where nobody answered.
    pub fn status(&self) -> Option<StatusCode> {
        self.answer.as_ref().map(|(status, _)| *status)
    }

    /// The value of a header, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, headers) = self.answer.as_ref()?;
        headers.get(name)?.to_str().ok()
    }
}
