//! What a session keeps beside who is signed in: tokens, and values of the application's own.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::tokens::TokenSet;

/// Sealed apart from the record, since few requests need it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Contents {
    #[serde(rename = "t", default)]
    pub(super) tokens: TokenSet,
    #[serde(rename = "x", default, skip_serializing_if = "Map::is_empty")]
    pub(super) data: Map<String, Value>,
}

impl Contents {
    /// Empty where there are none.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        if *self == Self::default() {
            return Vec::new();
        }
        serde_json::to_vec(self).expect("contents have string keys alone")
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        serde_json::from_slice(bytes).ok()
    }
}
