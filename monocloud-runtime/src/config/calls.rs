//! How the issuer is called, and how long its answers are kept.

use std::time::Duration;

use super::kind::{Kind, Milliseconds, Seconds};
use super::rules::{Check, or, seconds, within};
use super::setting::settings;
use super::sources::Sources;

settings! {
    in calls() -> Calls;

    /// The most that an answer of the issuer may take, body included; from a tenth of a second to ten minutes.
    /// `MONOCLOUD_AUTH_RESPONSE_TIMEOUT` in milliseconds, 10,000.
    response_timeout: Milliseconds = "MONOCLOUD_AUTH_RESPONSE_TIMEOUT",
        or(Duration::from_secs(10), timeout) => Duration;

    /// How long the issuer's keys are fresh, in whole seconds, a day at most. `MONOCLOUD_AUTH_JWKS_CACHE_DURATION`,
    /// 300.
    jwks_cache: Seconds = "MONOCLOUD_AUTH_JWKS_CACHE_DURATION",
        or(FIVE_MINUTES, fresh) => Duration;

    /// How long the issuer's metadata is fresh, in whole seconds, a day at most.
    /// `MONOCLOUD_AUTH_METADATA_CACHE_DURATION`, 300.
    metadata_cache: Seconds = "MONOCLOUD_AUTH_METADATA_CACHE_DURATION",
        or(FIVE_MINUTES, fresh) => Duration;
}

const FIVE_MINUTES: Duration = Duration::from_secs(300);

fn timeout(value: &Duration) -> Result<Duration, String> {
    within(
        value.as_millis(),
        100,
        600_000,
        "milliseconds",
        "10000 for ten seconds",
    )
    .map(|_| *value)
}

fn fresh(value: &Duration) -> Result<Duration, String> {
    seconds(0, 86_400, "300 for five minutes")(value).map(|_| *value)
}
