//! A list of entries, checked and made into one structure.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::check::problems;
use super::entry::{Entry, Side};
use super::pattern::Kind;
use super::predicate::Predicate;
use super::route::IntoProtectedRoutes;
use crate::access::RuntimeEntry;
use crate::access::paths::{Pattern, Readings, Table, Unreadable};
use crate::client::MonoCloud;
use crate::config::ConfigError;
use crate::request::Head;

/// Routes that are protected, ready to be asked about requests: see [`MonoCloud::protected_routes`]. A clone is cheap.
#[derive(Clone, Debug)]
pub struct ProtectedRoutes(Arc<Compiled>);

#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) entries: Vec<Arc<Entry>>,
    table: Table,
    /// Each with the number of its entry.
    pub(super) predicates: Vec<(usize, Predicate)>,
}

/// What a request is under.
#[derive(Debug)]
pub(crate) enum Found {
    /// Nobody is asked, and nothing is.
    Nothing,
    /// Whatever stands behind might make anything of its path.
    Unreadable { why: Unreadable, side: Side },
    /// The entries that its path is under, where it is known without asking.
    Under { entries: BTreeSet<usize>, side: Side },
}

impl MonoCloud {
    /// Routes to protect, for a middleware of one's own, which asks [`Auth::protect_routes`](crate::Auth::protect_routes),
    /// and for services without axum. With a router, [`protected_routes`](crate::layer::AuthLayer::protected_routes) of
    /// the layer does both.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the entries at once, each with what to write.
    pub fn protected_routes(&self, routes: impl IntoProtectedRoutes) -> Result<ProtectedRoutes, ConfigError> {
        let routes = routes.into_protected_routes();
        let found = problems(self, &routes);
        if !found.is_empty() {
            return Err(ConfigError::of(found));
        }
        let (mut patterns, mut predicates) = (Vec::new(), Vec::new());
        for (at, route) in routes.iter().enumerate() {
            for pattern in &route.patterns {
                match &pattern.0 {
                    Kind::All => patterns.push((at, Pattern::All)),
                    Kind::Path(path) => patterns.push((at, Pattern::Path(path))),
                    Kind::Regex(pattern) => patterns.push((at, Pattern::Regex(pattern))),
                    Kind::Predicate(predicate) => predicates.push((at, predicate.clone())),
                }
            }
        }
        let table = Table::new(patterns).map_err(|error| {
            ConfigError::of(vec![format!(
                "protected_routes: all regular expressions together are too large, {error}; write fewer or simpler ones"
            )])
        })?;
        let entries: Vec<Arc<Entry>> = routes.iter().map(Entry::new).map(Arc::new).collect();
        self.runtime_entries()
            .add(entries.iter().map(|entry| entry.clone() as Arc<dyn RuntimeEntry>));
        Ok(ProtectedRoutes(Arc::new(Compiled {
            entries,
            table,
            predicates,
        })))
    }
}

impl ProtectedRoutes {
    /// The entries that no request has been under since the program started, each with its patterns: one
    /// that stays here may be mistyped.
    pub fn never_matched(&self) -> Vec<String> {
        let entries = self.0.entries.iter().filter(|entry| !entry.has_matched());
        entries.map(|entry| entry.patterns().join(", ")).collect()
    }

    pub(super) fn compiled(&self) -> &Compiled {
        &self.0
    }

    /// What the request is under, as it was sent and as nested routers left it.
    pub(crate) fn find(&self, client: &MonoCloud, head: Head<'_>) -> Found {
        let Compiled {
            entries,
            table,
            predicates,
        } = &*self.0;
        let (sent, current) = (head.uri().path(), head.parts.uri.path());
        // Shortened by nested routers it may be; rewritten, it is another's.
        if entries.is_empty() || client.is_own_route(sent) && sent.ends_with(current) {
            return Found::Nothing;
        }
        let read = [Some(sent), (current != sent).then_some(current)];
        let mut readings = Vec::with_capacity(2);
        for path in read.into_iter().flatten() {
            match Readings::of(path) {
                Ok(found) => readings.push(found),
                Err(why) => {
                    let is_api = path
                        .get(..5)
                        .is_some_and(|start| start.eq_ignore_ascii_case("/api/"));
                    let side = if is_api { Side::Unclear } else { Side::Page };
                    return Found::Unreadable { why, side };
                }
            }
        }
        let mut found = BTreeSet::new();
        for readings in &readings {
            table.matches(readings, &mut found);
        }
        if found.is_empty() && predicates.is_empty() {
            return Found::Nothing;
        }
        Found::Under {
            entries: found,
            side: side(client, &readings),
        }
    }
}

/// Whether it is a program's or a person's: a program's is below `/api`, below the app URL's path or where a proxy has
/// stripped that, and certainly where it can be read in no other way.
fn side<'a>(client: &MonoCloud, readings: &[Readings<'a>]) -> Side {
    let base = client.settings().site.app_url.base();
    let below_base = (!base.is_empty()).then(|| format!("{base}/api"));
    let apis = || ["/api"].into_iter().chain(below_base.as_deref());
    let of_any = |is_of: fn(&Readings<'a>, &str) -> bool| {
        apis().any(|api| readings.iter().any(|readings| is_of(readings, api)))
    };
    if of_any(Readings::are_all_below) {
        Side::Api
    } else if of_any(Readings::are_below) {
        Side::Unclear
    } else {
        Side::Page
    }
}
