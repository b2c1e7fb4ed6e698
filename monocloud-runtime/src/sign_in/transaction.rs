//! A sign-in under way: what must be remembered between the authorization request and the callback.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::return_url::ReturnUrl;
use super::step_up::StepUp;
use crate::config::Settings;
use crate::crypto::{self, Ticket};
use crate::session::{Ending, Session};
use crate::store::StoreKey;

/// Sealed into a cookie of its own, so that several tabs do not disturb each other.
///
/// `state`, `nonce` and the code verifier come of one secret, which keeps the cookie short: many tabs that
/// begin at once must fit into one header.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Transaction {
    #[serde(rename = "k", with = "base64url")]
    secret: Vec<u8>,
    #[serde(rename = "c")]
    pub(crate) created_at: i64,
    /// Path, query and fragment on this site.
    #[serde(rename = "r")]
    pub(crate) return_url: String,
    /// Where they are others than the configured ones.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<String>,
    #[serde(rename = "u", default, skip_serializing_if = "String::is_empty")]
    pub(crate) resource: String,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u32>,
    /// What the sign-in must prove for the guard that asked for it.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub(crate) step_up: Option<StepUp>,
    /// Whether the response comes as a form that the issuer's page posts.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) form_post: bool,
    /// The `sub` that the return URL is for; anyone where there is none.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(crate) earlier: Option<Earlier>,
    /// The application's own, made of a request that anybody can send.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub(crate) application_state: Option<Value>,
}

/// The session that the browser had when the sign-in began, and any that others planted beside it. The callback may
/// not get their cookies: one that is `Strict`, or the POST of another site, does not carry them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Earlier {
    #[serde(rename = "h", with = "base64url")]
    endings: Vec<u8>,
    /// What they are filed under in a store.
    #[serde(
        rename = "s",
        with = "base64url",
        default,
        skip_serializing_if = "Vec::is_empty"
    )]
    keys: Vec<u8>,
    /// How many cookies it had.
    #[serde(rename = "n")]
    pub(crate) chunks: usize,
}

/// The sessions that a request carries.
#[derive(Default)]
pub(crate) struct Carried {
    pub(crate) endings: Vec<Ending>,
    pub(crate) keys: Vec<StoreKey>,
}

impl Carried {
    pub(crate) fn is_empty(&self) -> bool {
        self.endings.is_empty() && self.keys.is_empty()
    }
}

impl Earlier {
    /// So many sessions fit beside a return URL.
    const MOST: usize = 4;

    pub(crate) fn new(carried: &Carried, chunks: usize) -> Self {
        let endings = carried.endings.iter().take(Self::MOST);
        let keys = carried.keys.iter().take(Self::MOST);
        Self {
            endings: endings.flat_map(|ending| ending.to_bytes()).collect(),
            keys: keys.flat_map(|key| *key.as_bytes()).collect(),
            chunks,
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = StoreKey> {
        let keys = self.keys.as_chunks().0;
        keys.iter().map(|key| StoreKey::from_bytes(*key))
    }

    pub(crate) fn endings(&self) -> impl Iterator<Item = Ending> {
        self.endings.chunks(Ending::BYTES).filter_map(Ending::from_bytes)
    }
}

impl Transaction {
    /// With new random values.
    pub(crate) fn begin(return_url: String, now: i64) -> Self {
        Self {
            secret: crypto::random::<32>().to_vec(),
            created_at: now,
            return_url,
            scopes: None,
            resource: String::new(),
            max_age: None,
            step_up: None,
            form_post: false,
            subject: None,
            earlier: None,
            application_state: None,
        }
    }

    pub(crate) fn state(&self) -> String {
        self.derived(b"state")
    }

    pub(crate) fn nonce(&self) -> String {
        self.derived(b"nonce")
    }

    /// RFC 7636 §4.1.
    pub(crate) fn code_verifier(&self) -> String {
        self.derived(b"code_verifier")
    }

    /// That of the session which the sign-in ends in with this code, where a store keeps it: the same for whoever comes
    /// again with both, and nobody else's.
    pub(crate) fn ticket(&self, code: &str) -> Ticket {
        let label = [b"ticket ", code.as_bytes()].concat();
        Ticket::from_bytes(crypto::sha256(&self.input(&label)))
    }

    /// 256 bits of which nobody learns another of them, nor the secret.
    fn derived(&self, label: &[u8]) -> String {
        crypto::sha256_base64url(&self.input(label))
    }

    fn input(&self, label: &[u8]) -> Vec<u8> {
        [&self.secret, label].concat()
    }

    /// Where this session goes on: a page that was somebody else's is not shown to who signed in instead.
    pub(crate) fn return_url_for(&self, session: &Session, settings: &Settings) -> String {
        match &self.subject {
            Some(subject) if *subject != session.user().sub() => {
                ReturnUrl::home(&settings.site.app_url).into_string()
            }
            _ => self.return_url.clone(),
        }
    }

    /// What this person's sign-in must prove: nothing, where it was to be somebody else's.
    pub(crate) fn step_up_for(&self, sub: &str) -> Option<&StepUp> {
        let is_meant = self.subject.as_ref().is_none_or(|subject| subject == sub);
        self.step_up.as_ref().filter(|_| is_meant)
    }

    /// The end of its cookie's name: a hash, so that the name says nothing of the state.
    pub(crate) fn cookie_tail(state: &str) -> String {
        let mut hash = crypto::sha256_base64url(state.as_bytes());
        hash.truncate(16);
        hash
    }
}

mod base64url {
    use base64::Engine as _;

    use super::{Deserialize, Deserializer, Serializer, URL_SAFE_NO_PAD};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Transaction;

    #[test]
    fn every_value_is_random_and_its_own() {
        let (a, b) = (
            Transaction::begin("/".to_owned(), 0),
            Transaction::begin("/".to_owned(), 0),
        );
        let mut values: Vec<String> = [&a, &b]
            .iter()
            .flat_map(|transaction| {
                [
                    transaction.state(),
                    transaction.nonce(),
                    transaction.code_verifier(),
                ]
            })
            .collect();
        assert!(values.iter().all(|value| value.len() == 43));
        values.sort();
        values.dedup();
        assert_eq!(values.len(), 6);
        assert_eq!(a.state(), a.state());
    }
}
