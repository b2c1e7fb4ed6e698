//! What a session keeps beside who is signed in: tokens, and values of the application's own.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Sealed apart from the record, since few requests need it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Contents {
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(super) id_token: Option<String>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub(super) access_token: Option<AccessToken>,
    #[serde(rename = "x", default, skip_serializing_if = "Map::is_empty")]
    pub(super) data: Map<String, Value>,
}

/// The access token of the sign-in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    #[serde(rename = "v")]
    pub(crate) value: String,
    /// Seconds since the Unix epoch.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
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
