//! Sessions without a flow.

use std::time::Duration;

use futures_util::FutureExt as _;
use http::HeaderMap;
use http::header::COOKIE;

use super::provider::ProviderUser;
use crate::client::MonoCloud;
use crate::cookie::Cookies;
use crate::crypto::Ticket;
use crate::identity::User;
use crate::request::{SessionCookies, Tickets};
use crate::session::{AccessToken, NewSession, Session, SignIn, Target, TokenSet, key_of};
use crate::store::Created;

/// The value of the `Cookie` header for a session of `user`, as a sign-in that just ended would
/// have set it: guarded handlers are tested through the router with it.
///
/// # Panics
///
/// When the claims are too large for cookies, or the sessions are in a store that does not answer at once: see
/// [`MintedSession::cookie_in_store`].
pub fn session_cookie(client: &MonoCloud, user: impl Into<User>) -> String {
    MintedSession::new(user).cookie(client)
}

/// The session that a `Cookie` header's value carries, if there is one and it is good: what a test
/// looks into after a response has set cookies. Whoever sent them is not asked, so this is for tests alone.
///
/// # Panics
///
/// When the sessions are in a store that does not answer at once: see [`open_session_in_store`].
pub fn open_session(client: &MonoCloud, cookies: &str) -> Option<Session> {
    open_session_in_store(client, cookies)
        .now_or_never()
        .expect("the store answers at once")
}

/// The same, for a store that has to be waited for.
pub async fn open_session_in_store(client: &MonoCloud, cookies: &str) -> Option<Session> {
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, cookies.parse().ok()?);
    let cookies = Cookies::take(&mut headers);
    match client.keeping() {
        Some(_) => Tickets::of(client, &cookies).session_sent().await,
        None => SessionCookies::of(client, &cookies).session_sent(),
    }
}

/// The raw ID token that a session keeps, unless it was left out to save room.
pub fn id_token(session: &Session) -> Option<&str> {
    session.id_token()
}

/// The access token that a session keeps.
pub fn access_token(session: &Session) -> Option<&str> {
    session.access_token()
}

/// The refresh token that a session keeps.
pub fn refresh_token(session: &Session) -> Option<&str> {
    session.tokens().refresh_token.as_deref()
}

/// How many sessions there are of which this process remembers what their last refresh brought. It is bounded, and
/// what ends is forgotten.
pub fn remembered_refreshes(client: &MonoCloud) -> usize {
    client.refreshes().len()
}

