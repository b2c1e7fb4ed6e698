//! What a list shows of a session in a store, where neither its ticket nor the session is at hand.
//!
//! It is sealed with the cookie secret, for its key: a store neither reads it nor shows it as another session's.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::record::Record;
use crate::crypto::{KeyRing, Purpose};
use crate::error::printable;
use crate::store::StoreKey;

/// Characters: what a browser says of itself takes about half of it.
const USER_AGENT: usize = 200;

/// All times are in seconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    #[serde(rename = "m")]
    pub(crate) made_at: i64,
    #[serde(rename = "s")]
    pub(crate) seen_at: i64,
    /// Anybody's word, made fit to be shown.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_agent: Option<String>,
}

impl Summary {
    /// Of a session that is used now.
    pub(crate) fn of(record: &Record, now: i64, user_agent: Option<&str>) -> Self {
        Self {
            made_at: record.created_at(),
            seen_at: now,
            user_agent: user_agent
                .map(|said| printable(said, USER_AGENT))
                .filter(|said| !said.trim().is_empty()),
        }
    }

    /// At most 1 KiB.
    pub(crate) fn seal(&self, keys: &KeyRing, key: StoreKey) -> Bytes {
        let plaintext = serde_json::to_vec(self).expect("it has names for keys");
        let mut sealed = Vec::new();
        keys.seal(
            Purpose::SessionSummary,
            &[key.as_bytes()],
            &plaintext,
            &mut sealed,
        );
        sealed.into()
    }

    /// Of what [`Self::seal`] made for this key. `None` for anything else.
    pub(crate) fn open(keys: &KeyRing, key: StoreKey, sealed: &[u8]) -> Option<Self> {
        let mut sealed = sealed.to_vec();
        let plaintext = keys.open(Purpose::SessionSummary, &[key.as_bytes()], &mut sealed)?;
        serde_json::from_slice(plaintext).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Summary, USER_AGENT};
    use crate::clock::Clock;
    use crate::config::Lifetime;
    use crate::crypto::KeyRing;
    use crate::identity::User;
    use crate::session::{Record, SignIn};
    use crate::store::StoreKey;

    const NOW: i64 = 1_800_000_000;
    const SECRET: &str = "a secret of the tests, 32 bytes long";

    fn ring(previous: Option<&'static str>, secret: &str) -> KeyRing {
        KeyRing::new(&["app"], secret, previous, Clock::fixed(NOW), 86_400)
    }

    fn of(user_agent: Option<&str>) -> Summary {
        let lifetime = Lifetime::Absolute { duration: 86_400 };
        let user = User::from_claims(serde_json::Map::new());
        let record = Record::new(user, &SignIn::default(), lifetime, NOW * 1_000 + 999);
        Summary::of(&record, NOW + 60, user_agent)
    }

    fn key(number: u8) -> StoreKey {
        StoreKey::from_bytes([number; 16])
    }

    #[test]
    fn a_summary_is_shown_for_its_session_alone() {
        let summary = of(Some("Mozilla/5.0 (X11)"));
        let keys = ring(None, SECRET);
        let sealed = summary.seal(&keys, key(1));
        assert_eq!(Summary::open(&keys, key(1), &sealed).as_ref(), Some(&summary));
        assert_eq!((summary.made_at, summary.seen_at), (NOW, NOW + 60));
        assert_eq!(Summary::open(&keys, key(2), &sealed), None);
        assert_eq!(Summary::open(&ring(None, "another"), key(1), &sealed), None);
        let rotated = ring(Some(SECRET), "another");
        assert_eq!(Summary::open(&rotated, key(1), &sealed), Some(summary));
        for length in 0..sealed.len() {
            assert_eq!(
                Summary::open(&keys, key(1), &sealed[..length]),
                None,
                "{length} bytes"
            );
        }
    }

    #[test]
    fn who_says_nothing_of_itself_is_not_told_of() {
        for nothing in [None, Some(""), Some(" \u{202E}\t")] {
            assert_eq!(of(nothing).user_agent, None, "{nothing:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_browser_says_of_itself_fits_and_can_be_shown(said in "\\PC{0,300}|[\"\\\\🙂]{0,300}|.{0,300}") {
            let summary = of(Some(&said));
            if let Some(shown) = &summary.user_agent {
                prop_assert!(shown.chars().count() <= USER_AGENT + 1);
                prop_assert!(!shown.chars().any(char::is_control));
            }
            prop_assert!(summary.seal(&ring(None, SECRET), key(1)).len() <= 1_024);
        }
    }
}
