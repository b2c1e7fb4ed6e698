//! Who may do what.

use super::MonoCloud;
use crate::access::AccessReport;

impl MonoCloud {
    /// Who may do what: every guarded handler of the program, and what tables and `protected_routes` of this client say.
    /// These count from when they are made, so a report that is asked for before the router lacks its paths.
    ///
    /// A test can assert it: see [`AccessReport`](crate::report::AccessReport). Whoever may read it sees what there is
    /// to attack, so a route that shows it has a guard.
    pub fn report(&self) -> AccessReport {
        AccessReport::of(
            self.mounted(),
            &self.runtime_entries().all(),
            #[cfg(feature = "utoipa")]
            crate::access::Schemes {
                session_cookie: self.settings().session_cookie.name.clone(),
                takes_access_tokens: self.bearer().is_some(),
            },
        )
    }
}
