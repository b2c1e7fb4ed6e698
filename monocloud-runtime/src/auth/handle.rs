//! The handle that handlers work with.

use std::sync::Arc;

use super::asked::Asked;
use crate::access::{AccessReport, Caller};
use crate::client::MonoCloud;
use crate::error::Error;
use crate::event::SessionEnd;
use crate::identity::{Claims, User};
use crate::request::{Head, RequestAuth, TokenRequest, Tokens, is_htmx, is_prefetch};
use crate::respond::SignOut;
use crate::session::Session;
use crate::sign_in::{ReturnUrl, post_logout};

/// The authentication of the request: reads, changes and ends its session.
///
/// With axum an extractor: it works for whoever is signed in and whoever is not, and answers 500 without
/// [`MonoCloud::layer`](crate::MonoCloud::layer). Where access tokens are taken, one that is no good is 401, several are
/// 400, and an issuer that cannot say which it is 500, 502 or 503. Where a store keeps the sessions and does not answer, it
/// is 503. Without axum, [`MonoCloud::serve`](crate::MonoCloud::serve) gives it.
///
/// A request that changes something, or opens a WebSocket, has a session only when one of the
/// application's own pages made it, or where the handler's guard has `csrf = false`: to all methods here
/// nobody is signed in otherwise.
#[derive(Clone)]
pub struct Auth {
    pub(super) request: RequestAuth,
    pub(super) asked: Arc<Asked>,
    /// Where it is not the one of the settings.
    groups_claim: Option<Arc<str>>,
}

#[expect(
    clippy::unused_async,
    reason = "what is at hand today may have to be waited for one day"
)]
impl Auth {
    /// `request`, which has this head, was asked for its session already: whoever holds this may answer by who asks, also
    /// in a body that is still to come.
    pub(crate) fn new(request: RequestAuth, head: Head<'_>) -> Self {
        Self {
            request,
            asked: Arc::new(Asked::of(head)),
            groups_claim: None,
        }
    }

    pub(super) fn client(&self) -> &MonoCloud {
        self.request.client()
    }

    /// Who may do what on this site, as [`MonoCloud::report`](crate::MonoCloud::report) says. Nothing of the request is
    /// asked.
    pub fn report(&self) -> AccessReport {
        self.client().report()
    }

    /// The session, if somebody is signed in and no other site made the request. Where an access token speaks for it,
    /// there is none.
    pub async fn session(&self) -> Option<Session> {
        let session = self.request.may_identify().then(|| self.request.session());
        session.flatten().inspect(|_| self.request.let_in())
    }

    /// The user, if somebody is signed in and no other site made the request, or a client calls on their behalf.
    pub async fn user(&self) -> Option<User> {
        self.who().inspect(|_| self.request.let_in())
    }

    /// The claims of the access token with which the request came, if it did.
    pub async fn claims(&self) -> Option<Claims> {
        self.request.claims().inspect(|_| self.request.let_in())
    }

    /// Whether somebody is signed in, or calls with an access token.
    pub async fn is_authenticated(&self) -> bool {
        self.request.may_identify()
            && self
                .request
                .with_caller(|caller| matches!(caller, Caller::Session(_) | Caller::Token(_)))
    }

    /// Whether the user is in any of the groups, each a name or an id. Nobody is in none.
    pub async fn is_user_in_group<G: AsRef<str>>(&self, groups: impl IntoIterator<Item = G>) -> bool {
        self.is_in_any(groups).await
    }

    /// Whether the user is in one of the groups at least, as [`User::is_in_any`] says.
    pub async fn is_in_any<G: AsRef<str>>(&self, groups: impl IntoIterator<Item = G>) -> bool {
        self.who().is_some_and(|user| user.is_in_any(groups))
    }

    /// Whether the user is in all of the groups, as [`User::is_in_all`] says.
    pub async fn is_in_all<G: AsRef<str>>(&self, groups: impl IntoIterator<Item = G>) -> bool {
        self.who().is_some_and(|user| user.is_in_all(groups))
    }

    /// The same handle, whose questions about groups read the claim of this name, or at this dotted path, as
    /// those of [`User::with_groups_claim`] do.
    ///
    /// ```
    /// use monocloud_runtime::Auth;
    ///
    /// async fn books(auth: Auth) -> &'static str {
    ///     let may_close = auth.with_groups_claim("roles").is_in_any(["auditor", "admin"]).await;
    ///     if may_close { "open, may be closed" } else { "open" }
    /// }
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn with_groups_claim(&self, name: impl Into<Arc<str>>) -> Self {
        Self {
            groups_claim: Some(name.into()),
            ..self.clone()
        }
    }

    /// Nobody, where another site made the request.
    fn who(&self) -> Option<User> {
        let user = self
            .request
            .may_identify()
            .then(|| self.request.user())
            .flatten()?;
        Some(match &self.groups_claim {
            Some(name) => user.with_groups_claim(name.clone()),
            None => user,
        })
    }

    /// Keeps what was changed in the session. Of two requests at once, the last to answer wins; where a store keeps the
    /// sessions, the last to call this.
    ///
    /// # Errors
    ///
    /// [`Error::NoSession`] when `session` is not the one of this request, or it ended meanwhile. In cookies
    /// [`Error::SessionTooLarge`] when it does not fit into them, and [`Error::ResponseStarted`] when the response's head
    /// is already sent; in a store [`Error::RecordTooLarge`] above 256 KiB, and [`Error::StoreUnavailable`] when the store
    /// does not say that it has it. The session is then as it was, unless the store has done it without saying so.
    pub async fn update_session(&self, session: Session) -> Result<(), Error> {
        let current = self.session().await.ok_or(Error::NoSession)?;
        if current.record().id() != session.record().id()
            || self.request.client().denials().denies(session.record())
        {
            return Err(Error::NoSession);
        }
        self.request.set_session(session).await
    }