/// A session as a sign-in leaves it, with what the issuer's answer would have brought.
///
/// ```
/// use monocloud_runtime::MonoCloud;
/// use monocloud_runtime::testing::{MintedSession, ProviderUser};
///
/// # fn cookie(auth: &MonoCloud) -> String {
/// MintedSession::new(ProviderUser::new("mira"))
///     .id_token("header.payload.signature")
///     .access_token("an opaque token")
///     .cookie(auth)
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct MintedSession {
    user: User,
    id_token: Option<String>,
    access_token: Option<String>,
    scopes: Option<Vec<String>>,
    expires_in: Option<Duration>,
    refresh_token: Option<String>,
    auth_time: AuthTime,
    acr: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum AuthTime {
    Now,
    At(i64),
    Unknown,
}

impl MintedSession {
    /// Of this user, without tokens.
    pub fn new(user: impl Into<User>) -> Self {
        Self {
            user: user.into(),
            id_token: None,
            access_token: None,
            scopes: None,
            expires_in: None,
            refresh_token: None,
            auth_time: AuthTime::Now,
            acr: None,
        }
    }

    /// When the person proved who they are, in seconds since the Unix epoch; just now where it is not said.
    #[must_use]
    pub fn auth_time(mut self, seconds: i64) -> Self {
        self.auth_time = AuthTime::At(seconds);
        self
    }

    /// Of an issuer that does not say when that was.
    #[must_use]
    pub fn without_auth_time(mut self) -> Self {
        self.auth_time = AuthTime::Unknown;
        self
    }

    /// The class of authentication that the issuer told (`acr`); none where it is not said.
    #[must_use]
    pub fn acr(mut self, acr: impl Into<String>) -> Self {
        self.acr = Some(acr.into());
        self
    }

    /// The raw ID token, which nothing checks.
    #[must_use]
    pub fn id_token(mut self, raw: impl Into<String>) -> Self {
        self.id_token = Some(raw.into());
        self
    }

    /// The access token of the sign-in.
    #[must_use]
    pub fn access_token(mut self, value: impl Into<String>) -> Self {
        self.access_token = Some(value.into());
        self
    }

    /// The scopes that the access token was granted, which guards with `scopes` ask for; those of the settings where it is
    /// not said. Makes an access token where there is none.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// How long from now the access token is good. Without it, it does not expire.
    #[must_use]
    pub fn access_token_expires_in(mut self, lifetime: Duration) -> Self {
        self.expires_in = Some(lifetime);
        self
    }

    /// The refresh token.
    #[must_use]
    pub fn refresh_token(mut self, value: impl Into<String>) -> Self {
        self.refresh_token = Some(value.into());
        self
    }

    /// The value of the `Cookie` header. Where the client keeps sessions in a store, it is kept there.
    ///
    /// # Panics
    ///
    /// When the session is too large for cookies, or its store does not answer at once: see
    /// [`cookie_in_store`](Self::cookie_in_store).
    pub fn cookie(self, client: &MonoCloud) -> String {
        self.cookie_in_store(client)
            .now_or_never()
            .expect("the store answers at once")
    }

    /// The same, for a store that has to be waited for.
    ///
    /// # Panics
    ///
    /// When the session is too large, or the store does not keep it.
    pub async fn cookie_in_store(self, client: &MonoCloud) -> String {
        let session = self.session(client);
        let Some(keeping) = client.keeping() else {
            let cookies = SessionCookies::of(client, &Cookies::default()).request_header(&session);
            return cookies.expect("the session fits into cookies");
        };
        let ticket = Ticket::random();
        let new = client.filing().first(&ticket, &session, None);
        let new = new.expect("the session is small enough for a store");
        let created = keeping.create(key_of(&ticket), new).await;
        assert!(
            matches!(created, Ok(Created::Created { .. })),
            "the store keeps the session: {created:?}"
        );
        Tickets::request_header(client, &ticket).expect("a ticket fits into a cookie")
    }

    fn session(self, client: &MonoCloud) -> Session {
        let params = &client.settings().auth_params;
        let target = Target {
            resource: params.resource.clone(),
            scopes: params.scopes.clone(),
        };
        let lifetime = self.expires_in.map(|lifetime| lifetime.as_secs());
        let lifetime = lifetime.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
        let granted = self.scopes.as_deref();
        let value = self
            .access_token
            .or_else(|| granted.map(|_| "a minted access token".to_owned()));
        let default = value.map(|value| AccessToken::new(value, &target, granted, lifetime, client.now()));
        let scopes = default.as_ref().map(AccessToken::scopes).unwrap_or_default();
        let mut tokens = TokenSet::new(default);
        tokens.id_token = self.id_token;
        tokens.refresh_token = self.refresh_token;
        let new = NewSession {
            sign_in: SignIn {
                issuer: client.settings().issuer.tenant_domain.as_str().to_owned(),
                sid: self.user.claim_str("sid").map(str::to_owned),
                auth_time: match self.auth_time {
                    AuthTime::Now => Some(client.now()),
                    AuthTime::At(seconds) => Some(seconds),
                    AuthTime::Unknown => None,
                },
                acr: self.acr,
                issued_at: Some(client.now()),
                scopes: scopes.split_whitespace().map(str::to_owned).collect(),
                ..SignIn::default()
            },
            user: self.user,
            tokens,
        };
        Session::start(new, client.settings().session_lifetime, client.now_millis())
    }
}

impl From<&ProviderUser> for User {
    /// With all claims, whatever scopes would release.
    fn from(user: &ProviderUser) -> Self {
        Self::from_claims(user.to_claims())
    }
}

impl From<ProviderUser> for User {
    fn from(user: ProviderUser) -> Self {
        Self::from(&user)
    }
}
