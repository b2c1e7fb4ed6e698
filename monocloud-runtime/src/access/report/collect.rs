//! The report, of what the program has and what was mounted.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::entry::Entry;
use super::handlers::GuardedHandler;
use super::mounted::Mounted;
#[cfg(feature = "utoipa")]
use super::schemes::Schemes;
use crate::access::runtime_entry::RuntimeEntry;

/// Who may do what: every guarded handler of the program, every line of the tables of
/// [`monocloud_routes!`](macro@crate::monocloud_routes), and every entry of `protected_routes`.
///
/// As text it has a line for each, with what its guard asks for, by the names of its options; as JSON it is a list.
/// Entries come in the order of their paths and methods; handlers that are in no table come last, without a path. A path
/// is the one of the table, whatever router that is nested in. What a handler decides by itself, with
/// [`Auth::protect`](crate::Auth::protect), is not in it.
///
/// ```text
/// GET  /                    shop::home       shop:40  public
/// GET  /dashboard           shop::dashboard  shop:12  #[protect]
/// PUT  /api/orders/{id}     shop::order      shop:17  #[protect_api(groups = ["admin"], scopes = ["orders:write"])]
/// -    /internal            -                         protected_routes(groups = ["admin"]), no request yet
/// ```
///
/// `no request yet` says that nobody asked for what an entry of `protected_routes` is about, since the program started:
/// where that stays, its path may be mistyped, or what it should protect was added after the layer.
///
/// # As a test
///
/// A snapshot of it fails when a guard is taken away, when it asks for something else, and when a handler is added:
/// whoever does that on purpose lets [expect-test](https://docs.rs/expect-test) write it anew, and the change is seen
/// in review. In the program's own tests:
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// # use axum::Router;
/// # use monocloud_runtime::{MonoCloud, monocloud_routes, protect};
/// # #[protect]
/// # async fn dashboard() {}
/// # fn app(auth: &MonoCloud) -> Router {
/// #     monocloud_routes! { auth, public GET "/health" => "ok", GET "/dashboard" => dashboard }
/// # }
/// # struct Snapshot(&'static [&'static str]);
/// # impl Snapshot {
/// #     fn assert_eq(&self, text: &str) {
/// #         assert!(text.lines().zip(self.0).all(|(line, end)| line.ends_with(end)), "{text}");
/// #     }
/// # }
/// # macro_rules! expect { ([$_:literal]) => { Snapshot(&["#[protect]", "public"]) } }
/// # fn main() -> Result<(), monocloud_runtime::settings::ConfigError> {
/// let auth = MonoCloud::builder()
///     .tenant_domain("https://acme.us.monocloud.com")
///     .client_id("app")
///     .client_secret("secret")
///     .app_url("https://app.example.com")
///     .cookie_secret("a secret of the tests, 32 bytes long")
///     .build()?;
/// let _ = app(&auth); // from here on its tables and layers count
/// expect![[r#"…"#]].assert_eq(&auth.report().for_snapshot().to_string());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AccessReport {
    entries: Vec<Entry>,
    #[serde(skip)]
    #[cfg(feature = "utoipa")]
    pub(super) schemes: Schemes,
}

impl AccessReport {
    /// Of the handlers of the program, and of the tables and protected routes of a client.
    pub(crate) fn of(
        mounted: &Mounted,
        protected: &[Arc<dyn RuntimeEntry>],
        #[cfg(feature = "utoipa")] schemes: Schemes,
    ) -> Self {
        let lines = mounted.all();
        let in_a_table: BTreeSet<_> = lines
            .iter()
            .filter_map(|(_, guarded)| guarded.map(GuardedHandler::place))
            .collect();
        let elsewhere = GuardedHandler::all().filter(|handler| !in_a_table.contains(&handler.place()));
        let mut entries: Vec<Entry> = lines
            .iter()
            .map(|(line, guarded)| Entry::of_line(*line, *guarded))
            .chain(protected.iter().flat_map(|routes| Entry::of_routes(&**routes)))
            .chain(elsewhere.map(Entry::of_handler))
            .collect();
        entries.sort_by(|one, other| order(one).cmp(&order(other)));
        // A layer that is made twice.
        entries.dedup_by(|later, kept| kept.take(later));
        Self {
            entries,
            #[cfg(feature = "utoipa")]
            schemes,
        }
    }

    /// All of them, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The same without what changes though nobody may do more or less: the lines in the source, and whether requests
    /// came.
    #[must_use]
    pub fn for_snapshot(mut self) -> Self {
        for entry in &mut self.entries {
            (entry.line, entry.has_matched) = (None, None);
        }
        self
    }
}

/// By path and method; without a path last.
fn order(entry: &Entry) -> impl Ord + '_ {
    const METHODS: [&str; 10] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "ANY",
    ];
    let method = entry
        .method
        .map(|method| METHODS.iter().position(|known| *known == method));
    (
        entry.path.is_none(),
        entry.path.as_deref(),
        method,
        entry.guard,
        entry.policy.as_ref(),
        entry.handler.as_deref(),
        entry.line,
    )
}
