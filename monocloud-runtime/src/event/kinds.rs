//! The kinds of events.

use http::Method;

/// Something worth an audit line or a counter: what
/// [`Builder::on_event`](crate::settings::Builder::on_event) gets.
///
/// No event holds a secret. What came from a request (`path`) or from the issuer (`sub`) may be any text, so
/// counters take the other members alone for labels: these have few values, which programs write.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Somebody signed in, and a session began.
    #[non_exhaustive]
    SignedIn {
        /// Who.
        sub: &'a str,
        /// Whether the browser had a session before, which is over now.
        replaced: bool,
    },
    /// A request to the sign-in route or the callback came to nothing.
    #[non_exhaustive]
    SignInFailed {
        /// The [code](crate::Error::code) of the error.
        code: &'static str,
    },
    /// A session ended before its time.
    #[non_exhaustive]
    SessionEnded {
        /// Whose it was.
        sub: &'a str,
        /// Why.
        why: SessionEnd,
    },
    /// The issuer ended sessions: from now on each is over for whoever brings it.
    #[non_exhaustive]
    LoggedOut {
        /// Whose they are, where the issuer said so.
        sub: Option<&'a str>,
        /// How it said so.
        by: Logout,
    },
    /// The tokens of a session were renewed.
    #[non_exhaustive]
    Refreshed {
        /// Whose they are.
        sub: &'a str,
    },
    /// A request came for a refresh that was under way for another request of the session.
    #[non_exhaustive]
    RefreshJoined {
        /// Whose tokens they are.
        sub: &'a str,
    },
    /// The tokens of a session were not renewed.
    #[non_exhaustive]
    RefreshFailed {
        /// Whose they are.
        sub: &'a str,
        /// The [code](crate::Error::code) of the error.
        code: &'static str,
    },
    /// A guard or an extractor let somebody not in.
    #[non_exhaustive]
    Denied {
        /// The guarded handler, such as `shop::orders::list`, or `auth.protect`, or `an extractor`, or
        /// `protected_routes` with the patterns of the entry.
        by: &'a str,
        /// `signed out`, `step-up`, `wrong group`, `cross site`, `missing scope`, `invalid token`, `several access tokens`,
        /// `no user`, `check` or `unreadable path`.
        why: &'static str,
        /// Who is signed in, if anybody.
        sub: Option<&'a str>,
        /// The groups that the guard asks for. Those of `auth.protect` may be any text.
        groups: &'a [&'a str],
        /// The request's method.
        method: &'a Method,
        /// The request's path, without its query.
        path: &'a str,
    },
    /// The issuer's keys were fetched.
    #[non_exhaustive]
    KeysRenewed {
        /// How many of them are understood.
        keys: usize,
    },
    /// The store of the sessions did not do what it was asked to.
    #[non_exhaustive]
    StoreUnavailable {
        /// What that was.
        doing: &'static str,
    },
    /// A call to the issuer had no answer.
    #[non_exhaustive]
    IssuerUnreachable {
        /// What was called.
        endpoint: &'static str,
    },
}

/// Why somebody is denied: another site made the browser send the request.
pub(crate) const CROSS_SITE: &str = "cross site";

/// Why a session ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionEnd {
    /// The person signed out.
    SignedOut,
    /// A handler ended it.
    Destroyed,
    /// A sign-in in the same browser took its place.
    Replaced,
    /// The issuer does not take its refresh token any more.
    RefreshRefused,
    /// The user signed in elsewhere, and had as many sessions as they may
    /// ([`Builder::max_sessions_per_user`](crate::settings::Builder::max_sessions_per_user)).
    Evicted,
}

/// How an issuer says that sessions are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Logout {
    /// By a logout token (OIDC Back-Channel Logout 1.0).
    BackChannel,
    /// By a page of its own that embeds one of the application's (OIDC Front-Channel Logout 1.0). Anybody can do the same
    /// who knows the `sid`.
    FrontChannel,
}

impl Event<'_> {
    /// The name of its kind, in snake case.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "signed_in",
            Self::SignInFailed { .. } => "sign_in_failed",
            Self::SessionEnded { .. } => "session_ended",
            Self::LoggedOut { .. } => "logged_out",
            Self::Refreshed { .. } => "refreshed",
            Self::RefreshJoined { .. } => "refresh_joined",
            Self::RefreshFailed { .. } => "refresh_failed",
            Self::Denied { .. } => "denied",
            Self::KeysRenewed { .. } => "keys_renewed",
            Self::StoreUnavailable { .. } => "store_unavailable",
            Self::IssuerUnreachable { .. } => "issuer_unreachable",
        }
    }
}

impl Logout {
    /// Its name, in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BackChannel => "back_channel",
            Self::FrontChannel => "front_channel",
        }
    }
}

impl SessionEnd {
    /// Its name, in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Destroyed => "destroyed",
            Self::Replaced => "replaced",
            Self::RefreshRefused => "refresh_refused",
            Self::Evicted => "evicted",
        }
    }
}
