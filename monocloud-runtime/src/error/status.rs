//! What each error is called, and what it is to a browser.

use http::StatusCode;

use super::Error;

impl Error {
    /// A stable name for logs, metrics and `match`es on the error of another service.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::UnknownTransaction => "unknown_transaction",
            Self::Refused(_) => "refused",
            Self::WrongIssuer => "wrong_issuer",
            Self::InvalidGrant(_) => "invalid_grant",
            Self::NoRefreshToken => "no_refresh_token",
            Self::RefreshRefused(_) => "refresh_refused",
            Self::InvalidIdToken(_) => "invalid_id_token",
            Self::LoggedOut => "logged_out",
            Self::InvalidLogoutToken(_) => "invalid_logout_token",
            Self::LogoutNotShared => "logout_not_shared",
            Self::TooManyLogouts => "too_many_logouts",
            Self::LogoutNotKept(_) => "logout_not_kept",
            Self::NotConfirmed(_) => "not_confirmed",
            Self::UserInfoSubject => "userinfo_subject",
            Self::AccessTokenRefused(_) => "access_token_refused",
            Self::Endpoint { .. } => "endpoint_error",
            Self::MalformedAnswer { .. } => "malformed_answer",
            Self::IssuerMismatch { .. } => "issuer_mismatch",
            Self::MultiTenantIssuer { .. } => "multi_tenant_issuer",
            Self::Unreachable { .. } => "unreachable",
            Self::StoreUnavailable { .. } => "store_unavailable",
            Self::StoreCannot(_) => "store_cannot",
            Self::SessionTooLarge { .. } => "session_too_large",
            Self::SignInTooLarge { .. } => "sign_in_too_large",
            Self::RecordTooLarge { .. } => "record_too_large",
            Self::SignInTooLargeForStore { .. } => "sign_in_too_large_for_store",
            Self::CrossSite => "cross_site",
            Self::IntrospectionRefused(_) => "introspection_refused",
            Self::NoSession => "no_session",
            Self::SessionNotKept => "session_not_kept",
            Self::AccessDenied(_) => "access_denied",
            Self::HookFailed { .. } => "hook_failed",
            Self::ResponseStarted => "response_started",
            Self::OtherSubject => "other_subject",
            Self::NotJson => "not_json",
            Self::MisplacedRoutes { .. } => "misplaced_routes",
            Self::MissingLayer => "missing_layer",
        }
    }

    /// The status to answer with: 400 for what the browser carried or a token contained, 401 where only a sign-in
    /// helps, 403 for what is not allowed, 502 for an answer of the issuer that cannot be used, 503 where it or the
    /// sessions' store cannot be reached, 500 for what a handler did, and for settings that the issuer does not agree
    /// with. Returned from a handler, the error answers with it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest(_)
            | Self::UnknownTransaction
            | Self::Refused(_)
            | Self::WrongIssuer
            | Self::InvalidGrant(_)
            | Self::InvalidIdToken(_)
            | Self::LoggedOut
            | Self::InvalidLogoutToken(_)
            | Self::SignInTooLarge { .. }
            | Self::SignInTooLargeForStore { .. }
            | Self::SessionNotKept => StatusCode::BAD_REQUEST,
            Self::CrossSite | Self::AccessDenied(_) | Self::NotConfirmed(_) => StatusCode::FORBIDDEN,
            Self::NoSession | Self::NoRefreshToken | Self::RefreshRefused(_) => StatusCode::UNAUTHORIZED,
            Self::UserInfoSubject
            | Self::AccessTokenRefused(_)
            | Self::MultiTenantIssuer { .. }
            | Self::Endpoint { .. }
            | Self::MalformedAnswer { .. }
            | Self::IssuerMismatch { .. } => StatusCode::BAD_GATEWAY,
            Self::Unreachable { .. } | Self::StoreUnavailable { .. } | Self::TooManyLogouts => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::SessionTooLarge { .. }
            | Self::RecordTooLarge { .. }
            | Self::HookFailed { .. }
            | Self::LogoutNotShared
            | Self::LogoutNotKept(_)
            | Self::StoreCannot(_)
            | Self::IntrospectionRefused(_)
            | Self::ResponseStarted
            | Self::OtherSubject
            | Self::NotJson
            | Self::MisplacedRoutes { .. }
            | Self::MissingLayer => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
