//! Which paths an entry is about.

use std::future::Future;

use super::predicate::{Predicate, Verdict};
use super::request::RouteRequest;

/// Every path.
#[derive(Clone, Copy, Debug, Default)]
pub struct All;

/// Which requests an entry of [`protected_routes`](crate::layer::AuthLayer::protected_routes) is about: [`All`], a path
/// and everything below it, or what [`regex()`], [`when`] or [`when_async`] give.
#[derive(Clone, Debug)]
pub struct Pattern(pub(super) Kind);

#[derive(Clone, Debug)]
pub(super) enum Kind {
    All,
    Path(String),
    Regex(String),
    Predicate(Predicate),
}

/// The paths that match a regular expression from their first character to their last: it is always taken as
/// `^(?:…)$`. The syntax is that of the crate [`regex`](https://docs.rs/regex/latest/regex/#syntax), the time linear.
///
/// Case does not count, nor does a slash at the end of the path. Each way in which the path may be read is matched, and
/// one that matches is enough.
///
/// ```
/// use monocloud_runtime::protected::regex;
///
/// let reports = regex(r"/reports/\d{4}/.*");
/// ```
pub fn regex(pattern: impl Into<String>) -> Pattern {
    Pattern(Kind::Regex(pattern.into()))
}

/// The requests for which a function says yes, with `true` or `Ok(true)`. An error or a panic is a yes.
///
/// A path has several ways to be written, so ask [`RouteRequest::is_below`] rather than compare its text.
///
/// ```
/// use monocloud_runtime::protected::{RouteRequest, when};
///
/// let drafts = when(|request: &RouteRequest| {
///     request.is_below("/articles") && request.uri().query() == Some("draft")
/// });
/// ```
pub fn when<V: Verdict>(predicate: impl Fn(&RouteRequest) -> V + Send + Sync + 'static) -> Pattern {
    Pattern(Kind::Predicate(Predicate::of(predicate)))
}

/// The same for an async function. It has the time of
/// [`response_timeout`](crate::settings::Builder::response_timeout); to be late is a yes, too.
///
/// ```
/// use monocloud_runtime::protected::{RouteRequest, when_async};
///
/// # async fn is_embargoed(_: &str) -> Result<bool, std::io::Error> { Ok(true) }
/// let embargoed = when_async(|request: RouteRequest| async move {
///     is_embargoed(request.uri().path()).await
/// });
/// ```
pub fn when_async<F>(predicate: impl Fn(RouteRequest) -> F + Send + Sync + 'static) -> Pattern
where
    F: Future + Send + 'static,
    F::Output: Verdict,
{
    Pattern(Kind::Predicate(Predicate::of_async(predicate)))
}

impl From<All> for Pattern {
    fn from(_: All) -> Self {
        Self(Kind::All)
    }
}

impl From<&str> for Pattern {
    fn from(path: &str) -> Self {
        Self(Kind::Path(path.to_owned()))
    }
}

impl From<String> for Pattern {
    fn from(path: String) -> Self {
        Self(Kind::Path(path))
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::All => f.write_str("All"),
            Kind::Path(path) => f.write_str(path),
            Kind::Regex(pattern) => write!(f, "regex({pattern})"),
            Kind::Predicate(_) => f.write_str("when(…)"),
        }
    }
}

/// One pattern or several: what [`Protect::at`](crate::Protect::at) takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no pattern of paths",
    label = "neither a path, nor `All`, `regex(…)`, `when(…)`, nor a list of them",
    note = "write a path, as in `.at(\"/admin\")`, several of them, as in `.at([\"/admin\", \"/api/admin\"])`, and a predicate as `.at(when(|request: &RouteRequest| …))`"
)]
pub trait IntoPatterns {
    /// All of them.
    fn into_patterns(self) -> Vec<Pattern>;
}

macro_rules! one {
    ($($type:ty),* $(,)?) => {
        $(impl IntoPatterns for $type {
            fn into_patterns(self) -> Vec<Pattern> {
                vec![self.into()]
            }
        })*
    };
}

one!(All, &str, String, Pattern);

impl<P: Into<Pattern>, const N: usize> IntoPatterns for [P; N] {
    fn into_patterns(self) -> Vec<Pattern> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<P: Into<Pattern>> IntoPatterns for Vec<P> {
    fn into_patterns(self) -> Vec<Pattern> {
        self.into_iter().map(Into::into).collect()
    }
}