    /// The session's tokens: the default access token, or the one that `request` asks for.
    ///
    /// A token is renewed 30 seconds before it expires, or half its lifetime if that is less: once, however many requests
    /// come for it at once, and the session keeps what came. One that is good still is given where the issuer cannot be
    /// reached, unless `request` forces a refresh.
    ///
    /// ```
    /// use monocloud_runtime::tokens::TokenRequest;
    /// use monocloud_runtime::{Auth, Error};
    ///
    /// async fn orders(auth: Auth) -> Result<String, Error> {
    ///     let tokens = auth.tokens(TokenRequest::new()).await?;
    ///     Ok(format!("Bearer {}", tokens.access_token()))
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NoSession`] when nobody is signed in; [`Error::NoRefreshToken`] when the token is over and nothing renews
    /// it; [`Error::RefreshRefused`] when the issuer does not take the refresh token any more, which ends the session;
    /// [`Error::Unreachable`] when the issuer is away, and [`Error::MalformedAnswer`] or [`Error::Endpoint`] when it
    /// answers something else than tokens. [`Error::InvalidRequest`] when resources and scopes are not configured.
    /// [`Error::ResponseStarted`] when the response's head is already sent and [`Error::SessionTooLarge`] when a new token
    /// would not fit into cookies: then nothing was asked of the issuer. Where a store keeps the sessions neither happens.
    /// [`Error::StoreUnavailable`] when a store, of the sessions or beside them, does not say whose turn it is to ask the
    /// issuer.
    pub async fn tokens(&self, request: TokenRequest) -> Result<Tokens, Error> {
        if self.request.may_identify() {
            self.request.tokens(&request).await
        } else {
            Err(Error::NoSession)
        }
    }

    /// Revokes the session's tokens at the issuer (RFC 7009), the refresh token and with it what came of it. The session
    /// goes on without tokens: for an application that needs them no more, or a person who takes consent back.
    ///
    /// # Errors
    ///
    /// [`Error::NoSession`] when nobody is signed in; [`Error::ResponseStarted`] when sessions are in cookies and the
    /// response's head is already sent; [`Error::StoreUnavailable`] when they are in a store that does not answer;
    /// [`Error::Unreachable`], [`Error::Endpoint`] or [`Error::MalformedAnswer`] when the issuer is away, says no, or has
    /// no revocation endpoint. The tokens are then kept.
    pub async fn revoke_tokens(&self) -> Result<(), Error> {
        if self.request.may_identify() {
            self.request.revoke_tokens().await
        } else {
            Err(Error::NoSession)
        }
    }

    /// Ends the session here, without asking the issuer. Copies of its cookie are refused from now
    /// on. What another site sends ends nothing, but for a GET, which any link can cause: ask for a POST. What a browser
    /// fetches in advance ends nothing either.
    ///
    /// # Errors
    ///
    /// [`Error::StoreUnavailable`] where a store keeps the sessions, or processes share one beside cookies, and it does not say
    /// that this one has ended. This process refuses it from now on, and the browser loses its cookie; other processes may
    /// still take a copy of it.
    pub async fn destroy_session(&self) -> Result<(), Error> {
        let ended = if self.may_end() {
            self.request.end_session(SessionEnd::Destroyed).await.map(drop)
        } else {
            Ok(())
        };
        if self.request.has_answered() {
            tracing::warn!(
                name: "monocloud.session.ended_late",
                "the response's head is already sent: the session has ended, and its cookie stays in the browser \
                 until a request brings it"
            );
        }
        ended
    }

    /// Ends the session here, and at the issuer by the answer that this gives, as the sign-out route does.
    /// What another site sends ends nothing, but for a GET, which any link can cause: ask for a POST. What a browser
    /// fetches in advance ends nothing either.
    ///
    /// `post_logout_url` says where that ends: a path or URL on this site, or an address listed with
    /// [`Builder::post_logout_redirect_uris`](crate::settings::Builder::post_logout_redirect_uris). Without one, or
    /// with any other, it ends at [`Builder::post_logout_redirect_uri`](crate::settings::Builder::post_logout_redirect_uri).
    ///
    /// ```
    /// use monocloud_runtime::{Auth, Error, SignOut};
    ///
    /// async fn close_account(auth: Auth) -> Result<SignOut, Error> {
    ///     // …
    ///     auth.sign_out(Some("/goodbye")).await
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::StoreUnavailable`], as with [`Auth::destroy_session`]. Returned from the handler it answers 503.
    pub async fn sign_out(&self, post_logout_url: Option<&str>) -> Result<SignOut, Error> {
        let settings = self.request.client().settings();
        let back = post_logout_url
            .filter(|url| url.starts_with('/'))
            .and_then(|url| ReturnUrl::of_application(self.client(), url))
            .map(|page| page.absolute(&settings.site.app_url))
            .or_else(|| post_logout(settings, post_logout_url?))
            .unwrap_or_else(|| settings.sign_out.post_logout_redirect_uri.clone());
        let location = if self.may_end() {
            self.request.sign_out(back).await?
        } else {
            back
        };
        Ok(SignOut::to(location, is_htmx(&self.asked.parts.headers)))
    }

    pub(super) fn may_end(&self) -> bool {
        self.request.may_identify() && !self.request.brings_token() && !is_prefetch(&self.asked.parts.headers)
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Auth")
    }
}
