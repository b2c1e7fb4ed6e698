//! What an application adds to a sign-in, and to a logout that the issuer begins.
//!
//! A hook is the application's own code in the middle of the library's: it has the time that is left of the
//! response timeout, and where it fails, panics or is too slow, nobody is signed in, and the issuer is told that the
//! logout failed.

use std::borrow::Cow;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use http::request::Parts;
use serde_json::{Map, Value};

use crate::error::{Error, printable};
use crate::event::Events;
use crate::http_client::BoxFuture;
use crate::session::Session;

/// Why a hook failed. With [`AccessDenied`] it turns the person away; anything else is the application's own
/// mistake, which answers 500.
pub type HookError = Box<dyn std::error::Error + Send + Sync>;

/// Of the application state, as JSON: it travels in a cookie.
const MAX_STATE: usize = 1_024;

/// Of an error's text in the log, in characters.
const MAX_REASON: usize = 500;

/// A sign-in that ended well, before its session begins: what
/// [`Builder::on_session_creating`](crate::settings::Builder::on_session_creating) gets.
#[derive(Debug)]
#[non_exhaustive]
pub struct SessionCreating {
    /// The session that is about to begin. The hook changes it and gives it back.
    pub session: Session,
    /// All claims of the ID token, whose signature and rules were checked.
    pub id_token_claims: Map<String, Value>,
    /// All claims of userinfo, unless it is not asked.
    pub user_info: Option<Map<String, Value>>,
    /// Parameters of the authorization response beside `code`, `state` and `iss`, such as the `user` that
    /// Apple sends at the first sign-in. They came through the browser: nothing proves who wrote them.
    pub response_parameters: Vec<(String, String)>,
    /// What [`Builder::on_set_application_state`](crate::settings::Builder::on_set_application_state) gave
    /// when the sign-in began. It was made of a request that anybody can send: it is no proof of anything.
    pub application_state: Option<Value>,
}

/// A logout that the issuer began, after the sessions ended that it is about: what
/// [`Builder::on_back_channel_logout`](crate::settings::Builder::on_back_channel_logout) gets. The issuer has signed all of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BackChannelLogout {
    /// Which session at the issuer is over: that of this `sid` alone. Without one, every session of `sub` is.
    pub sid: Option<String>,
    /// Whose they are. It may be missing where there is a `sid`.
    pub sub: Option<String>,
    /// The token's own id. A hook that has failed gets the same again when the issuer tries again.
    pub jti: String,
}

/// The error of a hook that turns a person away: the answer is a page with status 403.
///
/// ```
/// use monocloud_runtime::hooks::{AccessDenied, SessionCreating};
///
/// # async fn is_known(_: &str) -> Result<bool, std::io::Error> { Ok(true) }
/// # let _ =
/// monocloud_runtime::MonoCloud::builder().on_session_creating(async |creating: SessionCreating| {
///     if !is_known(creating.session.user().sub()).await? {
///         return Err(AccessDenied::new("Please ask for an account first.").into());
///     }
///     Ok(creating.session)
/// });
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct AccessDenied(Cow<'static, str>);

impl AccessDenied {
    /// With the sentence that the person reads.
    pub fn new(words: impl Into<Cow<'static, str>>) -> Self {
        Self(words.into())
    }
}

type SessionHook = dyn Fn(SessionCreating) -> BoxFuture<'static, Result<Session, HookError>> + Send + Sync;
type StateHook = dyn Fn(Parts) -> BoxFuture<'static, Result<Value, HookError>> + Send + Sync;

type LogoutHook = dyn Fn(BackChannelLogout) -> BoxFuture<'static, Result<(), HookError>> + Send + Sync;

/// The hooks of an application.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    session_creating: Option<Arc<SessionHook>>,
    application_state: Option<Arc<StateHook>>,
    back_channel_logout: Option<Arc<LogoutHook>>,
    pub(crate) events: Events,
}

