//! How many bytes the library's cookies may take.

use super::kind::{Kind, Number};
use super::rules::{Check, between, or};
use super::setting::settings;
use super::sources::Sources;

settings! {
    /// How many bytes of the request's `Cookie` header the library's cookies may take.
    pub struct CookieBudget;
    in cookie_budget() -> ByteLimits;

    /// Above this, the oldest sign-ins under way and the raw ID token are left out, and the log warns.
    /// `MONOCLOUD_AUTH_COOKIE_BUDGET`, 7,168: a header line must fit into 8 KiB at nginx and Apache.
    trim_above: Number<usize> = "MONOCLOUD_AUTH_COOKIE_BUDGET",
        or(7 * 1024, between(1_024, MOST, "bytes", "7168")) => usize;

    /// Above this a session is refused. `MONOCLOUD_AUTH_COOKIE_LIMIT`, 15,360: hyper takes 16 KiB for all headers of
    /// an HTTP/2 request.
    refuse_above: Number<usize> = "MONOCLOUD_AUTH_COOKIE_LIMIT",
        or(15 * 1024, between(1_024, MOST, "bytes", "15360")) => usize;
}

/// More headers than this no server takes that was not told to.
const MOST: usize = 1024 * 1024;

impl ByteLimits {
    pub(super) fn check_together(&self, check: &mut Check) {
        if self.trim_above > self.refuse_above {
            check.problem(
                &named::trim_above,
                "the budget is above the limit; write at most what MONOCLOUD_AUTH_COOKIE_LIMIT is",
            );
        }
    }
}
