//! Why a guard says no.

/// Why a guard said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeniedReason {
    /// Nobody is signed in, or not in the way that `accept` asks for.
    SignedOut,
    /// The user is in none of the groups, or not in all where all are needed.
    WrongGroup,
    /// The user is signed in, but longer ago, or by other means, than the guard asks for with `max_age` or
    /// `acr_values`.
    StepUp,
    /// The access token is no good: not the issuer's, not for this API, or over (RFC 6750 §3.1).
    InvalidToken,
    /// The request has several `Authorization` headers, one of them with an access token (RFC 6750 §3.1). The library
    /// answers that by itself.
    InvalidRequest,
    /// The access token, or the session's default one, lacks a scope that the guard asks for (RFC 6750 §3.1).
    MissingScope,
    /// The application's own `check` said no, or failed.
    CheckFailed,
    /// The access token is a client's own, and a person is asked for (RFC 9068 §5), as [`Auth::protect`](crate::Auth::protect)
    /// does.
    NoUser,
    /// It could not be found out who calls: the issuer, or the store of the sessions, cannot be asked. The library answers
    /// that by itself.
    Failed,
    /// Another site made the browser send the request (cross-site request forgery). The library
    /// answers that by itself.
    CrossSite,
    /// The path of the request cannot be read for certain, so it is not known which of the protected routes it is
    /// under. The library answers that by itself.
    UnreadablePath,
    /// It is the preflight of a call from another origin to a protected route, which brings nothing that says who asks.
    /// The library answers that by itself, with a 204 that allows nothing.
    Preflight,
}
