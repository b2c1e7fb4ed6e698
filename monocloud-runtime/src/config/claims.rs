//! Which claims a user has, and where they come from.

use super::kind::{Flag, Kind, Text, Texts};
use super::rules::{Check, any_or, or};
use super::setting::settings;
use super::sources::Sources;

settings! {
    in claims() -> ClaimRules;

    /// Whether userinfo is asked at sign-in. `MONOCLOUD_AUTH_USER_INFO`, `true`.
    fetch_user_info: Flag = "MONOCLOUD_AUTH_USER_INFO" | "MONOCLOUD_AUTH_FETCH_USER_INFO",
        any_or(true) => bool;

    /// Whether userinfo is asked on every request to the userinfo route, and by every [`Auth::tokens`](crate::Auth::tokens).
    /// `MONOCLOUD_AUTH_REFETCH_USER_INFO`, `false`.
    refetch_user_info: Flag = "MONOCLOUD_AUTH_REFETCH_USER_INFO",
        any_or(false) => bool;

    /// Whether fresh userinfo replaces the user instead of being merged.
    /// `MONOCLOUD_AUTH_REFETCH_STRICT_PROFILE_SYNC`, `false`.
    strict_profile_sync: Flag = "MONOCLOUD_AUTH_REFETCH_STRICT_PROFILE_SYNC",
        any_or(false) => bool;

    /// ID token claims that `User` does not get. `MONOCLOUD_AUTH_FILTERED_ID_TOKEN_CLAIMS`, separated by spaces;
    /// `iss exp nbf aud nonce iat auth_time c_hash at_hash s_hash`.
    filtered_id_token_claims: Texts = "MONOCLOUD_AUTH_FILTERED_ID_TOKEN_CLAIMS",
        any_or(FILTERED.map(str::to_owned).to_vec()) => Vec<String>;

    /// The claim that holds the groups: the one of exactly this name, else the value at this dotted path, such as
    /// `realm_access.roles`. `MONOCLOUD_AUTH_GROUPS_CLAIM`, `groups`.
    groups_claim: Text = "MONOCLOUD_AUTH_GROUPS_CLAIM",
        or("groups".to_owned(), |name: &str| Ok(name.to_owned())) => String;
}

/// What is about the token and not about the person.
const FILTERED: [&str; 10] = [
    "iss",
    "exp",
    "nbf",
    "aud",
    "nonce",
    "iat",
    "auth_time",
    "c_hash",
    "at_hash",
    "s_hash",
];
