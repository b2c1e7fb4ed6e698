//! The calls that the home page offers, one for each route below `/api` but `/api/sessions/{id}`, whose id nobody knows
//! before.

/// What a script of the page sends, and what it is for.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// JSON.
    pub(crate) body: Option<&'static str>,
    pub(crate) what: &'static str,
}

const fn call(
    method: &'static str,
    path: &'static str,
    body: Option<&'static str>,
    what: &'static str,
) -> Call {
    Call {
        method,
        path,
        body,
        what,
    }
}

pub(crate) const CALLS: &[Call] = &[
    call(
        "GET",
        "/api/me",
        None,
        "Your claims, under #[protect_api]; 401 without a session.",
    ),
    call("GET", "/api/admin", None, "For the group admin; others get 403."),
    call(
        "GET",
        "/api/step-up",
        None,
        "A minute after the sign-in: 401 with the challenge of RFC 9470.",
    ),
    call(
        "POST",
        "/api/orders",
        Some(r#"{"item":7,"count":2}"#),
        "For who may write orders, signed in or with an access token; the order comes back.",
    ),
    call(
        "GET",
        "/api/bearer",
        None,
        "For clients with an access token alone: a script of this page has none, and reads where to get one.",
    ),
    call(
        "GET",
        "/api/internal/any/path",
        None,
        "All below /api/internal is protected by the layer, for the groups admin and auditor.",
    ),
    call(
        "GET",
        "/api/access",
        None,
        "Who may do what on this site: the access report, for the group admin.",
    ),
    call(
        "GET",
        "/api/tokens",
        None,
        "Your tokens, renewed when it is time, and shown on this machine alone.",
    ),
    call(
        "GET",
        "/api/tokens?resource=https://orders.example.com&scopes=orders:read",
        None,
        "A token for one API and one scope. The embedded provider knows two APIs and this site; SHOWCASE_RESOURCES names others.",
    ),
    call(
        "POST",
        "/api/tokens",
        Some(r#"{"force_refresh":true,"refetch_user_info":true}"#),
        "Renews them now, and asks the issuer who you are.",
    ),
    call(
        "DELETE",
        "/api/tokens",
        None,
        "Takes them back at the issuer; the session goes on without.",
    ),
    call("GET", "/api/session", None, "Your session, without its tokens."),
    call(
        "PATCH",
        "/api/session",
        Some(r#"{"theme":"dark"}"#),
        "Keeps fields of the application's own in the session; null drops one.",
    ),
    call(
        "GET",
        "/api/sessions",
        None,
        "Where you are signed in; 501 where sessions are in cookies. MONOCLOUD_AUTH_SESSIONS_IN=memory keeps them here.",
    ),
    call(
        "DELETE",
        "/api/session",
        None,
        "Ends the session here, and not at the issuer.",
    ),
];