impl Hooks {
    pub(super) fn set_session_creating<F, A>(&mut self, hook: F)
    where
        F: Fn(SessionCreating) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Session, HookError>> + Send + 'static,
    {
        self.session_creating = Some(Arc::new(move |creating| Box::pin(hook(creating))));
    }

    pub(super) fn set_application_state<F, A>(&mut self, hook: F)
    where
        F: Fn(Parts) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Value, HookError>> + Send + 'static,
    {
        self.application_state = Some(Arc::new(move |parts| Box::pin(hook(parts))));
    }

    pub(super) fn set_back_channel_logout<F, A>(&mut self, hook: F)
    where
        F: Fn(BackChannelLogout) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), HookError>> + Send + 'static,
    {
        self.back_channel_logout = Some(Arc::new(move |logout| Box::pin(hook(logout))));
    }

    /// The session as the application wants it to begin.
    pub(crate) async fn session_creating(
        &self,
        creating: SessionCreating,
        within: Duration,
    ) -> Result<Session, Error> {
        const NAME: &str = "on_session_creating";
        let Some(hook) = &self.session_creating else {
            return Ok(creating.session);
        };
        let id = creating.session.record().id().to_owned();
        let session = run(NAME, within, async { hook(creating).await }).await?;
        // A session of another sign-in is somebody else's.
        if session.record().id() != id {
            return Err(failed(NAME, "it gave back another session than it was given"));
        }
        Ok(session)
    }

    /// What the application wants to know of this request when the sign-in is over.
    pub(crate) async fn application_state(
        &self,
        parts: &Parts,
        within: Duration,
    ) -> Result<Option<Value>, Error> {
        const NAME: &str = "on_set_application_state";
        let Some(hook) = &self.application_state else {
            return Ok(None);
        };
        let parts = parts.clone();
        let state = run(NAME, within, async { hook(parts).await }).await?;
        let text = state.to_string();
        // Whoever sends the request decides how long it is, and how deep.
        if text.len() > MAX_STATE || !is_readable(&text) {
            tracing::warn!(
                name: "monocloud.sign_in.application_state_too_large",
                bytes = text.len(),
                limit = MAX_STATE,
                "a sign-in goes on without its application state, which travels in a cookie: keep less in it, and do \
                 not nest it deeper than 100 times"
            );
            return Ok(None);
        }
        Ok((!state.is_null()).then_some(state))
    }

    /// Tells the application what is over.
    pub(crate) async fn back_channel_logout(
        &self,
        logout: BackChannelLogout,
        within: Duration,
    ) -> Result<(), Error> {
        match &self.back_channel_logout {
            Some(hook) => run("on_back_channel_logout", within, async { hook(logout).await }).await,
            None => Ok(()),
        }
    }
}

/// Whether it could be read back from within something else: JSON may be nested deeper than it is read.
fn is_readable(text: &str) -> bool {
    serde_json::from_str::<Value>(&format!("[[[[{text}]]]]")).is_ok()
}

/// Runs one: what it gives within that time, if it neither fails nor panics.
pub(crate) async fn run<T>(
    name: &'static str,
    within: Duration,
    hook: impl Future<Output = Result<T, HookError>>,
) -> Result<T, Error> {
    // The words of an error are the application's code, too.
    let asked = async {
        hook.await
            .map_err(|error| match error.downcast::<AccessDenied>() {
                Ok(denied) => Error::AccessDenied(denied.0),
                Err(error) => failed(name, &error.to_string()),
            })
    };
    match tokio::time::timeout(within, AssertUnwindSafe(asked).catch_unwind()).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(failed(name, "it panicked")),
        Err(_) => Err(failed(
            name,
            "it took longer than what was left of MONOCLOUD_AUTH_RESPONSE_TIMEOUT",
        )),
    }
}

fn failed(hook: &'static str, reason: &str) -> Error {
    Error::HookFailed {
        hook,
        reason: printable(reason, MAX_REASON),
    }
}
