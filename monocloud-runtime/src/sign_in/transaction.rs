//! A sign-in under way: what must be remembered between the authorization request and the callback.

use serde::{Deserialize, Serialize};

use crate::crypto;

/// Sealed into a cookie of its own, so that several tabs do not disturb each other.
#[derive(Serialize, Deserialize)]
pub(crate) struct Transaction {
    #[serde(rename = "s")]
    pub(crate) state: String,
    #[serde(rename = "n")]
    pub(crate) nonce: String,
    #[serde(rename = "v")]
    pub(crate) code_verifier: String,
    #[serde(rename = "c")]
    pub(crate) created_at: i64,
    /// Path, query and fragment on this site.
    #[serde(rename = "r")]
    pub(crate) return_url: String,
    #[serde(rename = "p", default, skip_serializing_if = "String::is_empty")]
    pub(crate) scopes: String,
    #[serde(rename = "u", default, skip_serializing_if = "String::is_empty")]
    pub(crate) resource: String,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u32>,
}

impl Transaction {
    /// With new random values.
    pub(crate) fn begin(return_url: String, now: i64) -> Self {
        Self {
            state: crypto::random_token(),
            nonce: crypto::random_token(),
            code_verifier: crypto::random_token(),
            created_at: now,
            return_url,
            scopes: String::new(),
            resource: String::new(),
            max_age: None,
        }
    }

    /// The end of its cookie's name: a hash, so that the name says nothing of the state.
    pub(crate) fn cookie_tail(state: &str) -> String {
        let mut hash = crypto::sha256_base64url(state.as_bytes());
        hash.truncate(16);
        hash
    }
}
