//! Which source may give a claim.

use serde_json::{Map, Value};

/// Claims that userinfo has no say in; they describe the sign-in, which the ID token proves.
const ID_TOKEN_ONLY: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nonce",
    "sid",
    "acr",
    "amr",
    "auth_time",
];

/// Whether a claim of the user is the ID token's to give.
pub(crate) fn is_of_id_token(name: &str) -> bool {
    ID_TOKEN_ONLY.contains(&name)
}

/// What userinfo may add to or change in the user.
pub(crate) fn profile_claims(mut user_info: Map<String, Value>) -> Map<String, Value> {
    user_info.retain(|name, _| !is_of_id_token(name));
    user_info
}
