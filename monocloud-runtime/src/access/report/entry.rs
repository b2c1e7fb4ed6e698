//! One entry of the report.

use serde::Serialize;

use super::handlers::{GuardKind, GuardedHandler};
use super::mounted::Mount;
use crate::access::requirement::{Accept, Requirement};
use crate::access::runtime_entry::RuntimeEntry;

/// A handler or a protected route, and who may pass there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// `GET`, `POST`, …, or `ANY` for every method that no other line of the path has. Nothing where the
    /// handler is in no table, and where all methods are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    /// As it is written, whatever router it is nested in; of a protected route its pattern. Nothing where the handler is in no table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What stands before it.
    pub guard: Guard,
    /// What the guard asks for; nothing of a public line.
    #[serde(flatten)]
    pub policy: Option<Policy>,
    /// The handler's full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// The module that `line` is in: of a guarded handler its own, of a public line the table's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<&'static str>,
    /// The line in the source. Nothing after [`AccessReport::for_snapshot`](super::AccessReport::for_snapshot).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Of an entry of `protected_routes`: whether a request was ever under it, since the program started. Nothing after
    /// [`AccessReport::for_snapshot`](super::AccessReport::for_snapshot).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_matched: Option<bool>,
}

/// What stands before a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Guard {
    /// Nothing: its line says `public`.
    Public,
    /// An entry of `protected_routes`, which answers programs at and below `/api`, and people elsewhere.
    ProtectedRoutes,
    /// An entry of `protected_routes` that always answers programs.
    ProtectedApiRoutes,
    /// `#[protect]`.
    Page,
    /// `#[protect_api]`.
    Api,
}

/// What a guard asks for, by the names that its options have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Policy {
    /// The groups, by name or id. None means that no group is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Whether all of the groups are needed, where it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_all: Option<bool>,
    /// The claim that holds the groups, in place of the configured one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups_claim: Option<String>,
    /// The scopes, all of which are needed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// What may say who asks: `session`, `bearer`, or `any` of the two.
    pub accept: &'static str,
    /// The most seconds since the person proved who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// The classes of authentication (`acr`) of which the sign-in must have one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
    /// Whether unsafe requests that another site made are refused.
    pub csrf: bool,
    /// Where a sign-in ends, in place of the page that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// What answers who has to sign in, or whose access token is no good, as it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_access_denied: Option<String>,
    /// What answers who is there and may not pass, as it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_group_access_denied: Option<String>,
    /// The function that decides for the application, as it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

impl Entry {
    pub(super) fn of_line(line: Mount, guarded: Option<&GuardedHandler>) -> Self {
        let Mount {
            path,
            method,
            handler,
            module,
            line,
        } = line;
        let entry = guarded.map_or_else(
            || Self {
                method: None,
                path: None,
                guard: Guard::Public,
                policy: None,
                handler: Some(handler.to_owned()),
                module: Some(module),
                line: Some(line),
                has_matched: None,
            },
            Self::of_handler,
        );
        Self {
            method: Some(method),
            path: Some(path.to_owned()),
            ..entry
        }
    }

    /// Without a path.
    pub(super) fn of_handler(handler: &GuardedHandler) -> Self {
        let GuardedHandler {
            name,
            module,
            line,
            kind,
            ..
        } = *handler;
        Self {
            method: None,
            path: None,
            guard: match kind {
                GuardKind::Page => Guard::Page,
                GuardKind::Api => Guard::Api,
            },
            policy: Some(Policy::of_handler(handler)),
            handler: Some(format!("{module}::{name}")),
            module: Some(module),
            line: Some(line),
            has_matched: None,
        }
    }
}

impl Entry {
    /// Whether it is an entry of `protected_routes`.
    #[cfg(feature = "utoipa")]
    pub(super) fn is_of_the_layer(&self) -> bool {
        matches!(self.guard, Guard::ProtectedRoutes | Guard::ProtectedApiRoutes)
    }

    /// Whom its guard answers.
    pub(super) fn answers(&self) -> GuardKind {
        match self.guard {
            Guard::Api | Guard::ProtectedApiRoutes => GuardKind::Api,
            Guard::ProtectedRoutes if self.path.as_deref().is_some_and(is_api) => GuardKind::Api,
            _ => GuardKind::Page,
        }
    }

    /// Takes `other` in, where it says the same but for who has been there.
    pub(super) fn take(&mut self, other: &Self) -> bool {
        let has_matched = self.has_matched.max(other.has_matched);
        let alike = Self {
            has_matched: self.has_matched,
            ..other.clone()
        } == *self;
        if alike {
            self.has_matched = has_matched;
        }
        alike
    }

    /// An entry of `protected_routes`, for each of its patterns.
    pub(super) fn of_routes(routes: &dyn RuntimeEntry) -> Vec<Self> {
        let guard = match routes.kind() {
            GuardKind::Page => Guard::ProtectedRoutes,
            GuardKind::Api => Guard::ProtectedApiRoutes,
        };
        let entries = routes.patterns().iter().map(|pattern| {
            let mut entry = Self {
                method: None,
                path: Some(pattern.clone()),
                guard,
                policy: None,
                handler: None,
                module: None,
                line: None,
                has_matched: Some(routes.has_matched()),
            };
            let kind = entry.answers();
            routes.with_requirement(kind, &mut |requirement| {
                entry.policy = Some(Policy::of(requirement));
            });
            entry
        });
        entries.collect()
    }
}

fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

impl Policy {
    fn of_handler(handler: &GuardedHandler) -> Self {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Self {
            return_url: text(handler.return_url),
            on_access_denied: text(handler.on_access_denied),
            on_group_access_denied: text(handler.on_group_access_denied),
            check: text(handler.check),
            ..Self::of(handler.requirement)
        }
    }

    fn of(requirement: &Requirement<'_>) -> Self {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        Self {
            groups: owned(requirement.groups),
            match_all: requirement.match_all,
            groups_claim: requirement.groups_claim.map(str::to_owned),
            scopes: owned(requirement.scopes),
            accept: accept(requirement.accept),
            max_age: requirement.max_age,
            acr_values: owned(requirement.acr_values),
            csrf: requirement.csrf,
            return_url: None,
            on_access_denied: None,
            on_group_access_denied: None,
            check: None,
        }
    }
}

const fn accept(accept: Accept) -> &'static str {
    match accept {
        Accept::Any => "any",
        Accept::Session => "session",
        Accept::Bearer => "bearer",
    }
}
