//! Predicates: code of the application's own, in the middle of the library's.
//!
//! Where one fails, panics or is late, its answer is yes: what it is about is protected.

use std::fmt::Display;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::time::{Instant, timeout_at};

use super::request::RouteRequest;
use crate::error::printable;
use crate::http_client::BoxFuture;

/// Of an error's text in the log, in characters.
const MAX_REASON: usize = 500;

/// What a predicate says: whether the request is protected, or why that could not be found out.
#[diagnostic::on_unimplemented(
    message = "a predicate answers with `bool` or `Result<bool, _>`, not with `{Self}`",
    label = "not whether the request is protected",
    note = "an async function stands in `when_async(…)`"
)]
pub trait Verdict {
    #[doc(hidden)]
    fn into_result(self) -> Result<bool, String>;
}

impl Verdict for bool {
    fn into_result(self) -> Result<bool, String> {
        Ok(self)
    }
}

impl<E: Display> Verdict for Result<bool, E> {
    fn into_result(self) -> Result<bool, String> {
        self.map_err(|error| error.to_string())
    }
}

type Ask = dyn Fn(RouteRequest) -> BoxFuture<'static, Result<bool, String>> + Send + Sync;

#[derive(Clone)]
pub(super) struct Predicate(Arc<Ask>);

impl Predicate {
    pub(super) fn of<V: Verdict>(predicate: impl Fn(&RouteRequest) -> V + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |request| {
            let said = predicate(&request).into_result();
            Box::pin(std::future::ready(said))
        }))
    }

    pub(super) fn of_async<F>(predicate: impl Fn(RouteRequest) -> F + Send + Sync + 'static) -> Self
    where
        F: Future + Send + 'static,
        F::Output: Verdict,
    {
        Self(Arc::new(move |request| {
            let asked = predicate(request);
            Box::pin(async move { asked.await.into_result() })
        }))
    }

    /// Whether the request is protected: yes, unless it says no by then. `of` is whose predicate it is.
    pub(super) async fn says_yes(&self, request: RouteRequest, by: Instant, of: &impl Display) -> bool {
        let asked = AssertUnwindSafe(async { (self.0)(request).await }).catch_unwind();
        let reason = match timeout_at(by, asked).await {
            Ok(Ok(Ok(said))) => return said,
            Ok(Ok(Err(reason))) => printable(&reason, MAX_REASON),
            Ok(Err(_)) => "it panicked".to_owned(),
            Err(_) => "it took longer than MONOCLOUD_AUTH_RESPONSE_TIMEOUT".to_owned(),
        };
        tracing::error!(
            name: "monocloud.protected_routes.predicate",
            entry = %of,
            reason,
            "a predicate of `protected_routes` failed, so what it was asked about counts as protected"
        );
        true
    }
}

impl std::fmt::Debug for Predicate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Predicate")
    }
}
