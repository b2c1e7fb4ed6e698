//! `check`: what a guard asks the application, about whom the guard itself would let in.

use std::borrow::Cow;
use std::fmt::Display;
use std::future::Future;

use http::request::Parts;

use crate::client::run_hook;
use crate::error::Error;
use crate::hooks::HookError;
use crate::http_client::BoxFuture;
use crate::identity::{Claims, User};
use crate::request::RequestAuth;
use crate::session::Session;

/// Who asks, for the function that a guard names with `check`: whoever has the groups and scopes that the guard asks
/// for.
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use http::request::Parts;
/// use monocloud_runtime::hooks::AccessDenied;
/// use monocloud_runtime::{Access, protect};
///
/// async fn works_here(access: &Access, _: &Parts) -> Result<(), AccessDenied> {
///     match access.user() {
///         Some(user) if user.claim_str("tenant") == Some("acme") => Ok(()),
///         _ => Err(AccessDenied::new("This page is for people of Acme.")),
///     }
/// }
///
/// #[protect(check = works_here)]
/// async fn reports() -> &'static str {
///     "…"
/// }
/// # fn main() {}
/// ```
///
/// What the decision needs of the application comes from the request's extensions, where
/// `axum::Extension` puts it, and what it needs of the path from an extractor that runs on a copy of the request:
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use axum::extract::{FromRequestParts as _, Path};
/// use http::request::Parts;
/// use monocloud_runtime::hooks::{AccessDenied, HookError};
/// use monocloud_runtime::{Access, protect_api};
///
/// # #[derive(Clone)] struct Db;
/// # impl Db { async fn owner(&self, _: u64) -> Result<String, std::io::Error> { Ok("mira".into()) } }
/// async fn owns_order(access: &Access, request: &Parts) -> Result<(), HookError> {
///     let Path(id) = Path::<u64>::from_request_parts(&mut request.clone(), &()).await?;
///     let db = request.extensions.get::<Db>().ok_or("no database")?;
///     let owner = db.owner(id).await?;
///     match access.user() {
///         Some(user) if user.sub() == owner => Ok(()),
///         _ => Err(AccessDenied::new("This order is somebody else's.").into()),
///     }
/// }
///
/// #[protect_api(check = owns_order)]
/// async fn order(Path(id): Path<u64>) -> String {
///     format!("order {id}")
/// }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct Access {
    auth: RequestAuth,
}

impl Access {
    fn of(auth: &RequestAuth) -> Self {
        Self { auth: auth.clone() }
    }

    /// The person: who is signed in, or on whose behalf a client calls. Nobody, where a client calls on its own.
    pub fn user(&self) -> Option<User> {
        self.auth.user()
    }

    /// The claims of the access token, where one speaks for the request.
    pub fn claims(&self) -> Option<Claims> {
        self.auth.claims()
    }

    /// The session, where one speaks for the request.
    pub fn session(&self) -> Option<Session> {
        self.auth.session()
    }
}

/// Such a function.
pub type Check = for<'a> fn(&'a Access, &'a Parts) -> BoxFuture<'a, Result<(), HookError>>;

/// Makes the future of one a type for all.
pub fn check<'a, F, E>(future: F) -> BoxFuture<'a, Result<(), HookError>>
where
    F: Future<Output = Result<(), E>> + Send + 'a,
    E: Into<HookError>,
{
    Box::pin(async move { future.await.map_err(Into::into) })
}

/// The application said no: with these words, if they are for whoever asks.
#[derive(Debug)]
pub(crate) struct Objection(pub(crate) Option<Cow<'static, str>>);

/// Asks. An error, a panic, and an answer that takes longer than the response timeout mean no, and the log says so.
pub(crate) async fn ask(
    check: Check,
    request: &Parts,
    by: impl Display,
    auth: &RequestAuth,
) -> Result<(), Objection> {
    let within = auth.client().settings().calls.response_timeout;
    let access = Access::of(auth);
    // A function that is not `async` may panic before there is a future.
    let asked = async { check(&access, request).await };
    let error = match run_hook("check", within, asked).await {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    if let Error::AccessDenied(words) = error {
        return Err(Objection(Some(words)));
    }
    tracing::error!(
        name: "monocloud.guard.check_failed",
        %by,
        code = error.code(),
        error = %error,
        "a guard's check failed, so nobody is let in"
    );
    Err(Objection(None))
}
