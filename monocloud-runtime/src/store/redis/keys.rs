//! What things are called in Redis. Each name has one part in braces, so that what a script touches is in one slot.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::store::{Denial, IndexKey, StoreKey};

/// Two values that a server takes without counting beyond what it can.
const LONGEST: u128 = 100 * 366 * 86_400 * 1_000;

#[derive(Clone, Debug)]
pub(super) struct Keys {
    /// With the format of what is kept.
    prefix: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            prefix: format!("{prefix}1"),
        }
    }

    pub(super) fn session(&self, key: StoreKey) -> String {
        format!("{}:{{{key}}}:s", self.prefix)
    }

    /// A sorted set of members by the time they were made.
    pub(super) fn members(&self, name: &str) -> String {
        format!("{}:{{{name}}}:z", self.prefix)
    }

    pub(super) fn denials(&self, name: IndexKey) -> String {
        format!("{}:{{{name}}}:d", self.prefix)
    }

    pub(super) fn claim(&self, name: IndexKey) -> String {
        format!("{}:{{{name}}}:t", self.prefix)
    }

    /// A stream.
    pub(super) fn log(&self, name: IndexKey) -> String {
        format!("{}:{{{name}}}:l", self.prefix)
    }

    /// Which epoch of the log the stream is.
    pub(super) fn log_head(&self, name: IndexKey) -> String {
        format!("{}:{{{name}}}:h", self.prefix)
    }

    /// What is written to see whether it can be.
    pub(super) fn probe(&self, key: StoreKey) -> String {
        format!("{}:{{{key}}}:p", self.prefix)
    }
}

/// A session, as an index knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Member {
    pub(super) key: StoreKey,
    pub(super) issued_at: Option<i64>,
    pub(super) created_at: i64,
}

impl Member {
    /// As it stands in the set; when it was made is its score.
    pub(super) fn text(&self) -> String {
        match self.issued_at {
            Some(issued_at) => format!("{}.{issued_at}", self.key),
            None => format!("{}.", self.key),
        }
    }

    pub(super) fn read(text: &str, score: &str) -> Option<Self> {
        let (key, issued_at) = text.split_once('.')?;
        let issued_at = match issued_at {
            "" => None,
            seconds => Some(seconds.parse().ok()?),
        };
        Some(Self {
            key: read_key(key)?,
            issued_at,
            created_at: whole(score)?,
        })
    }

    pub(super) fn is_denied_by(&self, denial: Denial) -> bool {
        match denial {
            Denial::Every => true,
            Denial::IssuedUntil(seconds) => self.issued_at.is_none_or(|issued_at| issued_at <= seconds),
            Denial::CreatedBefore(millis) => self.created_at < millis,
        }
    }
}

/// Scores are numbers with a floating point, and written with an exponent where they are large.
fn whole(score: &str) -> Option<i64> {
    if let Ok(whole) = score.parse() {
        return Some(whole);
    }
    let score: f64 = score.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds of any year to come are exact"
    )]
    score.is_finite().then_some(score as i64)
}

fn read_key(text: &str) -> Option<StoreKey> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(StoreKey::from_bytes(bytes.try_into().ok()?))
}

pub(super) fn millis(length: Duration) -> u128 {
    length.as_millis().min(LONGEST)
}
