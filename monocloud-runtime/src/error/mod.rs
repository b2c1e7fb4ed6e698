//! The one error of the runtime.
//!
//! An [`Error`] says what happened, to what, and what to do next. It has a stable
//! [`code`](Error::code), the [`status`](Error::status) that a browser should see, and never holds
//! a secret: no code, state, nonce, token, verifier or cookie value.

mod printable;
mod response;
mod status;

use std::borrow::Cow;
use std::sync::Arc;

use http::StatusCode;

pub(crate) use printable::printable;
pub use response::ErrorResponse;

/// What went wrong while signing in or out, or while working with a session.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request to a route of this library is not one that it answers.
    #[error("the request is not valid: {0}")]
    InvalidRequest(&'static str),

    /// The callback's `state` belongs to no sign-in that this browser has begun, or that one is over.
    #[error(
        "this sign-in is not known here: it has expired (MONOCLOUD_AUTH_STATE_DURATION), was finished already, or began in another browser or in one that did not keep its cookie; sign in again"
    )]
    UnknownTransaction,

    /// The issuer answered the authorization request with an error (RFC 6749 §4.1.2.1).
    #[error("the sign-in was refused by the issuer: {0}")]
    Refused(ErrorResponse),

    /// The authorization response names another issuer, or none where one is due (RFC 9207 §2.4).
    #[error("the answer does not name the issuer that was asked (`iss`)")]
    WrongIssuer,

    /// The token endpoint did not accept the code (RFC 6749 §5.2, `invalid_grant`).
    #[error(
        "the issuer did not accept the sign-in's code: {0}; mostly it was used already or has expired, and a new sign-in helps"
    )]
    InvalidGrant(ErrorResponse),

    /// The session has no refresh token, and its access token is over or was never there.
    #[error(
        "the session has no refresh token; ask for one at sign-in (mostly the scope `offline_access` in MONOCLOUD_AUTH_SCOPES, and the client's settings at the issuer)"
    )]
    NoRefreshToken,

    /// The issuer does not take the refresh token any more (RFC 6749 §5.2, `invalid_grant`).
    #[error("the issuer did not accept the refresh token: {0}; a new sign-in gives another one")]
    RefreshRefused(ErrorResponse),

    /// The ID token failed validation (OIDC Core 3.1.3.7).
    #[error("the ID token is not acceptable: {0}")]
    InvalidIdToken(String),

    /// The issuer ended the session before it began: a logout came for it while the sign-in was under way.
    #[error(
        "the issuer ended the session of this sign-in while it was under way, or keeps one under the `sid` of one that it has ended; sign in again"
    )]
    LoggedOut,

    /// A logout token failed validation (OIDC Back-Channel Logout 1.0 §2.6), or was used before.
    #[error("the logout token is not acceptable: {0}")]
    InvalidLogoutToken(String),

    /// A logout of the issuer's, or the end of all sessions of a user, reached one of several processes, which share
    /// nothing.
    #[error(
        "several processes serve this site (MONOCLOUD_AUTH_MULTIPLE_INSTANCES) and share nothing, so that what one of them is told ends no session in the others: give them a Redis (MONOCLOUD_AUTH_REDIS_URL, with MONOCLOUD_AUTH_SESSIONS_IN=cookies where sessions are to stay in cookies), or a store of your own that they share (`Builder::store`)"
    )]
    LogoutNotShared,

    /// More front-channel logouts came than are remembered (OIDC Front-Channel Logout 1.0).
    #[error(
        "more front-channel logouts came than are remembered one by one, so that this one is refused and its session lives on: anybody can send them; have the issuer use back-channel logout"
    )]
    TooManyLogouts,

    /// A logout of the issuer's is not on the disk, so that a restart would forget it. Here it holds.
    #[error(
        "the logout holds in this process, and could not be written to the file of MONOCLOUD_AUTH_DENIALS_FILE, so that a restart would forget it: {0}"
    )]
    LogoutNotKept(String),

    /// The issuer did not confirm what a guard asks of a sign-in with `max_age` or `acr_values` (RFC 9470). Whoever
    /// was signed in before still is.
    #[error("the issuer did not confirm the sign-in that the page asks for: {0}")]
    NotConfirmed(String),

    /// Userinfo speaks of another subject than the ID token (OIDC Core 5.3.2).
    #[error("userinfo belongs to another subject than the ID token")]
    UserInfoSubject,

    /// The userinfo endpoint does not take the access token: it is over, or for something else.
    #[error(
        "the userinfo endpoint did not accept the access token: {0}; where the token is meant for another API, set MONOCLOUD_AUTH_USER_INFO=false"
    )]
    AccessTokenRefused(ErrorResponse),

    /// The issuer refused a call.
    #[error("{endpoint} refused the call: {response}; check the client's settings at the issuer")]
    Endpoint {
        /// Which endpoint.
        endpoint: &'static str,
        /// The status that it answered with.
        status: StatusCode,
        /// What it said.
        response: ErrorResponse,
    },

    /// An answer of the issuer could not be understood.
    #[error("{endpoint} gave an answer that cannot be used: {reason}")]
    MalformedAnswer {
        /// Which endpoint.
        endpoint: &'static str,
        /// What is wrong with it.
        reason: String,
    },

    /// The issuer's metadata is that of another issuer (OIDC Discovery 4.3).
    #[error(
        "the metadata is of issuer `{found}`, but `{expected}` is configured; set MONOCLOUD_AUTH_TENANT_DOMAIN (for access tokens MONOCLOUD_BACKEND_TENANT_DOMAIN, or `trusted_token_issuers`) to the issuer's exact name; an issuer whose metadata stands elsewhere than below its name is not supported"
    )]
    IssuerMismatch {
        /// The configured issuer.
        expected: String,
        /// The issuer that the metadata names.
        found: String,
    },

    /// The issuer's metadata is for many tenants, and names none.
    #[error(
        "the metadata is that of a multi-tenant endpoint, whose issuer `{template}` signs no token; write the tenant's own address into MONOCLOUD_AUTH_TENANT_DOMAIN"
    )]
    MultiTenantIssuer {
        /// What the metadata has in place of an issuer.
        template: String,
    },

    /// The issuer could not be reached, or was too slow.
    #[error("{endpoint} could not be reached: {reason}")]
    Unreachable {
        /// Which endpoint.
        endpoint: &'static str,
        /// Why.
        reason: String,
        /// The cause, where there is one.
        #[source]
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },

    /// The store of the sessions could not say who is signed in, or did not keep what it was given.
    #[error("the session store did not {doing}: {reason}")]
    StoreUnavailable {
        /// What was asked of it.
        doing: &'static str,
        /// Why it did not.
        reason: String,
        /// The cause, where there is one.
        #[source]
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },

    /// Where the sessions are kept, this cannot be done.
    #[error(
        "where the sessions are kept nobody can {0}: keep them in Redis (MONOCLOUD_AUTH_REDIS_URL, without MONOCLOUD_AUTH_SESSIONS_IN=cookies), in a store of your own that keeps lists (`Builder::store`), or, where one process alone serves the site, in its memory (MONOCLOUD_AUTH_SESSIONS_IN=memory)"
    )]
    StoreCannot(&'static str),

    /// The session does not fit into cookies any more: a handler put too much into it.
    #[error(
        "the session needs {bytes} bytes of cookies and {limit} are allowed (MONOCLOUD_AUTH_COOKIE_LIMIT): keep sessions in a store (MONOCLOUD_AUTH_SESSIONS_IN, `Builder::store`), or keep less in them (fewer values of your own, or more names in MONOCLOUD_AUTH_FILTERED_ID_TOKEN_CLAIMS)"
    )]
    SessionTooLarge {
        /// What it would need, in bytes of the `Cookie` header.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },

    /// What the issuer gave at sign-in does not fit into cookies.
    #[error(
        "the sign-in needs {bytes} bytes of cookies and {limit} are allowed (MONOCLOUD_AUTH_COOKIE_LIMIT): keep sessions in a store (MONOCLOUD_AUTH_SESSIONS_IN, `Builder::store`), or ask for less (fewer scopes, or more names in MONOCLOUD_AUTH_FILTERED_ID_TOKEN_CLAIMS)"
    )]
    SignInTooLarge {
        /// What it would need, in bytes of the `Cookie` header.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },

    /// The session is larger than any that a store is given: a handler put too much into it.
    #[error(
        "the session needs {bytes} bytes in the store and {limit} are allowed: keep less in it (fewer values of your own, or more names in MONOCLOUD_AUTH_FILTERED_ID_TOKEN_CLAIMS)"
    )]
    RecordTooLarge {
        /// What it would need, in bytes as it is sealed.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },

    /// What the issuer gave at sign-in is larger than any session that a store is given.
    #[error(
        "the sign-in needs {bytes} bytes in the store and {limit} are allowed: ask for less (fewer scopes, or more names in MONOCLOUD_AUTH_FILTERED_ID_TOKEN_CLAIMS)"
    )]
    SignInTooLargeForStore {
        /// What it would need, in bytes as it is sealed.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },

    /// Another site made the browser send the request (cross-site request forgery).
    #[error("another site made the browser send the request")]
    CrossSite,

    /// The issuer does not let this API ask about access tokens (RFC 7662 §2.3).
    #[error(
        "the issuer does not let this API introspect access tokens: {0}; check MONOCLOUD_BACKEND_CLIENT_ID, MONOCLOUD_BACKEND_CLIENT_SECRET and MONOCLOUD_BACKEND_CLIENT_AUTH_METHOD, or where these are not set those of the sign-in"
    )]
    IntrospectionRefused(ErrorResponse),

    /// There is no session to work with, or it ended meanwhile.
    #[error("nobody is signed in")]
    NoSession,

    /// Sign-ins end well, one after the other, and their sessions do not come back.
    #[error(
        "the browser does not send the session back that it was given; the log names the settings that decide it"
    )]
    SessionNotKept,

    /// A hook of the application turned the person away.
    #[error("a hook of the application turned the person away: {0}")]
    AccessDenied(Cow<'static, str>),

    /// A hook of the application failed, and with it the sign-in or the logout that it is part of.
    #[error("`{hook}` failed: {reason}")]
    HookFailed {
        /// The builder's method.
        hook: &'static str,
        /// Why.
        reason: String,
    },

    /// The session was changed when its cookie could no longer be set.
    #[error("the response's head is already sent: change the session before the response is returned")]
    ResponseStarted,

    /// A session was to be that of somebody else.
    #[error("the claims have another `sub` than the session: a session stays whose it is; sign in anew")]
    OtherSubject,

    /// A value for the session is of a kind that JSON has no words for.
    #[error("the value cannot be written as JSON: the keys of a map must be text, numbers or names")]
    NotJson,
    /// The library's routes do not stand where the settings say.
    #[error(
        "`monocloud_routes!` is mounted at a place that the settings do not know: the request came to `{found}`, and the settings have `{expected}`; merge it into the outermost router, nest it at the path of MONOCLOUD_AUTH_APP_URL, or set the routes' paths"
    )]
    MisplacedRoutes {
        /// The path of the request.
        found: String,
        /// The path of the settings.
        expected: String,
    },

    /// A handler asked for the session, but the layer is missing.
    #[error(
        "the request did not pass `auth.layer()`: add `.layer(auth.layer())` after every route and merge"
    )]
    MissingLayer,
}

impl Error {
    /// What a store did not do where a sign-out is not certain, as [`Error::StoreUnavailable`] says.
    pub(crate) const END_THE_SESSION: &'static str = "end the session";

    /// A sign-in is no handler's doing: what does not fit is what the issuer gave.
    pub(crate) fn at_sign_in(self) -> Self {
        match self {
            Self::SessionTooLarge { bytes, limit } => Self::SignInTooLarge { bytes, limit },
            Self::RecordTooLarge { bytes, limit } => Self::SignInTooLargeForStore { bytes, limit },
            other => other,
        }
    }

    pub(crate) fn malformed(endpoint: &'static str, reason: impl Into<String>) -> Self {
        Self::MalformedAnswer {
            endpoint,
            reason: reason.into(),
        }
    }

    pub(crate) fn unreachable(endpoint: &'static str, reason: impl Into<String>) -> Self {
        Self::Unreachable {
            endpoint,
            reason: reason.into(),
            source: None,
        }
    }
}
