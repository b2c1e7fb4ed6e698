//! Entries: patterns, and who may pass there.

use super::pattern::{All, IntoPatterns, Pattern};
use crate::guard::Protect;

/// An entry of [`protected_routes`](crate::layer::AuthLayer::protected_routes): patterns, and what they ask for.
///
/// A pattern by itself asks that somebody is signed in; [`Protect::at`] says more.
#[derive(Clone, Debug)]
#[must_use = "it protects nothing until `protected_routes` gets it"]
pub struct ProtectedRoute {
    pub(super) patterns: Vec<Pattern>,
    pub(super) protect: Protect,
}

impl Protect {
    /// Asks that of every request for these paths: an entry of
    /// [`protected_routes`](crate::layer::AuthLayer::protected_routes). A request is under it where it is under any of
    /// them.
    ///
    /// Of [`Protect::new`], what is at or below `/api` is answered as an API, the rest as pages; of
    /// [`Protect::api`], everything as an API.
    ///
    /// ```
    /// use monocloud_runtime::Protect;
    /// use monocloud_runtime::protected::regex;
    ///
    /// let entries = [
    ///     Protect::new().groups(["admin", "editor"]).at(["/internal", "/api/internal"]),
    ///     Protect::api().scopes(["reports:read"]).at(regex(r"/reports/\d+\.json")),
    /// ];
    /// ```
    pub fn at(self, patterns: impl IntoPatterns) -> ProtectedRoute {
        ProtectedRoute {
            patterns: patterns.into_patterns(),
            protect: self,
        }
    }
}

impl<P: Into<Pattern>> From<P> for ProtectedRoute {
    fn from(pattern: P) -> Self {
        Protect::new().at([pattern.into()])
    }
}

/// What [`protected_routes`](crate::layer::AuthLayer::protected_routes) takes: [`All`], or a list of paths, patterns or
/// entries. Of an empty list, nothing is protected.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of routes to protect",
    label = "neither `All`, nor a list of paths, patterns or entries",
    note = "write paths, as in `[\"/admin\", \"/api/admin\"]`, entries, as in `[Protect::new().groups([\"admin\"]).at(\"/admin\")]`, and a predicate as `when(|request: &RouteRequest| …)`"
)]
pub trait IntoProtectedRoutes {
    /// All of the entries.
    fn into_protected_routes(self) -> Vec<ProtectedRoute>;
}

macro_rules! one {
    ($($type:ty),* $(,)?) => {
        $(impl IntoProtectedRoutes for $type {
            fn into_protected_routes(self) -> Vec<ProtectedRoute> {
                vec![self.into()]
            }
        })*
    };
}

one!(All, &str, String, Pattern, ProtectedRoute);

impl<R: Into<ProtectedRoute>, const N: usize> IntoProtectedRoutes for [R; N] {
    fn into_protected_routes(self) -> Vec<ProtectedRoute> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<R: Into<ProtectedRoute>> IntoProtectedRoutes for Vec<R> {
    fn into_protected_routes(self) -> Vec<ProtectedRoute> {
        self.into_iter().map(Into::into).collect()
    }
}
