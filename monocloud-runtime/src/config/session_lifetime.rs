//! How long sessions live.

use super::kind::{Flag, Kind, Seconds};
use super::rules::{Check, any_or, or, seconds};
use super::setting::settings;
use super::sources::Sources;

use std::time::Duration;

settings! {
    /// How long a session lives.
    pub struct SessionLifetime;
    in session_lifetime() -> Times;

    /// Whether use prolongs it. `MONOCLOUD_AUTH_SESSION_SLIDING`, `false`.
    sliding: Flag = "MONOCLOUD_AUTH_SESSION_SLIDING",
        any_or(false) => bool;

    /// How long it lives, from a minute to 400 days; when sliding, how long it lives unused.
    /// `MONOCLOUD_AUTH_SESSION_DURATION` in seconds, one day.
    duration: Seconds = "MONOCLOUD_AUTH_SESSION_DURATION",
        or(Duration::from_secs(86_400), seconds(60, LONGEST, "86400 for a day")) => i64;

    /// The most that a sliding session can live. `MONOCLOUD_AUTH_SESSION_MAX_DURATION` in seconds, seven days.
    max_duration: Seconds = "MONOCLOUD_AUTH_SESSION_MAX_DURATION",
        or(Duration::from_secs(604_800), seconds(60, LONGEST, "604800 for a week")) => i64;
}

/// What browsers keep a cookie at most (RFC 6265bis §5.5).
const LONGEST: i64 = 400 * 86_400;

/// Milliseconds of hours are days of seconds.
const LONG: i64 = 30 * 86_400;

/// How long sessions live, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lifetime {
    Absolute { duration: i64 },
    Sliding { duration: i64, max_duration: i64 },
}

impl Lifetime {
    /// The longest that a session can live.
    pub(crate) fn longest(self) -> i64 {
        let (Self::Absolute { duration: longest }
        | Self::Sliding {
            max_duration: longest,
            ..
        }) = self;
        longest
    }
}

impl Times {
    pub(super) fn together(self, check: &mut Check) -> Lifetime {
        let Self {
            sliding,
            duration,
            max_duration,
        } = self;
        if duration > LONG {
            check.warning(
                &named::duration,
                format_args!(
                    "{duration} seconds are {} days; is that meant?",
                    duration / 86_400
                ),
            );
        }
        if !sliding {
            return Lifetime::Absolute { duration };
        }
        if max_duration < duration {
            check.problem(
                &named::max_duration,
                "shorter than MONOCLOUD_AUTH_SESSION_DURATION; write 604800 for a week",
            );
        }
        Lifetime::Sliding {
            duration,
            max_duration,
        }
    }
}
