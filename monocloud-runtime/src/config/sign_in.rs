//! What a request to the sign-in route may ask for.

use super::kind::{Flag, Kind};
use super::rules::{Check, any_or};
use super::setting::settings;
use super::sources::Sources;

settings! {
    in sign_in() -> SignIn;

    /// Whether anybody's `/signin?scope=…&prompt=…` is obeyed. `MONOCLOUD_AUTH_ALLOW_QUERY_PARAM_OVERRIDES`, `false`.
    allow_query_param_overrides: Flag = "MONOCLOUD_AUTH_ALLOW_QUERY_PARAM_OVERRIDES",
        any_or(false) => bool;
}
