//! How long a sign-in may take, and how many may be under way.

use std::time::Duration;

use super::kind::{Kind, Number, Seconds};
use super::rules::{Check, or, seconds, within};
use super::setting::settings;
use super::sources::Sources;

settings! {
    /// How long a sign-in may take, and how many may be under way in one browser.
    pub struct StateLifetime;
    in state_lifetime() -> PendingLimits;

    /// `MONOCLOUD_AUTH_STATE_DURATION` in seconds, 900, from 300 to a day.
    duration: Seconds = "MONOCLOUD_AUTH_STATE_DURATION",
        or(Duration::from_secs(900), seconds(300, 86_400, "900 for a quarter of an hour")) => i64;

    /// `MONOCLOUD_AUTH_STATE_MAX_CONCURRENT`, 5, from 1 to 20. The oldest gives way.
    max_concurrent: Number<u8> = "MONOCLOUD_AUTH_STATE_MAX_CONCURRENT",
        or(5, |most: &u8| within(*most, 1, 20, "sign-ins", "5").map(usize::from)) => usize;
}
